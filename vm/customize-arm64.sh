#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# customize-arm64.sh DIRECTORY: does, from outside, what the installation scripts of the packages unpacked there would have done
# as far as the tests need it, and keeps from starting what no test expects. Users of the system are made at boot by
# systemd-sysusers.
set -eu
root=$1
cd "$root"
cp usr/share/base-passwd/passwd.master etc/passwd
cp usr/share/base-passwd/group.master etc/group
sed 's/:.*/:*:20000:0:99999:7:::/' etc/passwd >etc/shadow
chmod 640 etc/shadow
: >etc/gshadow
sed -i 's|^\(root:.*:\)[^:]*$|\1/bin/bash|' etc/passwd
[ -e usr/bin/awk ] || ln -s mawk usr/bin/awk
cp usr/share/openssh/sshd_config etc/ssh/sshd_config
printf '127.0.0.1 localhost\n::1 localhost\n127.0.1.1 rapiddisk\n' >etc/hosts
echo rapiddisk >etc/hostname
: >etc/fstab
rm -f etc/resolv.conf etc/ssh/ssh_host_*
mkdir -p var/log/journal var/log/rapiddisk-test root/.ssh etc/systemd/system/multi-user.target.wants dev proc sys run tmp
chmod 700 root/.ssh
chmod 1777 tmp var/tmp
ln -s /usr/lib/systemd/system/ssh.service etc/systemd/system/multi-user.target.wants/ssh.service
ln -sf /usr/lib/systemd/system/multi-user.target etc/systemd/system/default.target
for unit in getty.target systemd-hwdb-update.service systemd-journal-catalog-update.service ldconfig.service \
    systemd-update-done.service systemd-firstboot.service systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
    systemd-pstore.service systemd-random-seed.service systemd-machine-id-commit.service systemd-tmpfiles-clean.timer \
    systemd-pcrphase.service systemd-pcrphase-sysinit.service systemd-pcrmachine.service systemd-tpm2-setup.service \
    systemd-tpm2-setup-early.service systemd-hibernate-clear.service systemd-boot-random-seed.service \
    systemd-ask-password-console.path systemd-ask-password-wall.path sshd-keygen.service dev-hugepages.mount \
    dev-mqueue.mount modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service sys-fs-fuse-connections.mount \
    systemd-remount-fs.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer \
    e2scrub_reap.service fstrim.timer xfs_scrub_all.timer systemd-logind.service; do
    ln -sf /dev/null "etc/systemd/system/$unit"
done
rm -rf var/lib/apt/lists/* var/cache/apt
