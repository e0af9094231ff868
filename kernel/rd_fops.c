// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * What a RAM disk does for those who open it.
 */
#include <linux/capability.h>
#include <linux/cdrom.h>
#include <linux/module.h>
#include <linux/uaccess.h>
#include <scsi/sg.h>
#include <asm/ioctls.h>

#include "compat.h"
#include "rd.h"

/* ioctl numbers of earlier versions, without direction or size */
#define RDSK_IOCTL_HIGHEST	0x0529
#define RDSK_IOCTL_USAGE	0x0530
#define RDSK_IOCTL_ERASE	0x0531

/* Called under the disk's open_mutex, before the opener is counted */
static int rdsk_open(COMPAT_OPEN_ARG, blk_mode_t mode)
{
	struct gendisk *disk = compat_open_disk(opened);
	struct rdsk *rd = disk->private_data;

	if (rd->claimed)
		return -EBUSY;
	/* What a cache keeps there is nobody else's to change or to hold */
	if (rd->stores && mode & (BLK_OPEN_WRITE | BLK_OPEN_EXCL))
		return -EBUSY;
	if (!disk_openers(disk))
		rd->write_opens = 0;
	if (mode & BLK_OPEN_WRITE)
		rd->write_opens++;
	return 0;
}

static int rdsk_ioctl(struct block_device *bdev, blk_mode_t mode,
		      unsigned int cmd, unsigned long arg)
{
	struct rdsk *rd = bdev->bd_disk->private_data;
	u64 __user *result = (u64 __user *)arg;

	switch (cmd) {
	case RDSK_IOCTL_HIGHEST:
		return put_user(READ_ONCE(rd->highest), result);
	case RDSK_IOCTL_USAGE:
		return put_user(rdsk_used_bytes(rd) >> PAGE_SHIFT, result);
	case RDSK_IOCTL_ERASE:
		if (!capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (!(mode & BLK_OPEN_WRITE))
			return -EBADF;
		if (bdev_is_partition(bdev))
			return -EINVAL;
		return rdsk_erase(rd, 1);
	/* programs ask every disk for these to learn whether it is something else */
	case CDROM_GET_CAPABILITY:
	case CDROM_LAST_WRITTEN:
	case TCGETS:
	case SG_IO:
		return -EINVAL;
	default:
		return -ENOTTY;
	}
}

const struct block_device_operations rdsk_fops = {
	.owner = THIS_MODULE,
	.submit_bio = rdsk_submit_bio,
	.open = rdsk_open,
	.ioctl = rdsk_ioctl,
	.compat_ioctl = blkdev_compat_ptr_ioctl,
	.set_read_only = rdsk_set_read_only,
};
