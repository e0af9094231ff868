# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Debian's kernels: which one a line such as 6.12 means today, and its "kernel root": the kernel itself, its modules
# and headers, and the compiler that they want. Packages are unpacked, not configured: nothing in there ever boots.

# shellcheck disable=SC2034 # for vm/run --help and the tests
KERNEL_LINES="6.1 6.12 7.2 7.3"
DEFAULT_KERNEL=6.12
KERNEL_TOOLS=make,gcc,libc6-dev,libaio-dev,sparse,kmod,busybox-static,mawk,perl-base,cpio,xz-utils,zstd
KERNEL_TOOLS+=,dash,bash,coreutils,sed,grep,findutils,diffutils,tar,gzip,base-files

# kernel_suite LINE: the Debian suite that carries it.
kernel_suite() {
    case $1 in
        6.1) echo bookworm ;;
        6.12) echo trixie ;;
        7.2 | 7.3) echo trixie-backports ;;
        *) die "no kernel line '$1'; there are: $KERNEL_LINES" ;;
    esac
}

# package_names SUITE: every package of that suite, security included. Names only, so no signature is checked here.
package_names() {
    local suite=$1 list
    list=$(mktemp -d)
    {
        /usr/lib/apt/apt-helper download-file \
            "$(debian_mirror)/dists/$suite/main/binary-amd64/Packages.xz" "$list/main.xz" &&
            if [ "${suite%-backports}" = "$suite" ]; then
                /usr/lib/apt/apt-helper download-file \
                    "$(security_mirror)/dists/$suite-security/main/binary-amd64/Packages.xz" "$list/security.xz"
            fi
    } >"$list/log" 2>&1 || {
        cat "$list/log" >&2
        rm -rf "$list"
        return 1
    }
    xz --decompress --stdout "$list"/*.xz | sed -n 's/^Package: //p'
    rm -rf "$list"
}

# resolve_kernel LINE: prints "VERSION PACKAGES", remembered for 30 days so that a warm run needs no network.
resolve_kernel() {
    local line=$1 suite record names version packages
    suite=$(kernel_suite "$line") || exit
    record=$CACHE_DIR/kernel-$line.resolved
    if [ -z "$(find "$record" -mtime -30 2>/dev/null)" ]; then
        if names=$(package_names "$suite"); then
            version=$(sed -n "s/^linux-headers-\(${line//./\\.}\.[0-9.]*\(-[0-9]*\)\?\(+[a-z0-9.]*\)\?-amd64\)$/\1/p" \
                <<<"$names" | sort -V | tail -n 1)
            [ -n "$version" ] || die "$suite has no kernel $line"
            packages=linux-headers-$version
            if grep -q -x -F "linux-modules-$version" <<<"$names"; then
                packages=$packages,linux-modules-$version
                if grep -q -x -F "linux-binary-$version" <<<"$names"; then
                    packages=$packages,linux-binary-$version
                else
                    packages=$packages,linux-binary-unsigned-$version
                fi
            else
                packages=$packages,linux-image-$version
            fi
            printf '%s %s\n' "$version" "$packages" >"$record.$$"
            mv "$record.$$" "$record"
        elif [ -e "$record" ]; then
            say "The mirror does not answer: keeping the kernel found earlier for $line"
        else
            die "cannot read the package lists of $suite from $(debian_mirror)"
        fi
    fi
    cat "$record"
}

# kernel_root LINE: builds it once; sets KERNEL_VERSION and KERNEL_ROOT.
kernel_root() {
    local line=$1 packages
    read -r KERNEL_VERSION packages < <(resolve_kernel "$line") || exit
    KERNEL_ROOT=$CACHE_DIR/kernel-$KERNEL_VERSION-$(printf '%s\n' "$packages" "$KERNEL_TOOLS" | hash_of)
    with_lock "kernel-$line" build_kernel_root "$line" "$packages" || die "cannot build the kernel root of $line"
}

build_kernel_root() {
    local line=$1 packages=$2 started=$SECONDS
    [ -e "$KERNEL_ROOT/.complete" ] && used "$KERNEL_ROOT" && return 0
    say "Fetching Debian's kernel $KERNEL_VERSION with its headers and compiler (once, about 40 s)…"
    remove_tree "$KERNEL_ROOT"
    bootstrap "$(kernel_suite "$line")" "$KERNEL_TOOLS,$packages" "$KERNEL_ROOT" --variant=extract || return 1
    as_root sh -c "
        set -e
        cd '$KERNEL_ROOT'
        for name in bin sbin lib lib64; do
            [ ! -L \$name ] || continue
            [ ! -d \$name ] || { mkdir -p usr/\$name && cp -al \$name/. usr/\$name/ && rm -r \$name; }
            ln -s usr/\$name \$name
        done
        [ -e usr/bin/awk ] || ln -s mawk usr/bin/awk
        mkdir -p dev proc build tmp
        if [ ! -e 'boot/vmlinuz-$KERNEL_VERSION' ]; then
            ln -s '../usr/lib/modules/$KERNEL_VERSION/vmlinuz' 'boot/vmlinuz-$KERNEL_VERSION'
        fi
        test -s 'boot/vmlinuz-$KERNEL_VERSION'
        test -d 'usr/lib/modules/$KERNEL_VERSION/kernel'
        rm -rf var/lib/apt/lists var/cache/apt
        touch .complete
    " || return 1
    say "Kernel $KERNEL_VERSION is ready after $((SECONDS - started)) s"
    prune "kernel-${line}[.-]*-*" "$KERNEL_ROOT"
}

# in_kernel_root DIRECTORY COMMAND...: run a command in the root with DIRECTORY at /build and no network access needed.
in_kernel_root() {
    local directory=$1
    shift
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -c '
        root=$1 build=$2
        shift 2
        mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" && mount --bind "$build" "$root/build" &&
            exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/build "$@"
    ' sh "$KERNEL_ROOT" "$directory" "$@"
}
