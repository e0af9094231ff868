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

# uml_root: sets KERNEL_ROOT, the place for the root of today's inputs.
uml_root() {
    KERNEL_ROOT=$CACHE_DIR/root-$({
        echo "$UML_SOURCE $UML_PACKAGES"
        cat "$UML_DIR/config" "$UML_DIR/compile" "$UML_DIR/linux.patch"
    } | hash_of)
}

# uml_ready: the kernel is there, nothing needs to be built.
uml_ready() { [ -e "$KERNEL_ROOT/.complete" ]; }

# uml_build: builds it once.
uml_build() { with_lock root build_uml_root; }

build_uml_root() {
    local work=$KERNEL_ROOT.work log=$CACHE_DIR/build.log started=$SECONDS
    uml_ready && used "$KERNEL_ROOT" && return 0
    remove_tree "$work" "$KERNEL_ROOT"
    mkdir -p "$work"
    say "Fetching Debian with $UML_SOURCE and a compiler (once, about a minute)…"
    bootstrap trixie-backports "$UML_PACKAGES,$UML_SOURCE" "$work" || return 1
    as_root mkdir -p "$work/build" "$work/linux"
    as_root ln -s /build/programs "$work/usr/lib/rapiddisk-test"
    say "Compiling the kernel (once, 13 minutes of CPU time)…"
    mkdir -p "$CACHE_DIR/input"
    cp "$UML_DIR/config" "$UML_DIR/compile" "$UML_DIR/linux.patch" "$CACHE_DIR/input/"
    KERNEL_ROOT=$work in_kernel_root "$CACHE_DIR/input" sh /build/compile "/usr/src/$UML_SOURCE.tar.xz" >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        say "the kernel does not compile; all of it is in $log"
        return 1
    }
    sed -n 's/^uml: //p' "$log" | while read -r line; do say "$line"; done
    as_root touch "$work/.complete"
    as_root mv "$work" "$KERNEL_ROOT"
    say "The sanitizer kernel is ready after $((SECONDS - started)) s"
    prune 'root-*' "$KERNEL_ROOT"
}
