#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# enter.sh USERLAND STAGE SHARED PORT: runs inside.sh in a Debian tree of its own: USERLAND below, STAGE over it, and whatever
# is written goes to memory. SHARED is /run/rapiddisk-test in there. Everything ends with this process, or when standard input
# does: processes are in a namespace of their own, and so are the mounts. As root, or as the root of a user namespace.
set -euo pipefail
userland=$1 stage=$2 shared=$3 port=$4
here=$(cd "$(dirname "$0")" && pwd)
become=()
[ "$(id -u)" = 0 ] || become=(--user --map-auto --map-root-user)
export userland stage shared port here
# shellcheck disable=SC2016 # expanded by the inner shell
exec unshare "${become[@]}" --mount --propagation private --pid --fork --kill-child -- bash -c '
set -eu
tree=$shared/tree
mount -t tmpfs -o mode=755 tmpfs "$tree"
mkdir "$tree/upper" "$tree/work" "$tree/root"
mount -t overlay -o "lowerdir=$stage:$userland,upperdir=$tree/upper,workdir=$tree/work" overlay "$tree/root"
cd "$tree/root"
mount -t proc proc proc
mount --rbind /sys sys
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mkdir run/rapiddisk-test
mount --bind "$shared" run/rapiddisk-test
cp "$here/inside.sh" run/inside.sh
exec chroot . /usr/bin/env -i HOME=/root USER=root SHELL=/bin/bash LANG=C.UTF-8 TERM=dumb \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    PORT="$port" LOGIN_PASSWORD="${LOGIN_PASSWORD:-}" /bin/bash /run/inside.sh
'
