# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# The root file system of the guest: Debian's userland, made once, plus the modules of one kernel.

IMAGE_SUITE=trixie
IMAGE_SIZE=6G
# Hardware that no virtual machine has. Left out: it is two thirds of the modules, and depmod reads each of them.
MODULES_LEFT_OUT="sound drivers/gpu drivers/media drivers/staging drivers/net/wireless drivers/iio drivers/hwmon
    drivers/bluetooth drivers/comedi drivers/mtd drivers/isdn drivers/leds drivers/platform drivers/thunderbolt
    drivers/input drivers/hid drivers/usb drivers/mfd drivers/accel drivers/infiniband/hw drivers/net/ethernet
    drivers/net/usb drivers/i2c drivers/power drivers/video drivers/pinctrl drivers/regulator drivers/spi
    drivers/gpio drivers/firewire drivers/rtc drivers/extcon drivers/nfc drivers/net/can drivers/mmc drivers/memstick
    net/wireless net/mac80211 net/bluetooth net/nfc"

# package_list: every package of the guest, one or more a line.
package_list() { cat "$VM_DIR/packages.txt" ${OPT_PACKAGES:+"$OPT_PACKAGES"} | sed '/^#/d'; }

# userland [ARCHITECTURE]: builds it once; sets USERLAND to its directory. With --packages it has a name of its own, so that
# neither of the two is pruned for the other.
userland() {
    local key
    if [ "${1:-amd64}" = arm64 ]; then
        arm64_userland
        return
    fi
    key=$({ package_list; cat "$VM_DIR/customize.sh"; echo "$IMAGE_SUITE"; } | hash_of)
    USERLAND=$CACHE_DIR/${OPT_PACKAGES:+more-}userland-$key
    with_lock "${OPT_PACKAGES:+more-}userland" build_userland || die "cannot build the Debian userland"
}

build_userland() {
    local started=$SECONDS packages
    [ -e "$USERLAND/.complete" ] && used "$USERLAND" && return 0
    say "Building the Debian image (once, about 60 s)…"
    remove_tree "$USERLAND"
    packages=$(package_list | tr -s ' \n' ',' | sed 's/^,//; s/,$//')
    # shellcheck disable=SC2016 # expanded by the inner shell
    bootstrap "$IMAGE_SUITE" "$packages" "$USERLAND" \
        --essential-hook='echo "man-db man-db/auto-update boolean false" | chroot "$1" debconf-set-selections' \
        --customize-hook="upload '$VM_DIR/customize.sh' /customize.sh" \
        --customize-hook='chroot "$1" sh /customize.sh && rm "$1/customize.sh"' || return 1
    as_root touch "$USERLAND/.complete" || return 1
    say "The Debian userland is ready after $((SECONDS - started)) s"
    prune "${OPT_PACKAGES:+more-}userland-$HASHED" "$USERLAND"
}

# guest_modules: the kernel's modules without what is left out, as hard links; sets GUEST_MODULES to the directory
# that holds usr/lib/modules/VERSION. Needs kernel_root.
guest_modules() {
    GUEST_MODULES=$KERNEL_ROOT.guest
    with_lock "guest-modules-$KERNEL_VERSION" build_guest_modules || die "cannot prepare the modules of $KERNEL_VERSION"
}

build_guest_modules() {
    local key
    key=$(printf '%s' "$MODULES_LEFT_OUT" | hash_of)
    [ -e "$GUEST_MODULES/.complete-$key" ] && used "$GUEST_MODULES" && return 0
    remove_tree "$GUEST_MODULES"
    # shellcheck disable=SC2086,SC2016 # a list of directories; expanded by the inner shell
    as_root sh -c '
        set -e
        root=$1 guest=$2 version=$3 key=$4
        shift 4
        mkdir -p "$guest/usr/lib/modules/$version" "$guest/usr/lib/modules/$version/updates/dkms"
        ln -s usr/lib "$guest/lib"
        cd "$root/usr/lib/modules/$version"
        cp -al kernel modules.builtin* modules.order "$guest/usr/lib/modules/$version/"
        cd "$guest/usr/lib/modules/$version/kernel" && rm -rf "$@"
        touch "$guest/.complete-$key"
    ' sh "$KERNEL_ROOT" "$GUEST_MODULES" "$KERNEL_VERSION" "$key" $MODULES_LEFT_OUT
}

# image: builds the root file system of one kernel once; sets IMAGE. Needs kernel_root.
image() {
    userland "$KERNEL_ARCH"
    guest_modules
    IMAGE=$CACHE_DIR/${OPT_PACKAGES:+more-}image-$KERNEL_VERSION-$(printf '%s' "$USERLAND $MODULES_LEFT_OUT $IMAGE_SIZE" | hash_of).ext4
    with_lock "${OPT_PACKAGES:+more-}image-$KERNEL_VERSION" build_image || die "cannot build the image"
}

build_image() {
    local started=$SECONDS
    if [ -e "$IMAGE" ]; then
        touch "$IMAGE"
        return 0
    fi
    say "Writing the root file system for $KERNEL_VERSION…"
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -c '
        set -e
        userland=$1 modules=$2 image=$3 size=$4
        tree=$image.tree
        rm -rf "$tree"
        cp -al "$userland" "$tree"
        rm -f "$tree/.complete"
        mkdir -p "$tree/usr/lib/modules"
        cp -al "$modules"/usr/lib/modules/* "$tree/usr/lib/modules/"
        rm -f "$image.part"
        truncate --size="$size" "$image.part"
        mke2fs -q -t ext4 -L rapiddisk-vm -O ^metadata_csum -m 0 -E lazy_itable_init=1,lazy_journal_init=1,root_owner=0:0 \
            -J size=16 -d "$tree" "$image.part"
        rm -rf "$tree"
    ' sh "$USERLAND" "$GUEST_MODULES" "$IMAGE" "$IMAGE_SIZE" || return 1
    [ "$(id -u)" = 0 ] || as_root chown 0:0 "$IMAGE.part"
    mv "$IMAGE.part" "$IMAGE"
    say "Written after $((SECONDS - started)) s"
    prune "${OPT_PACKAGES:+more-}image-$KERNEL_VERSION-$HASHED" "$IMAGE"
}
