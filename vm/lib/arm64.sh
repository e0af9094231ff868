# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
# shellcheck disable=SC2034 # read by the files that source this one
#
# What is different for an arm64 kernel on an amd64 host: a cross compiler in the kernel root, a userland that is unpacked but
# never configured (nothing of it runs here), another QEMU, and which tests are run.

ARM64_CROSS=aarch64-linux-gnu-
# The host's own tools, a compiler for arm64, and for arm64 what the tests' programs link with and the initramfs runs.
ARM64_TOOLS=make,gcc,libc6-dev,gcc-aarch64-linux-gnu,sparse,kmod,mawk,perl-base,cpio,xz-utils,zstd
ARM64_TOOLS+=,dash,bash,coreutils,sed,grep,findutils,diffutils,tar,gzip,base-files
ARM64_TOOLS+=,libc6-dev:arm64,libaio-dev:arm64,busybox-static:arm64

# Machine tests that the arm64 run has besides those with '# level: smoke': what is sensitive to the order of stores and loads,
# to the size of a page, or both.
ARM64_TESTS=(cache/races.sh cache/table.sh cache/faults.sh cache/limits.sh ramdisk/direct-io.sh ramdisk/discard.sh
    ramdisk/erase.sh ramdisk/resize.sh)

# arm64_smoke TEST: it is one of these.
arm64_smoke() { printf '%s\n' "${ARM64_TESTS[@]}" | grep -qxF "$1"; }

# arm64_lacks TEST: why it cannot run there; status 1 when it can.
arm64_lacks() {
    case $1 in
        cache/* | ramdisk/*) return 1 ;;
        *) echo "the arm64 guest has the modules, without the service and what it needs" ;;
    esac
}

# arm64_kernel_tree SUITE PACKAGES: fills KERNEL_ROOT. The kernel's own packages depend on a compiler that runs on arm64, so
# they are unpacked without what they ask for; the scripts of its build and the common headers are the host's.
arm64_kernel_tree() {
    local base=${KERNEL_VERSION%-arm64*} names
    names="${2//,/:arm64 }:arm64 "
    # shellcheck disable=SC2016 # expanded by mmdebstrap's shell
    bootstrap "$1" "$ARM64_TOOLS,linux-kbuild-$base,linux-headers-$base-common" "$KERNEL_ROOT" --variant=extract \
        --architectures=amd64,arm64 --extract-hook='cd "$1" && export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG" &&
            apt-get -qq -o APT::Sandbox::User=root download '"$names"'&& for package in linux-*.deb; do
                dpkg-deb --extract "$package" . && rm "$package" || exit; done'
}

# arm64_userland: builds it once; sets USERLAND to its directory.
arm64_userland() {
    local key
    key=$({ sed '/^#/d' "$VM_DIR/packages-arm64.txt"; cat "$VM_DIR/customize-arm64.sh"; echo "$IMAGE_SUITE"; } | hash_of)
    USERLAND=$CACHE_DIR/userland-arm64-$key
    with_lock userland-arm64 build_arm64_userland || die "cannot build the arm64 userland"
}

build_arm64_userland() {
    local started=$SECONDS packages
    [ -e "$USERLAND/.complete" ] && used "$USERLAND" && return 0
    say "Building the arm64 image (once, about 60 s)…"
    remove_tree "$USERLAND"
    packages=$(sed '/^#/d' "$VM_DIR/packages-arm64.txt" | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
    bootstrap "$IMAGE_SUITE" "$packages" "$USERLAND" --variant=extract --architectures=arm64 || return 1
    as_root sh "$VM_DIR/customize-arm64.sh" "$USERLAND" || return 1
    as_root touch "$USERLAND/.complete" || return 1
    say "The arm64 userland is ready after $((SECONDS - started)) s"
    prune "userland-arm64-$HASHED" "$USERLAND"
}

# arm64_platform: the part of qemu_platform. A Neoverse N1 has the atomic instructions and the page sizes that are tested, and
# neither pointer authentication nor vectors of any length, which cost time when emulated.
arm64_platform() {
    QEMU=qemu-system-aarch64 QEMU_MACHINE=virt,gic-version=3 QEMU_CPU=neoverse-n1 QEMU_CONSOLE=ttyAMA0 QEMU_WORDS=
}
