# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# Debian's kernels: which one a line such as 6.12 means today, and its "kernel root": the kernel itself, its modules
# and headers, and the compiler that they want. Packages are unpacked, not configured: nothing in there ever boots.
# What is different for another architecture is in arm64.sh.

# shellcheck disable=SC2034 # for vm/run --help and the tests
KERNEL_LINES="6.1 6.12 7.2 7.3 6.12-arm64 6.12-arm64-16k"
DEFAULT_KERNEL=6.12
KERNEL_TOOLS=make,gcc,libc6-dev,libaio-dev,sparse,kmod,busybox-static,mawk,perl-base,cpio,xz-utils,zstd
KERNEL_TOOLS+=,dash,bash,coreutils,sed,grep,findutils,diffutils,tar,gzip,base-files

# kernel_suite LINE: the Debian suite that carries it.
kernel_suite() {
    case $1 in
        6.1) echo bookworm ;;
        6.12 | 6.12-arm64 | 6.12-arm64-16k) echo trixie ;;
        7.2 | 7.3) echo trixie-backports ;;
        *) die "no kernel line '$1'; there are: $KERNEL_LINES" ;;
    esac
}

# kernel_arch LINE: the architecture it is for.
kernel_arch() { case $1 in *-arm64*) echo arm64 ;; *) echo amd64 ;; esac }

# kernel_flavour LINE: what the names of its packages end in.
kernel_flavour() { case $1 in *-*) echo "${1#*-}" ;; *) echo amd64 ;; esac }

# package_names SUITE ARCHITECTURE: every package of that suite, security included. Names only, so no signature is checked here.
package_names() {
    local suite=$1 arch=$2 list
    list=$(mktemp -d)
    {
        /usr/lib/apt/apt-helper download-file \
            "$(debian_mirror)/dists/$suite/main/binary-$arch/Packages.xz" "$list/main.xz" &&
            if [ "${suite%-backports}" = "$suite" ]; then
                /usr/lib/apt/apt-helper download-file \
                    "$(security_mirror)/dists/$suite-security/main/binary-$arch/Packages.xz" "$list/security.xz"
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
    local line=$1 suite record names version packages number=${1%%-*}
    suite=$(kernel_suite "$line") || exit
    record=$CACHE_DIR/kernel-$line.resolved
    if [ -z "$(find "$record" -mtime -30 2>/dev/null)" ]; then
        if names=$(package_names "$suite" "$(kernel_arch "$line")"); then
            version=$(sed -n "s/^linux-headers-\(${number//./\\.}\.[0-9.]*\(-[0-9]*\)\?\(+[a-z0-9.]*\)\?-$(kernel_flavour "$line")\)$/\1/p" \
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

# kernel_root LINE: builds it once; sets KERNEL_VERSION, KERNEL_ROOT, KERNEL_ARCH, and for a kernel of another architecture
# KERNEL_CROSS, the beginning of the compiler's name.
kernel_root() {
    local line=$1 packages tools=$KERNEL_TOOLS
    read -r KERNEL_VERSION packages < <(resolve_kernel "$line") || exit
    KERNEL_ARCH=$(kernel_arch "$line") KERNEL_CROSS=
    if [ "$KERNEL_ARCH" = arm64 ]; then
        KERNEL_CROSS=$ARM64_CROSS tools=$ARM64_TOOLS
    fi
    KERNEL_ROOT=$CACHE_DIR/kernel-$KERNEL_VERSION-$(printf '%s\n' "$packages" "$tools" | hash_of)
    with_lock "kernel-$line" build_kernel_root "$line" "$packages" || die "cannot build the kernel root of $line"
}

build_kernel_root() {
    local line=$1 packages=$2 started=$SECONDS
    [ -e "$KERNEL_ROOT/.complete" ] && used "$KERNEL_ROOT" && return 0
    say "Fetching Debian's kernel $KERNEL_VERSION with its headers and compiler (once, about 40 s)…"
    remove_tree "$KERNEL_ROOT"
    if [ "$KERNEL_ARCH" = arm64 ]; then
        arm64_kernel_tree "$(kernel_suite "$line")" "$packages" || return 1
    else
        bootstrap "$(kernel_suite "$line")" "$KERNEL_TOOLS,$packages" "$KERNEL_ROOT" --variant=extract || return 1
    fi
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
    prune "kernel-${line%%-*}[.-]*-$(kernel_flavour "$line")-$HASHED" "$KERNEL_ROOT"
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
