#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# Runs in the freshly unpacked guest, once, when the userland is built.
set -eu
useradd --create-home --shell /bin/bash --groups sudo,adm admin
useradd --create-home --shell /bin/bash user
systemctl --quiet enable vm-network.service vm-ready.service ssh.service cockpit.socket
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer man-db.timer mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer \
    motd-news.timer sysstat.service sysstat-collect.timer sysstat-summary.timer getty@.service serial-getty@.service \
    console-getty.service systemd-pcrphase.service systemd-tpm2-setup.service systemd-tpm2-setup-early.service \
    systemd-hwdb-update.service systemd-firstboot.service systemd-binfmt.service sshd-keygen.service \
    systemd-boot-random-seed.service rdma-hw.target rdma-load-modules@rdma.service iwpmd.service \
    systemd-networkd.service systemd-networkd.socket nvmefc-boot-connections.service nvmf-autoconnect.service \
    fake-hwclock-save.timer ldconfig.service systemd-update-done.service
# A certificate of its own costs several seconds in emulation at the first visit.
/usr/lib/cockpit/cockpit-certificate-ensure >/dev/null 2>&1 || true
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 rapiddisk\n' >/etc/hosts
echo rapiddisk >/etc/hostname
printf '/dev/vda / ext4 noatime 0 0\n' >/etc/fstab
echo uninitialized >/etc/machine-id
rm -f /etc/ssh/ssh_host_* /etc/resolv.conf
rm -rf /var/cache/apt/*.bin /var/lib/apt/lists/* /usr/share/doc/* /usr/share/man/* /usr/share/info/* /var/log/*.log
mkdir -p /var/log/journal /var/log/rapiddisk-test /root/.ssh
chmod 700 /root/.ssh
systemd-sysusers >/dev/null 2>&1 || true
udevadm hwdb --update >/dev/null 2>&1 || systemd-hwdb update >/dev/null 2>&1 || true
