# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What is compiled for the guest: the kernel modules, and the small C programs of the machine tests.

# A build in the source tree, for another kernel perhaps, leaves these behind.
BUILT=(-name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' -o -name '*.a'
    -o -name modules.order -o -name Module.symvers)

# hash_sources DIRECTORY: stands for the sources in it.
hash_sources() {
    [ "$1" != none ] || return 0
    (cd "$1" && find . -type f ! \( "${BUILT[@]}" \) ! -path './tests/*' -print0 | LC_ALL=C sort -z | xargs -0 -r sha256sum)
}

# copy_sources FROM TO
copy_sources() {
    (cd "$1" && find . -type f ! \( "${BUILT[@]}" \) ! -path './tests/*' -print0 | tar --null -T - -cf -) | tar -C "$2" -xf -
}

# The version of the product, which the modules carry, too.
product_version() { sed -n 's/^ *"version": "\(.*\)",/\1/p' "$REPO_DIR/package.json"; }

# build_modules [make arguments]: compiles OPT_MODULES for KERNEL_VERSION; sets MODULES to a directory that holds
# usr/lib/modules/VERSION with the modules and the module indexes. Needs kernel_root and guest_modules.
build_modules() {
    MODULES=$CACHE_DIR/modules-$KERNEL_VERSION-$({ hash_sources "$OPT_MODULES"; echo "$KERNEL_ROOT $(product_version) $*"; } | hash_of)
    with_lock "modules-$KERNEL_VERSION" compile_modules "$@"
}

compile_modules() {
    local work=$MODULES.work log=$MODULES.log started=$SECONDS
    [ -e "$MODULES/.complete" ] && used "$MODULES" && return 0
    remove_tree "$work" "$MODULES"
    mkdir -p "$work"
    [ "$OPT_MODULES" = none ] || copy_sources "$OPT_MODULES" "$work" || return 1
    if [ -e "$work/Kbuild" ] || [ -e "$work/Makefile" ]; then
        say "Compiling the modules for $KERNEL_VERSION…"
        if ! in_kernel_root "$work" make -j"$(nproc)" -C "/usr/lib/modules/$KERNEL_VERSION/build" M=/build RAPIDDISK_VERSION="$(product_version)" \
            ${KERNEL_CROSS:+ARCH="$KERNEL_ARCH" CROSS_COMPILE="$KERNEL_CROSS"} "$@" modules >"$log" 2>&1; then
            cat "$log" >&2
            remove_tree "$work"
            say "$OPT_MODULES does not compile for $KERNEL_VERSION"
            return 1
        fi
        grep -E -A6 'warning|WARNING' "$log" >&2 || true
    else
        say "$OPT_MODULES has no Kbuild: the guest gets no modules of ours"
    fi
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -c '
        set -e
        guest=$1 root=$2 version=$3 work=$4 modules=$5
        mkdir -p "$work.tree"
        cp -al "$guest/." "$work.tree/"
        find "$work" -name "*.ko" -exec cp -t "$work.tree/usr/lib/modules/$version/updates/dkms" {} +
        mount --bind "$work.tree" "$root/build"
        chroot "$root" depmod -b /build "$version"
        mkdir -p "$modules/usr/lib/modules/$version"
        cd "$work.tree/usr/lib/modules/$version"
        cp -a modules.* updates "$modules/usr/lib/modules/$version/"
        umount "$root/build"
        rm -rf "$work.tree" "$work"
        touch "$modules/.complete"
    ' sh "$GUEST_MODULES" "$KERNEL_ROOT" "$KERNEL_VERSION" "$work" "$MODULES" || return 1
    say "Modules ready after $((SECONDS - started)) s"
    prune "modules-$KERNEL_VERSION-$HASHED" "$MODULES"
}

# check_barriers: looks into the modules as they were built, for an architecture that needs barriers (kernel/tests/arm64).
check_barriers() {
    local name dir check=$REPO_DIR/kernel/tests/arm64/barriers.pl status=0
    [ "$KERNEL_ARCH" = arm64 ] || return 0
    dir=$(mktemp -d)
    for name in rapiddisk rapiddisk-cache; do
        in_kernel_root "$MODULES/usr/lib/modules/$KERNEL_VERSION/updates/dkms" "${KERNEL_CROSS}objdump" -dr --no-show-raw-insn \
            "/build/$name.ko" >"$dir/$name.dis" || status=1
    done
    { perl "$check" "$dir"/*.dis && perl "$check" --without-barriers "$dir"/*.dis; } || status=1
    rm -rf "$dir"
    return "$status"
}

# build_programs: compiles test/machine/*/src/*.c, one program each; sets PROGRAMS to their directory.
build_programs() {
    PROGRAMS=$CACHE_DIR/programs-$({ hash_files "$REPO_DIR"/test/machine/*/src; echo "$KERNEL_ROOT"; } | hash_of)
    with_lock programs compile_programs
}

compile_programs() {
    local source work=$PROGRAMS.work sources=()
    [ -e "$PROGRAMS/.complete" ] && used "$PROGRAMS" && return 0
    remove_tree "$work" "$PROGRAMS"
    mkdir -p "$work/out"
    for source in "$REPO_DIR"/test/machine/*/src/*; do
        [ -e "$source" ] || continue
        cp "$source" "$work/"
        case $source in *.c) sources+=("$(basename "$source" .c)") ;; esac
    done
    if [ "${#sources[@]}" -gt 0 ]; then
        say "Compiling ${#sources[@]} test programs…"
        # shellcheck disable=SC2016 # expanded by the inner shell
        in_kernel_root "$work" sh -c '
            cd /build
            compiler=$1
            shift
            for name in "$@"; do
                "$compiler" -std=gnu11 -O2 -Wall -Wextra -pthread -o "out/$name" "$name.c" -laio || exit 1
            done' sh "${KERNEL_CROSS}gcc" "${sources[@]}" || {
            say "a test program does not compile"
            return 1
        }
    fi
    mv "$work/out" "$PROGRAMS"
    remove_tree "$work"
    touch "$PROGRAMS/.complete"
    prune 'programs-*' "$PROGRAMS"
}
