#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# packaging/install.sh install|uninstall, called by make with PREFIX, DESTDIR and VERSION. One table says what goes
# where; both directions read it. Without DESTDIR (a real host) install also builds the modules with DKMS and tells
# the running system about the new files, and uninstall undoes that. tools-install and tools-uninstall do that for all but
# the modules, dkms-install and dkms-uninstall for the modules alone (KVER=: for another kernel than the running one).
set -euo pipefail
cd "$(dirname "$0")/.."

: "${PREFIX:=/usr}" "${DESTDIR:=}" "${VERSION:?}" "${KVER:=$(uname -r)}"
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
755 packaging/rapiddiskd $PREFIX/sbin
644 dbus/org.rapiddisk.Manager.conf /usr/share/dbus-1/system.d
644 dbus/org.rapiddisk.Manager.service $share/dbus-1/system-services
644 dbus/*.xml $share/dbus-1/interfaces
644 polkit/*.policy /usr/share/polkit-1/actions
644 polkit/*.rules /usr/share/polkit-1/rules.d
644 systemd/*.service $PREFIX/lib/systemd/system
644 systemd/*.socket $PREFIX/lib/systemd/system
644 systemd/mdadm-last-resort@.timer.d/*.conf $PREFIX/lib/systemd/system/mdadm-last-resort@.timer.d
755 systemd/system-generators/* $PREFIX/lib/systemd/system-generators
644 systemd/sysusers.d/*.conf $PREFIX/lib/sysusers.d
644 packaging/firewalld/*.xml /usr/lib/firewalld/services
755 systemd/system-shutdown/* /usr/lib/systemd/system-shutdown
644 systemd/modules-load.d/*.conf $PREFIX/lib/modules-load.d
644 systemd/modprobe.d/*.conf $PREFIX/lib/modprobe.d
644 systemd/tmpfiles.d/*.conf $PREFIX/lib/tmpfiles.d
644 kernel/udev/*.rules $PREFIX/lib/udev/rules.d
644 systemd/udev/*.rules $PREFIX/lib/udev/rules.d
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
        packaging/rapiddiskd) sed -i "s#/usr/lib/rapiddisk\$#$lib#; s#@VERSION@#$VERSION#" "$3" ;;
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

# Status of install_modules when what it needs is missing, which it says.
not_now=3

install_modules() {
    if ! command -v dkms >/dev/null; then
        echo "DKMS is not installed, so the kernel modules were not built: apt-get install dkms, then run this again." >&2
        return "$not_now"
    fi
    dkms remove "rapiddisk/$VERSION" --all >/dev/null 2>&1 || true
    dkms add "rapiddisk/$VERSION" || return
    if [ -d "/lib/modules/$KVER/build" ]; then
        dkms install --force "rapiddisk/$VERSION" -k "$KVER"
    else
        echo "Headers of the kernel $KVER are missing: apt-get install linux-headers-$KVER; DKMS then builds the modules." >&2
        return "$not_now"
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

place_programs() {
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
}

place_modules() {
    local file
    for file in kernel/Kbuild* kernel/Makefile kernel/dkms.conf kernel/*.c kernel/*.h kernel/*.mk kernel/*.sh; do
        [ ! -e "$file" ] || install -D -m "$([ -x "$file" ] && echo 755 || echo 644)" "$file" "$DESTDIR$module_source/${file#kernel/}"
    done
    file=$DESTDIR$module_source/dkms.conf
    [ ! -e "$file" ] || sed -i "s#@VERSION@#$VERSION#" "$file"
}

# The boot hook of RapidDisk 9 puts its command into the initramfs; ours cannot run there.
warn_of_root_cache() {
    local hook
    for hook in /usr/share/initramfs-tools/hooks/rapiddisk_kernel_* /usr/lib/dracut/modules.d/96rapiddisk/[0-9]*; do
        [ -e "$hook" ] || continue
        echo "This machine boots from a RapidDisk 9 cache ($hook), which does not work with this version:" \
            "run 'rapiddisk-on-boot --global-uninstall' before the next boot; see docs/compatibility.md." >&2
        return 0
    done
}

do_install() { # WITH_MODULES: yes or empty
    local first=
    [ -e "$DESTDIR$PREFIX/lib/systemd/system/rapiddiskd.service" ] || first=yes
    place_programs
    [ -z "$1" ] || place_modules
    if on_this_host; then
        keep_notes
        # The programs are of use without the modules, which can be built later.
        [ -z "$1" ] || install_modules || [ $? = "$not_now" ]
        reload
        enable_units "$first"
        warn_of_root_cache
        [ -n "$1" ] || echo "The kernel modules were left alone: make dkms-install installs them."
        echo "Installed. Saved volumes, caches and exports are made at the next boot, or now by: rapiddisk restore"
    fi
}

do_dkms_install() {
    place_modules
    ! on_this_host || install_modules
}

remove_modules() {
    ! on_this_host || ! command -v dkms >/dev/null || dkms remove "rapiddisk/$VERSION" --all 2>/dev/null || true
    rm -rf "${DESTDIR}${module_source:?}"
}

do_dkms_uninstall() {
    if [ ! -e "$DESTDIR$module_source" ]; then
        echo "The modules of version $VERSION are not installed by DKMS: there is no $DESTDIR$module_source." >&2
        exit 1
    fi
    remove_modules
    ! on_this_host || echo "Removed. Modules that are loaded stay so until they are unloaded or the next boot."
}

do_uninstall() { # WITH_MODULES: yes or empty
    if on_this_host && [ -d /run/systemd/system ]; then
        local unit
        stop_units
        for unit in $(units); do systemctl --quiet disable "$(basename "$unit")" 2>/dev/null || true; done
    fi
    [ -z "$1" ] || remove_modules
    each_file take_away
    on_this_host && rm -rf /run/systemd/system.control/rapiddiskd.service.d
    rm -f "$DESTDIR$PREFIX/bin/rapiddisk" "$DESTDIR$PREFIX/sbin/rapiddisk"
    on_this_host || rmdir "$DESTDIR$lib" "$DESTDIR$share/doc/rapiddisk/examples" "$DESTDIR$share/doc/rapiddisk" 2>/dev/null || true
    if on_this_host; then
        remove_directories
        reload
        echo "Removed. Left in place: /etc/rapiddisk and /var/lib/rapiddisk (settings and what is made again at boot)."
    fi
}

case ${1:-} in
    install) do_install yes ;;
    uninstall) do_uninstall yes ;;
    tools-install) do_install '' ;;
    tools-uninstall) do_uninstall '' ;;
    dkms-install) do_dkms_install ;;
    dkms-uninstall) do_dkms_uninstall ;;
    *)
        echo "usage: packaging/install.sh [tools-|dkms-]install | [tools-|dkms-]uninstall" >&2
        exit 2
        ;;
esac
