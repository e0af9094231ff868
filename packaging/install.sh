#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# packaging/install.sh install|uninstall, called by make with PREFIX, DESTDIR and VERSION. One table says what goes
# where; both directions read it. Without DESTDIR (a real host) install also builds the modules with DKMS and tells
# the running system about the new files, and uninstall undoes that.
set -euo pipefail
cd "$(dirname "$0")/.."

: "${PREFIX:=/usr}" "${DESTDIR:=}" "${VERSION:?}"
PREFIX=${PREFIX%/}
case $PREFIX in
    /usr | /usr/local) ;;
    *)
        echo "PREFIX is /usr or /usr/local, not $PREFIX: systemd, udev and D-Bus look for their files nowhere else." >&2
        exit 2
        ;;
esac

lib=$PREFIX/lib/rapiddisk
share=$PREFIX/share
zsh=vendor-completions
[ "$PREFIX" = /usr ] || zsh=site-functions # what is not a vendor's
module_source=/usr/src/rapiddisk-$VERSION

# mode, source (a glob), destination directory. What stands below /usr here is not looked for in /usr/local.
table() {
    cat <<TABLE
755 dist/rapiddiskd.cjs $lib
755 dist/rapiddisk-restore.cjs $lib
755 dist/rapiddisk.cjs $lib
755 dist/rapiddisk-rest.cjs $lib
755 systemd/lib/* $lib
644 dbus/org.rapiddisk.Manager.conf /usr/share/dbus-1/system.d
644 dbus/org.rapiddisk.Manager.service $share/dbus-1/system-services
644 dbus/*.xml $share/dbus-1/interfaces
644 polkit/*.policy /usr/share/polkit-1/actions
644 polkit/*.rules /usr/share/polkit-1/rules.d
644 systemd/*.service $PREFIX/lib/systemd/system
644 systemd/*.socket $PREFIX/lib/systemd/system
755 systemd/system-generators/* $PREFIX/lib/systemd/system-generators
644 systemd/sysusers.d/*.conf $PREFIX/lib/sysusers.d
644 packaging/firewalld/*.xml /usr/lib/firewalld/services
755 systemd/system-shutdown/* /usr/lib/systemd/system-shutdown
644 systemd/modules-load.d/*.conf $PREFIX/lib/modules-load.d
644 systemd/modprobe.d/*.conf $PREFIX/lib/modprobe.d
644 systemd/tmpfiles.d/*.conf $PREFIX/lib/tmpfiles.d
644 kernel/udev/*.rules $PREFIX/lib/udev/rules.d
644 docs/man/*.1 $share/man/man1
644 docs/man/*.5 $share/man/man5
644 docs/man/*.8 $share/man/man8
644 dist/cockpit/* $share/cockpit/rapiddisk
644 cockpit-plugin/*.metainfo.xml $share/metainfo
644 packaging/completions/rapiddisk.bash $share/bash-completion/completions
644 packaging/completions/_rapiddisk $share/zsh/$zsh
644 packaging/completions/rapiddisk.fish $share/fish/vendor_completions.d
644 polkit/*.rules.example $share/doc/rapiddisk/examples
644 dist/doc/rapiddisk/* $share/doc/rapiddisk
644 dist/doc/cockpit-rapiddisk/* $share/doc/cockpit-rapiddisk
TABLE
}

# Sets name: what an installed file is called.
installed_name() { # SOURCE
    case $1 in
        *.rules.example) name=${1##*/} name=${name%.example} ;;
        */rapiddisk.bash) name=rapiddisk ;;
        *) name=${1##*/} ;;
    esac
}

each_file() { # COMMAND: called with mode, source, destination of every file of the table
    local mode pattern directory file name
    while read -r mode pattern directory; do
        for file in $pattern; do
            [ -e "$file" ] || continue
            installed_name "$file"
            "$1" "$mode" "$file" "$DESTDIR$directory/$name" </dev/null
        done
    done < <(table)
}

# Directories that were not there before, so that uninstall can take them away again.
made=()
note_directories() { # DIRECTORY
    local directory=$1
    while on_this_host && [ ! -e "$directory" ]; do
        made+=("$directory")
        directory=$(dirname "$directory")
    done
}

keep_notes() {
    [ ${#made[@]} = 0 ] || printf '%s\n' "${made[@]}" >>"$lib/directories"
}

remove_directories() {
    local directories
    mapfile -t directories < <(sort -ru "$lib/directories" 2>/dev/null)
    rm -f "$lib/directories"
    rmdir "${directories[@]}" "$lib" 2>/dev/null || true
}

place() {
    note_directories "${3%/*}"
    install -D -m "$1" "$2" "$3"
    case $2 in
        systemd/*.service | systemd/system-generators/* | polkit/*.rules) sed -i "s#/usr/lib/rapiddisk/#$lib/#; s#/usr/bin/rapiddisk #$PREFIX/bin/rapiddisk #" "$3" ;;
    esac
}

take_away() {
    rm -f "$3"
}

on_this_host() { [ -z "$DESTDIR" ]; }

reload() {
    [ -d /run/systemd/system ] || return 0
    systemd-sysusers
    systemctl daemon-reload
    systemctl reload dbus.service 2>/dev/null || true
    udevadm control --reload 2>/dev/null || true
}

install_modules() {
    if ! command -v dkms >/dev/null; then
        echo "DKMS is not installed, so the kernel modules were not built: apt-get install dkms, then run this again." >&2
        return 0
    fi
    dkms remove "rapiddisk/$VERSION" --all >/dev/null 2>&1 || true
    dkms add "rapiddisk/$VERSION"
    if [ -d "/lib/modules/$(uname -r)/build" ]; then
        dkms install --force "rapiddisk/$VERSION"
    else
        echo "Headers of the running kernel are missing: apt-get install linux-headers-$(uname -r); DKMS then builds the modules." >&2
    fi
}

# The units that ask for it in [Install].
units() { (cd systemd && grep -l '^WantedBy=' ./*.service ./*.socket); }

# The same as the package's scripts (debian/rules says why): what makes saved objects again is left for the next boot, an
# upgrade restarts what runs, and only the first installation starts the service.
enable_units() { # FIRST: yes or empty
    [ -d /run/systemd/system ] || return 0
    local unit
    for unit in $(units); do systemctl --quiet enable "$(basename "$unit")"; done
    systemctl start rapiddisk-flush.service
    systemctl try-restart rapiddiskd.service rapiddisk-rest.socket rapiddisk-rest-admin.socket rapiddisk-rest.service
    if [ -n "$1" ]; then
        systemctl start rapiddiskd.service || echo "The service did not start: systemctl status rapiddiskd.service tells why." >&2
    fi
}

stop_units() {
    systemctl stop rapiddisk-rest.socket rapiddisk-rest-admin.socket rapiddisk-rest.service rapiddiskd.service \
        rapiddisk-exports.service rapiddisk-restore-late.service rapiddisk-restore.service rapiddisk-flush.service 2>/dev/null || true
}

do_install() {
    local first=
    [ -e "$DESTDIR$PREFIX/lib/systemd/system/rapiddiskd.service" ] || first=yes
    each_file place
    note_directories "$PREFIX/bin"
    note_directories "$PREFIX/sbin"
    mkdir -p "$DESTDIR$PREFIX/bin" "$DESTDIR$PREFIX/sbin"
    ln -sfn "$lib/rapiddisk.cjs" "$DESTDIR$PREFIX/bin/rapiddisk"
    ln -sfn ../bin/rapiddisk "$DESTDIR$PREFIX/sbin/rapiddisk"
    local file
    for file in manager.conf rest.conf; do
        [ -e "$DESTDIR/etc/rapiddisk/$file" ] || install -D -m 644 "packaging/$file" "$DESTDIR/etc/rapiddisk/$file"
    done
    for file in kernel/Kbuild* kernel/Makefile kernel/dkms.conf kernel/*.c kernel/*.h kernel/*.mk kernel/*.sh; do
        [ -e "$file" ] && install -D -m "$([ -x "$file" ] && echo 755 || echo 644)" "$file" "$DESTDIR$module_source/${file#kernel/}"
    done
    if on_this_host; then
        keep_notes
        install_modules
        reload
        enable_units "$first"
        echo "Installed. Saved volumes, caches and exports are made at the next boot, or now by: rapiddisk restore"
    fi
}

do_uninstall() {
    if on_this_host; then
        if [ -d /run/systemd/system ]; then
            local unit
            stop_units
            for unit in $(units); do systemctl --quiet disable "$(basename "$unit")" 2>/dev/null || true; done
        fi
        ! command -v dkms >/dev/null || dkms remove "rapiddisk/$VERSION" --all 2>/dev/null || true
    fi
    each_file take_away
    on_this_host && rm -rf /run/systemd/system.control/rapiddiskd.service.d
    rm -f "$DESTDIR$PREFIX/bin/rapiddisk" "$DESTDIR$PREFIX/sbin/rapiddisk"
    rm -rf "${DESTDIR}${module_source:?}"
    on_this_host || rmdir "$DESTDIR$lib" "$DESTDIR$share/doc/rapiddisk/examples" "$DESTDIR$share/doc/rapiddisk" 2>/dev/null || true
    if on_this_host; then
        remove_directories
        reload
        echo "Removed. Left in place: /etc/rapiddisk and /var/lib/rapiddisk (settings and what is made again at boot)."
    fi
}

case ${1:-} in
    install) do_install ;;
    uninstall) do_uninstall ;;
    *)
        echo "usage: packaging/install.sh install|uninstall" >&2
        exit 2
        ;;
esac
