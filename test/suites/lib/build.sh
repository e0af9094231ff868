# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# The suites, compiled in the guest's own userland, as a disk image that the guest mounts at /srv. Sourced after
# vm/lib/machine.sh.

SUITES_KNOWN="blktests xfstests"

# suites_built CHECKOUTS: builds once for each state of them; sets SUITES_BUILT to the compiled trees, and SUITES_IMAGE.
suites_built() {
    local checkouts=$1 key
    userland
    key=$({
        for suite in $SUITES_KNOWN; do
            [ ! -d "$checkouts/$suite" ] || (cd "$checkouts" && find "$suite" -name .git -prune -o -type f -print0 |
                LC_ALL=C sort -z | xargs -0 -r sha256sum)
        done
        printf '%s\n' "$USERLAND"
        cat "${BASH_SOURCE[0]}"
    } | hash_of)
    SUITES_BUILT=$CACHE_DIR/suites-$key
    SUITES_IMAGE=$CACHE_DIR/suites-$key.ext4
    with_lock suites compile_suites "$checkouts" || die "cannot compile the suites"
}

compile_suites() {
    local checkouts=$1 work=$SUITES_BUILT.work log=$SUITES_BUILT.log suite started=$SECONDS size
    if [ -e "$SUITES_IMAGE" ]; then
        touch "$SUITES_IMAGE"
        used "$SUITES_BUILT"
        return 0
    fi
    say "Compiling the suites…"
    remove_tree "$work" "$SUITES_BUILT"
    mkdir -p "$work"
    for suite in $SUITES_KNOWN; do
        [ ! -d "$checkouts/$suite" ] || tar -C "$checkouts" --exclude=.git -cf - "$suite" | tar -C "$work" --no-same-owner -xf -
    done
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -c '
        root=$1 work=$2 jobs=$3
        shift 3
        mount --rbind /dev "$root/dev" && mount --rbind /proc "$root/proc" && mount --bind "$work" "$root/srv" || exit
        for suite in "$@"; do
            [ ! -d "$work/$suite" ] || chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/srv \
                make -C "/srv/$suite" -j"$jobs" || exit
        done
    ' sh "$USERLAND" "$work" "$(nproc)" $SUITES_KNOWN >"$log" 2>&1 || {
        tail -n 40 "$log" >&2
        return 1
    }
    size=$(($(as_root du -s --block-size=1M "$work" | cut -f1) * 5 / 4 + 64))
    as_root sh -c '
        find "$1" -name "*.o" -delete
        truncate --size="$3M" "$2.part" && mke2fs -q -t ext4 -m 0 -E root_owner=0:0 -d "$1" "$2.part"
    ' sh "$work" "$SUITES_IMAGE" "$size" || return 1
    [ "$(id -u)" = 0 ] || as_root chown 0:0 "$SUITES_IMAGE.part"
    mv "$work" "$SUITES_BUILT"
    mv "$SUITES_IMAGE.part" "$SUITES_IMAGE"
    say "Compiled after $((SECONDS - started)) s"
    prune 'suites-*' "$SUITES_BUILT"
}
