# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# The sanitizer kernel's root: a Debian tree with the kernel, its build directory, a compiler and what the tests run.
# Sourced by ./build and ./run. Stands on the builder of the virtual machine's roots, in vm/lib.

UML_DIR=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
RAPIDDISK_VM_CACHE=${RAPIDDISK_UML_CACHE:-$(cd -- "$UML_DIR/../../.." && pwd)/.cache/uml}
# shellcheck source=../../../vm/lib/common.sh
. "$UML_DIR/../../../vm/lib/common.sh"
# shellcheck source=../../../vm/lib/mirror.sh
. "$UML_DIR/../../../vm/lib/mirror.sh"
# shellcheck source=../../../vm/lib/kernel.sh
. "$UML_DIR/../../../vm/lib/kernel.sh"
say() { printf 'uml: %s\n' "$*" >&2; }

UML_SOURCE=linux-source-7.3
UML_PACKAGES=gcc,make,libc6-dev,bc,flex,bison,libelf-dev,libssl-dev,perl-base,python3-minimal,xz-utils,kmod,procps,patch
UML_PACKAGES+=,util-linux,fdisk,fio,e2fsprogs,xfsprogs,dmsetup,libaio-dev,mount,psmisc

# Which of the two kernels: kasan (with lockdep, kmemleak and the others) or kcsan, which cannot be in one kernel with it.
UML_KIND=${UML_KIND:-kasan}

# uml_input FILE: prints the configuration, the patch or the script that the kernel is made with.
uml_input() {
    case $UML_KIND:$1 in
        kcsan:config)
            # A line of config.kcsan replaces the one in config that is about the same option.
            awk '{ option = match($0, /CONFIG_[A-Z0-9_]+/) && /^(CONFIG_|# CONFIG_.* is not set)/ ? substr($0, RSTART, RLENGTH) : "" }
                NR == FNR { if (option != "") taken[option] = 1; next }
                option == "" || !(option in taken)' "$UML_DIR/config.kcsan" "$UML_DIR/config"
            cat "$UML_DIR/config.kcsan"
            ;;
        kcsan:linux.patch) cat "$UML_DIR/linux.patch" "$UML_DIR/kcsan.patch" ;;
        *) cat "$UML_DIR/$1" ;;
    esac
}

# uml_root: sets KERNEL_ROOT, the place for the root of today's inputs.
uml_root() {
    local name=root
    [ "$UML_KIND" = kasan ] || name=$UML_KIND
    KERNEL_ROOT=$CACHE_DIR/$name-$({
        echo "$UML_SOURCE $UML_PACKAGES"
        for file in config compile linux.patch; do uml_input $file; done
    } | hash_of)
}

# uml_ready: the kernel is there, nothing needs to be built.
uml_ready() { [ -e "$KERNEL_ROOT/.complete" ]; }

# uml_build: builds it once.
uml_build() { with_lock "$(basename "${KERNEL_ROOT%-*}")" build_uml_root; }

build_uml_root() {
    local work=$KERNEL_ROOT.work log=$CACHE_DIR/build.log input=$CACHE_DIR/input started=$SECONDS file
    [ "$UML_KIND" = kasan ] || log=$CACHE_DIR/build-$UML_KIND.log input=$CACHE_DIR/input-$UML_KIND
    uml_ready && used "$KERNEL_ROOT" && return 0
    remove_tree "$work" "$KERNEL_ROOT"
    mkdir -p "$work"
    say "Fetching Debian with $UML_SOURCE and a compiler (once, about a minute)…"
    bootstrap trixie-backports "$UML_PACKAGES,$UML_SOURCE" "$work" || return 1
    as_root mkdir -p "$work/build" "$work/linux"
    as_root ln -s /build/programs "$work/usr/lib/rapiddisk-test"
    say "Compiling the kernel (once, 13 minutes of CPU time)…"
    mkdir -p "$input"
    for file in config compile linux.patch; do uml_input $file >"$input/$file"; done
    KERNEL_ROOT=$work in_kernel_root "$input" sh /build/compile "/usr/src/$UML_SOURCE.tar.xz" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        say "the kernel does not compile; all of it is in $log"
        return 1
    }
    sed -n 's/^uml: //p' "$log" | while read -r line; do say "$line"; done
    as_root touch "$work/.complete"
    as_root mv "$work" "$KERNEL_ROOT"
    say "The sanitizer kernel is ready after $((SECONDS - started)) s"
    prune "$(basename "${KERNEL_ROOT%-*}")-*" "$KERNEL_ROOT"
}
