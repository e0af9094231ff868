#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# Runs in the freshly unpacked guest, once, when the userland is built.
set -eu
useradd --create-home --shell /bin/bash --groups sudo,adm admin
useradd --create-home --shell /bin/bash user

# Nothing may start by itself that a test does not expect, and each unit costs up to a second of emulated boot.
systemctl --quiet enable ssh.service cockpit.socket
# A test switches to it; the guest's own bus is dbus-daemon, as it is on a Debian where nobody chose.
systemctl --quiet disable dbus-broker.service
systemctl --quiet --global disable dbus-broker.service
systemctl --quiet disable tlshd.service lvm2-monitor.service blk-availability.service lvm2-lvmpolld.socket
cd /etc/systemd/system
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer man-db.timer mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer xfs_scrub_all.timer \
    sysstat.service sysstat-collect.timer sysstat-rotate.timer sysstat-summary.timer systemd-tmpfiles-clean.timer \
    getty@.service serial-getty@.service console-getty.service systemd-pcrphase.service \
    systemd-pcrphase-sysinit.service systemd-pcrmachine.service systemd-tpm2-setup.service \
    systemd-tpm2-setup-early.service systemd-hwdb-update.service systemd-firstboot.service systemd-binfmt.service \
    proc-sys-fs-binfmt_misc.automount systemd-pstore.service systemd-random-seed.service \
    systemd-machine-id-commit.service systemd-hibernate-clear.service systemd-journal-catalog-update.service \
    systemd-update-done.service systemd-boot-random-seed.service systemd-ask-password-console.path \
    systemd-ask-password-wall.path ldconfig.service sshd-keygen.service cockpit-issue.service \
    nvmefc-boot-connections.service nvmf-autoconnect.service iwpmd.service dev-hugepages.mount dev-mqueue.mount \
    modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service sys-fs-fuse-connections.mount \
    systemd-remount-fs.service; do
    ln -sf /dev/null "$unit"
done
# These start, but after the host was told that it can begin.
for unit in udisks2.service systemd-user-sessions.service systemd-logind.service; do
    mkdir -p "$unit.d"
    printf '[Unit]\nAfter=vm-ready.service\n' >"$unit.d/vm.conf"
done
mkdir -p /etc/systemd/system-generators
for generator in systemd-debug-generator systemd-fstab-generator systemd-getty-generator systemd-gpt-auto-generator \
    systemd-hibernate-resume-generator systemd-rc-local-generator systemd-ssh-generator \
    systemd-system-update-generator systemd-sysv-generator systemd-tpm2-generator systemd-cryptsetup-generator; do
    ln -sf /dev/null "/etc/systemd/system-generators/$generator"
done

# A certificate of its own costs several seconds in emulation at the first visit.
/usr/lib/cockpit/cockpit-certificate-ensure >/dev/null 2>&1 || true
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 rapiddisk\n' >/etc/hosts
echo rapiddisk >/etc/hostname
: >/etc/fstab
rm -f /etc/ssh/ssh_host_* /etc/resolv.conf /etc/modules-load.d/modules.conf
rm -rf /var/cache/apt/*.bin /var/lib/apt/lists/* /usr/share/doc/* /usr/share/man/* /usr/share/info/* /var/log/*.log
mkdir -p /var/log/journal /var/log/rapiddisk-test /root/.ssh
chmod 700 /root/.ssh
journalctl --update-catalog >/dev/null 2>&1 || true
