# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Everything together: sourced by the commands in vm/.

LIB_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=common.sh
. "$LIB_DIR/common.sh"
# shellcheck source=options.sh
. "$LIB_DIR/options.sh"
# shellcheck source=mirror.sh
. "$LIB_DIR/mirror.sh"
# shellcheck source=arm64.sh
. "$LIB_DIR/arm64.sh"
# shellcheck source=kernel.sh
. "$LIB_DIR/kernel.sh"
# shellcheck source=image.sh
. "$LIB_DIR/image.sh"
# shellcheck source=modules.sh
. "$LIB_DIR/modules.sh"
# shellcheck source=payload.sh
. "$LIB_DIR/payload.sh"
# shellcheck source=emulator.sh
. "$LIB_DIR/emulator.sh"
# shellcheck source=qemu.sh
. "$LIB_DIR/qemu.sh"
# shellcheck source=session.sh
. "$LIB_DIR/session.sh"
# shellcheck source=verdict.sh
. "$LIB_DIR/verdict.sh"

# machine_build: all that a boot needs, from the cache where nothing changed.
machine_build() {
    local builder
    if [ "$(kernel_arch "$OPT_KERNEL")" = arm64 ]; then
        "$VM_DIR/deps.sh" arm64 || die "no emulator for $OPT_KERNEL"
        OPT_PRODUCT=
    fi
    # The two that take long, side by side. The second is a process of its own, so that it can be told when we end.
    setpriv --pdeathsig TERM "$VM_DIR/prepare" --userland --kernel "$OPT_KERNEL" \
        ${OPT_PACKAGES:+--packages "$OPT_PACKAGES"} >/dev/null &
    builder=$!
    kernel_root "$OPT_KERNEL"
    wait "$builder" || die "cannot build the Debian userland"
    image
    # shellcheck disable=SC2119 # no arguments for make
    build_modules || die "no modules"
    build_programs || die "no test programs"
    boot_part
    product_part
    KERNEL_IMAGE=$KERNEL_ROOT/boot/vmlinuz-$KERNEL_VERSION
}

# machine_boot OWNER: boots into a directory of its own; sets MACHINE to it. When the process OWNER ends, for whatever
# reason, the machine and its directory go too.
#
# A kernel that stands still before its first program, which only the emulator can have made it do, is booted once more.
machine_boot() {
    local owner=$1 started=$SECONDS
    MACHINE=$(mktemp -d "${TMPDIR:-/tmp}/rapiddisk-vm.XXXXXX")
    mv "$PRODUCT_PART" "$MACHINE/product.cpio"
    run_part "$MACHINE"
    cat "$BOOT_PART" "$MACHINE/product.cpio" "$MACHINE/run.cpio" >"$MACHINE/initrd"
    rm "$MACHINE/product.cpio" "$MACHINE/run.cpio"
    qemu-img create -q -f qcow2 -F raw -b "$IMAGE" "$MACHINE/root.qcow2" || die "cannot create the disk of the guest"
    truncate --size=1G "$MACHINE/plain.img"
    truncate --size=512M "$MACHINE/4kn.img"
    printf '%s\n' "$KERNEL_VERSION" >"$MACHINE/kernel"
    say "Booting Debian with Linux $KERNEL_VERSION…"
    qemu_start "$MACHINE"
    setsid "$VM_DIR/lib/guard.sh" "$owner" "$MACHINE" </dev/null >/dev/null 2>&1 &
    if ! wait_first_program "$MACHINE"; then
        keep_failed_boot "$MACHINE" first-program
        say "The kernel stood still before its first program; it is booted once more (see $OUT_DIR/failed-boot/first-program)"
        : >"$MACHINE/restarting"
        qemu_stop "$MACHINE"
        rm "$MACHINE/console.log"
        qemu_start "$MACHINE"
        rm "$MACHINE/restarting"
    fi
    if ! wait_ready "$MACHINE" 1 "$OPT_READY_SECONDS" || ! find_ports "$MACHINE"; then
        keep_failed_boot "$MACHINE" .
        machine_stop "$MACHINE"
        die "the machine did not come up; its console is in $OUT_DIR/failed-boot"
    fi
    kernel_knows_words "$MACHINE"
    say "Ready after $((SECONDS - started)) s ($(tail -n 1 "$MACHINE/ready"))"
}

# keep_failed_boot DIRECTORY NAME: what can be learned of a boot that failed, into out/vm/failed-boot/NAME.
keep_failed_boot() {
    local to=$OUT_DIR/failed-boot/$2
    mkdir -p "$to"
    cp "$1/console.log" "$1/qemu.log" "$1/qemu.command" "$to/"
    ! qemu_alive "$1" || processors "$1" | tee "$to/processors.log" >&2
}

# kernel_knows_words DIRECTORY: the kernel there knew every word of its command line. One that it does not know does nothing,
# and it says so in its log only. nokaslr is for what unpacks the kernel; the kernel itself does not know it.
kernel_knows_words() {
    local unknown
    unknown=$(guest "$1" 'dmesg | sed -n "s/.*Unknown kernel command line parameters \"\(.*\)\", will be.*/\1/p"' |
        tr -s ' ' '\n' | grep -v -x -e nokaslr -e '' | tr '\n' ' '; exit "${PIPESTATUS[0]}") || {
        machine_stop "$1"
        die "the guest does not take connections"
    }
    [ -n "$unknown" ] || return 0
    machine_stop "$1"
    die "the kernel does not know a word of ours: $unknown"
}

# machine_stop DIRECTORY: ends it and removes its directory.
machine_stop() {
    disconnect "$1"
    qemu_stop "$1"
    rm -rf "$1"
}

# machine_reboot DIRECTORY [--crash]: reboots the guest, disks kept, and waits for it.
machine_reboot() {
    local dir=$1 boots
    boots=$(grep -c '^ready ' "$dir/ready")
    if [ "${2:-}" = --crash ]; then
        qemu_ask "$dir" system_reset
    else
        guest "$dir" 'systemctl reboot' || true
    fi
    disconnect "$dir"
    wait_ready "$dir" $((boots + 1)) "$OPT_READY_SECONDS" || die "the machine did not come back"
    guest "$dir" true || die "the guest does not take connections"
}

# machine_json DIRECTORY: where everything is, for programs.
machine_json() {
    local dir=$1
    cat <<JSON
{
    "dir": "$dir",
    "kernel": "$(cat "$dir/kernel")",
    "ssh": "$VM_DIR/ssh $dir",
    "sshPort": $(cat "$dir/port.ssh"),
    "cockpitPort": $(cat "$dir/port.cockpit"),
    "restPort": $(cat "$dir/port.rest"),
    "adminPassword": "$(cat "$dir/password")",
    "pid": $(cat "$dir/qemu.pid")
}
JSON
}
