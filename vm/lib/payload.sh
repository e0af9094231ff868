# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# The initramfs, in three parts that the kernel reads one after another: the part that boots (cached for each kernel),
# the product (modules, `make install`, tests: cached until they change) and what belongs to one run (keys).

# pack DIRECTORY FILE: a cpio of it, everything owned by root.
pack() { (cd "$1" && find . -print0 | LC_ALL=C sort -z | cpio --quiet -0 -o -H newc -R 0:0) >"$2"; }

# boot_part: sets BOOT_PART. Needs kernel_root, guest_modules and build_modules (for the module indexes).
boot_part() {
    BOOT_PART=$CACHE_DIR/boot-$KERNEL_VERSION-$({ hash_files "$VM_DIR/initramfs" "$VM_DIR/lib/payload.sh"; echo "$KERNEL_ROOT"; } | hash_of).cpio
    with_lock "boot-$KERNEL_VERSION" build_boot_part || die "cannot build the initramfs"
}

build_boot_part() {
    local tree=$BOOT_PART.tree module name
    [ -e "$BOOT_PART" ] && return 0
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,dev,proc,root,modules,payload}
    cp "$KERNEL_ROOT/usr/bin/busybox" "$tree/bin/busybox" 2>/dev/null || cp "$KERNEL_ROOT/bin/busybox" "$tree/bin/busybox"
    for name in sh mount umount insmod sleep cp sed rm sync poweroff switch_root; do
        ln -s busybox "$tree/bin/$name"
    done
    cp "$VM_DIR/initramfs/init" "$tree/init"
    # The order in which modprobe would load them, without their compression.
    for module in virtio_pci virtio_blk crc32c_generic ext4; do
        modprobe_order "$module"
    done | awk '!seen[$0]++' | while read -r module; do
        name=$(basename "$module" .xz)
        case $module in
            *.xz) xz --decompress --stdout "$GUEST_MODULES/$module" >"$tree/modules/$name" ;;
            *) cp "$GUEST_MODULES/$module" "$tree/modules/$name" ;;
        esac
        echo "$name" >>"$tree/modules/order"
    done
    pack "$tree" "$BOOT_PART.part" || return 1
    mv "$BOOT_PART.part" "$BOOT_PART"
    rm -rf "$tree"
    prune "boot-$KERNEL_VERSION-$HASHED" "$BOOT_PART"
}

# modprobe_order MODULE: its file and those it needs, dependencies first, relative to GUEST_MODULES.
modprobe_order() {
    local index=$MODULES/usr/lib/modules/$KERNEL_VERSION/modules.dep line file
    line=$(grep -E "/${1}\.ko(\.xz|\.zst)?:" "$index") || return 0
    for file in $(tr ' ' '\n' <<<"${line#*:}" | tac); do
        echo "usr/lib/modules/$KERNEL_VERSION/$file"
    done
    echo "usr/lib/modules/$KERNEL_VERSION/${line%%:*}"
}

# product_part: sets PRODUCT_PART, what a change of the code changes. Needs build_modules and build_programs.
product_part() {
    local stage
    stage=$(mktemp -d "$CACHE_DIR/stage.XXXXXX")
    if [ -z "$OPT_PRODUCT" ]; then
        say "Without the product: modules, their names of devices, and tests only"
        install -D -m 644 -t "$stage/usr/lib/udev/rules.d" "$REPO_DIR"/kernel/udev/*.rules
    elif [ ! -e "$REPO_DIR/dist/rapiddiskd.cjs" ]; then
        say "The service is not built (run 'make'): the guest gets modules and tests only"
    else
        if ! make -s -C "$REPO_DIR" install DESTDIR="$stage" PREFIX=/usr >"$stage.log" 2>&1; then
            cat "$stage.log" >&2
            rm -rf "$stage" "$stage.log"
            die "'make install' failed"
        fi
    fi
    rm -f "$stage.log"
    chmod 755 "$stage"
    merge_usr "$stage"
    cp -a "$VM_DIR/overlay/." "$stage/"
    mkdir -p "$stage/usr/lib/rapiddisk-test/tree"
    cp -a "$MODULES/usr" "$stage/"
    find "$PROGRAMS" -type f ! -name .complete -exec cp -t "$stage/usr/lib/rapiddisk-test" {} +
    cp -a "$VM_DIR/guest-tools/." "$stage/usr/lib/rapiddisk-test/"
    printf '%s\n' "$KERNEL_COMPLAINTS" >"$stage/usr/lib/rapiddisk-test/complaints"
    if [ -d "$REPO_DIR/dist/test" ]; then
        cp -a "$REPO_DIR/dist/test/." "$stage/usr/lib/rapiddisk-test/"
    fi
    if [ -d "$REPO_DIR/test" ]; then
        cp -a "$REPO_DIR/test/." "$stage/usr/lib/rapiddisk-test/tree/"
    fi
    enable_units "$stage"
    mkdir "$stage.root"
    mv "$stage" "$stage.root/payload"
    PRODUCT_PART=$stage.cpio
    pack "$stage.root" "$PRODUCT_PART"
    rm -rf "$stage.root"
}

# merge_usr TREE: /bin, /sbin and /lib are links in the guest, so what was installed there goes below /usr.
merge_usr() {
    local name
    for name in bin sbin lib lib64; do
        [ -d "$1/$name" ] || continue
        mkdir -p "$1/usr/$name"
        cp -a "$1/$name/." "$1/usr/$name/"
        rm -rf "${1:?}/$name"
    done
}

# enable_units TREE: what a package's postinst does with `systemctl enable`: the units that ask for it in [Install].
enable_units() {
    local unit target
    for unit in "$1"/usr/lib/systemd/system/rapiddisk* "$1"/etc/systemd/system/vm-*; do
        [ -f "$unit" ] || continue
        sed -n 's/^WantedBy=//p' "$unit" | tr ' ' '\n' | while read -r target; do
            mkdir -p "$1/etc/systemd/system/$target.wants"
            ln -sf "${unit#"$1"}" "$1/etc/systemd/system/$target.wants/"
        done
    done
}

# run_part DIRECTORY: writes DIRECTORY/run.cpio: the keys, the password and the identity of one run.
run_part() {
    local dir=$1 tree=$1/run-part
    mkdir -p "$tree/payload/root/.ssh" "$tree/payload/etc/ssh"
    ssh-keygen -q -t ed25519 -N '' -C "rapiddisk-vm" -f "$dir/key"
    ssh-keygen -q -t ed25519 -N '' -C "rapiddisk-vm guest" -f "$dir/host_key"
    cp "$dir/key.pub" "$tree/payload/root/.ssh/authorized_keys"
    cp "$dir/host_key" "$tree/payload/etc/ssh/vm_host_ed25519_key"
    chmod 700 "$tree/payload/root" "$tree/payload/root/.ssh"
    chmod 600 "$tree/payload/etc/ssh/vm_host_ed25519_key" "$tree/payload/root/.ssh/authorized_keys"
    tr -d '-' </proc/sys/kernel/random/uuid >"$tree/payload/etc/machine-id"
    (umask 077 && openssl rand -hex 6 >"$dir/password")
    openssl passwd -6 -stdin <"$dir/password" >"$tree/payload/etc/vm-admin-password"
    pack "$tree" "$dir/run.cpio"
    rm -rf "$tree"
}
