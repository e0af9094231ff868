# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# One start of the sanitizer kernel: what it needs in a work directory, and the start itself. Sourced by ./run after
# ./lib.sh, with KERNEL_ROOT set. The work directory is /build inside.

# shellcheck source=../../../vm/lib/modules.sh
. "$REPO_DIR/vm/lib/modules.sh"
# shellcheck source=../../../vm/lib/verdict.sh
. "$REPO_DIR/vm/lib/verdict.sh"
# shellcheck source=reports.sh
. "$UML_DIR/reports.sh"

UML_MEMORY=${UML_MEMORY:-1536}

# uml_prepare WORK: sources of the modules in WORK/source, for the caller to change; tests and their tools.
uml_prepare() {
    local work=$1
    mkdir -p "$work/source" "$work/modules" "$work/out" "$work/programs/tree/machine"
    copy_sources "$REPO_DIR/kernel" "$work/source"
    cp -r "$REPO_DIR"/test/machine/{lib.sh,ramdisk,cache} "$work/programs/tree/machine/"
    cp -r "$UML_DIR/suite" "$work/programs/tree/machine/uml"
    mkdir "$work/c"
    cp "$REPO_DIR"/test/machine/*/src/* "$UML_DIR"/src/* "$work/c/"
    install -m 755 "$REPO_DIR"/vm/guest-tools/* "$work/programs/"
    install -m 755 "$UML_DIR/guest" "$work/"
    printf '%s\n' "$UML_KIND" >"$work/kind"
    [ "$UML_KIND" != kcsan ] || cp -r "$UML_DIR/race-control" "$work/"
    # KCSAN's reports are checked all together, by kcsan.sh.
    if [ "$UML_KIND" = kcsan ]; then KERNEL_COMPLAINTS=${KERNEL_COMPLAINTS/|BUG:|/|BUG: ([^K]|K[^C])|}; fi
    printf '%s\n' "$KERNEL_COMPLAINTS|$UML_COMPLAINTS" >"$work/programs/complaints"
}

# uml_compile WORK: modules and programs.
uml_compile() {
    # shellcheck disable=SC2016 # expanded inside
    in_kernel_root "$1" sh -c '
        set -e
        cd /build
        make -s -j"$(nproc)" ARCH=um -C /linux M=/build/source RAPIDDISK_VERSION="$1" modules
        cp source/*.ko modules/
        if [ -d race-control ]; then
            make -s ARCH=um -C /linux M=/build/race-control modules
            cp race-control/*.ko modules/
        fi
        for source in c/*.c; do
            [ ! -e "programs/$(basename "$source" .c)" ] || continue
            gcc -std=gnu11 -O2 -Wall -Wextra -pthread -o "programs/$(basename "$source" .c)" "$source" -laio
        done' sh "$(product_version)" >&2
}

# uml_boot WORK SECONDS: runs WORK/tests; TAP comes to standard output and WORK/out/tap, the kernel's messages to
# WORK/console.log. The kernel is a few processes in a name space that ends with us; its memory is a file in a tmpfs of its own.
uml_boot() {
    local work=$1 seconds=$2 kernel
    mkdir -p "$work/out"
    : >"$work/out/tap"
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -c '
        root=$1 work=$2 memory=$3 seconds=$4
        mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" && mount --bind "$work" "$root/build" &&
            mount -t tmpfs -o "mode=1777,size=$((memory + 64))M" tmpfs "$root/tmp" || exit
        echo $$ >"$work/pid"
        exec timeout --signal=KILL "$seconds" setpriv --pdeathsig KILL unshare --pid --fork --kill-child=KILL \
            chroot "$root" /usr/bin/env -i TMPDIR=/tmp HOME=/tmp PATH=/usr/bin /linux/linux \
            "mem=${memory}M" ncpus=2 seccomp=on root=/dev/root rootfstype=hostfs rootflags=/ ro init=/build/guest \
            con=null con0=null,fd:2 ssl=null page_owner=on
    ' sh "$KERNEL_ROOT" "$work" "$UML_MEMORY" "$seconds" </dev/null 2>&1 >/dev/null | sed -u 's/\r//g' >"$work/console.log" &
    kernel=$!
    tail -n +1 --follow --sleep-interval=0.3 --pid="$kernel" "$work/out/tap" &
    uml_watch "$work" &
    wait "$kernel" || true # not for tail in the foreground: a signal to us must end it all at once
    rm -f "$work/pid"
    wait
}

# uml_watch WORK: ends a kernel that takes much more of the host's memory than its own and KASAN's: that was seen once, under a
# load that made its clock jump, and took all that the host had.
uml_watch() {
    local work=$1 pid taken
    while sleep 3 && [ -s "$work/pid" ]; do
        pid=$(pgrep -P "$(pgrep -d, -P "$(cat "$work/pid")")" 2>/dev/null | head -n 1)
        taken=$(awk '/^RssAnon/ { print int($2 / 1024) }' "/proc/$pid/status" 2>/dev/null)
        [ "${taken:-0}" -gt $((2 * UML_MEMORY)) ] || continue
        echo "uml: ended, since it took $taken MiB beside its own memory" >>"$work/console.log"
        uml_stop "$work"
    done
}

# uml_stop WORK: ends the kernel of an interrupted run; everything inside goes with the process that waits for it
uml_stop() {
    if [ -s "$1/pid" ]; then kill -KILL "$(cat "$1/pid")" 2>/dev/null; fi
}
