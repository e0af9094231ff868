# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
# shellcheck disable=SC2016 # apt expands its own format strings
#
# Where Debian packages come from: the host's own mirror when the host is a Debian, else deb.debian.org.

# debian_mirror: the URI of a Debian archive, without a trailing slash.
debian_mirror() {
    local uri
    uri=$(apt-get indextargets --format '$(ORIGIN)|$(SITE)|$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        sed -n 's/^Debian|[^|]*|//p' | grep -v -e security -e '-debug' | grep -e '/debian/*$' | head -n 1)
    [ -n "$uri" ] || uri=http://deb.debian.org/debian
    printf '%s\n' "${uri%/}"
}

# security_mirror: the same for the security archive.
security_mirror() {
    local uri
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -e '/debian-security/*$' | head -n 1)
    [ -n "$uri" ] || uri=http://deb.debian.org/debian-security
    printf '%s\n' "${uri%/}"
}

# apt_sources SUITE: the sources of that suite (bookworm, trixie, trixie-backports), one a line.
apt_sources() {
    local suite=${1%-backports} keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    local options="[signed-by=$keyring]"
    printf 'deb %s %s %s main\n' "$options" "$(debian_mirror)" "$suite"
    printf 'deb %s %s %s-security main\n' "$options" "$(security_mirror)" "$suite"
    if [ "$suite" != "$1" ]; then
        printf 'deb %s %s %s main\n' "$options" "$(debian_mirror)" "$1"
    fi
}

# apt_options: one mmdebstrap --aptopt= argument a line: the host's proxies, and nothing that is not needed.
apt_options() {
    apt-config dump 2>/dev/null | grep -i -E '^Acquire::(https?|ftp)::(Proxy|[^ ]*::Proxy)' | sed 's/^/--aptopt=/'
    printf '%s\n' '--aptopt=Acquire::Languages "none"' '--aptopt=APT::Install-Recommends "false"' \
        '--aptopt=Acquire::Check-Valid-Until "false"' '--aptopt=Acquire::Retries "3"'
}

# bootstrap SUITE PACKAGES DIRECTORY [mmdebstrap options]: a Debian tree made of those packages (comma separated).
bootstrap() {
    local suite=$1 packages=$2 directory=$3 mode=root sources options
    shift 3
    [ "$(id -u)" = 0 ] || mode=unshare
    sources=$(apt_sources "$suite")
    mapfile -t options < <(apt_options)
    # Through a tar, because the two modes own the files of a plain directory differently.
    mkdir -p "$directory"
    # The signal ends it with the process that asked for it; on the signal it removes what it made.
    HOME=/ setpriv --pdeathsig TERM mmdebstrap --quiet --mode="$mode" --variant=apt --include="$packages" --format=tar \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
        "${options[@]}" "$@" "${suite%-backports}" - - <<<"$sources" |
        as_root tar --extract --numeric-owner --preserve-permissions --xattrs --xattrs-include='*' \
            --exclude='./dev/*' --directory "$directory"
}
