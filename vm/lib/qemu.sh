# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# One QEMU: how it is started, asked and ended.

# have_kvm: hardware virtualisation that this process can use.
have_kvm() { grep -q -E '^flags.* (vmx|svm)( |$)' /proc/cpuinfo && [ -r /dev/kvm ] && [ -w /dev/kvm ]; }

# qemu_platform: which QEMU, machine, processor, console and words of the command line belong to KERNEL_ARCH.
qemu_platform() {
    QEMU=qemu-system-x86_64 QEMU_MACHINE=q35 QEMU_CONSOLE=ttyS0 QEMU_WORDS=" no_timer_check"
    # Without fast string instructions (ERMS, FSRM and the like): emulated, each byte that one fills is a round of its own, 4,096 for
    # clearing a page, and counted as an instruction; without them the kernel fills eight at a time. The tests of the RAM disk take
    # 6 to 8 % less time. All or none: Linux 6.1 does not start on a processor that has FSRM without ERMS.
    # Without AVX there is less state to save at each switch between threads, which is emulated, too: the service starts a quarter sooner.
    QEMU_CPU=max,-erms,-fsrm,-fzrm,-fsrs,-fsrc,-avx,-avx2
    [ "$KERNEL_ARCH" != arm64 ] || arm64_platform
    emulator "$QEMU"
    QEMU_MACHINE=${OPT_MACHINE:-$QEMU_MACHINE} QEMU_CPU=${OPT_CPU:-$QEMU_CPU}
}

# kernel_command_line: what the guest's kernel is told. Mitigations cost emulation time and protect nothing here.
kernel_command_line() {
    local words="console=$QEMU_CONSOLE loglevel=5 root=/dev/vda rw net.ifnames=0 mitigations=off$QEMU_WORDS"
    # QEMU translates a program's code for each address at which it is loaded: at random ones, each start of Node is translated
    # again, and takes twice as long.
    words+=" norandmaps"
    # So that an address means the same at each boot: see processors().
    words+=" nokaslr"
    # Memory is not cleared for those who do not ask for it, which would hide who forgot to ask.
    words+=" init_on_alloc=0"
    # An oops ends the machine, instead of leaving locks taken that the rest then waits for; lib/guard.sh switches off what panicked.
    # An emulated processor may take a minute for what a real one does in a second: a lockup or a stall is one after two minutes.
    words+=" oops=panic panic=0 hung_task_panic=1 watchdog_thresh=60 rcupdate.rcu_cpu_stall_timeout=120"
    words+=" systemd.show_status=no rd.udev.log_level=err audit=0 fsck.mode=skip random.trust_cpu=on"
    [ -z "$OPT_DEBUG" ] || words+=" slub_debug=FZPU page_poison=1 kfence.sample_interval=50"
    printf '%s %s' "$words" "$OPT_APPEND"
}

# qemu_start DIRECTORY: starts QEMU with the disks and the parts found there; it dies with the process that
# calls this, unless OPT_DEATH_SIGNAL is clear.
qemu_start() {
    local dir=$1 accelerator cpu arguments
    qemu_platform
    if [ "$KERNEL_ARCH" = amd64 ] && have_kvm && [ -z "$OPT_ICOUNT" ]; then
        accelerator=kvm cpu=host
    elif [ -n "$OPT_ICOUNT" ]; then
        accelerator=tcg,thread=single cpu=$QEMU_CPU
    else
        accelerator=tcg,thread=multi cpu=$QEMU_CPU
    fi
    # shellcheck disable=SC2054 # commas are QEMU's
    arguments=(
        -name "rapiddisk-$(basename "$dir")" -machine "$QEMU_MACHINE" -accel "$accelerator" -cpu "$cpu"
        -smp "$OPT_CPUS" -m "$OPT_MEMORY" -nodefaults -no-user-config -display none -vga none
        -kernel "$KERNEL_IMAGE" -initrd "$dir/initrd" -append "$(kernel_command_line)"
        -chardev "file,id=console,path=$dir/console.log,append=on" -serial chardev:console
        -device virtio-serial-pci -chardev "file,id=ready,path=$dir/ready,append=on"
        -device virtserialport,chardev=ready,name=vm.ready
        -chardev "socket,id=monitor,path=$dir/monitor,server=on,wait=off" -mon chardev=monitor,mode=readline
        -device virtio-rng-pci
        -netdev "user,id=net,restrict=on,ipv6=off,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:9090,hostfwd=tcp:127.0.0.1:0-:9118"
        -device virtio-net-pci,netdev=net,romfile=
        -drive "if=none,id=root,file=$dir/root.qcow2,format=qcow2,cache=unsafe,discard=unmap"
        -device virtio-blk-pci,drive=root,serial=root
        -drive "if=none,id=plain,file=$dir/plain.img,format=raw,cache=unsafe,discard=unmap"
        -device virtio-blk-pci,drive=plain,serial=scratch-plain
        -drive "if=none,id=native4k,file=$dir/4kn.img,format=raw,cache=unsafe,discard=unmap"
        -device virtio-blk-pci,drive=native4k,serial=scratch-4kn,logical_block_size=4096,physical_block_size=4096
    )
    # shellcheck disable=SC2054
    [ -z "$OPT_ICOUNT" ] || arguments+=(-icount shift=2,align=off,sleep=on)
    printf '%q ' "${EMULATOR[@]}" "${arguments[@]}" >"$dir/qemu.command"
    # A machine that outlives its starter is ended by lib/guard.sh; any other one by the kernel.
    setpriv --pdeathsig "$OPT_DEATH_SIGNAL" "${EMULATOR[@]}" "${arguments[@]}" "${OPT_QEMU[@]}" \
        >"$dir/qemu.log" 2>&1 </dev/null &
    echo $! >"$dir/qemu.pid"
}

# qemu_alive DIRECTORY
qemu_alive() { kill -0 "$(cat "$1/qemu.pid")" 2>/dev/null; }

# qemu_ask DIRECTORY COMMAND: the answer of QEMU's monitor.
qemu_ask() { node "$VM_DIR/lib/monitor.mjs" "$1/monitor" "$2"; }

# qemu_stop DIRECTORY: ends QEMU at once; the guest's disks are thrown away anyway.
qemu_stop() {
    local pid tries=0
    pid=$(cat "$1/qemu.pid" 2>/dev/null) || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    while kill -0 "$pid" 2>/dev/null && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -KILL "$pid" 2>/dev/null || true
}
