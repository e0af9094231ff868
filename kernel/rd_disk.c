// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The life of a RAM disk: attach, open, ioctl, detach. Its changes of size and
 * erasure are in rd_change.c.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/capability.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "rd_memory.h"
#include "rd_pages.h"
#include "rd_range.h"

/* ioctl numbers of old, without direction or size */
#define RDSK_IOCTL_HIGHEST	0x0529
#define RDSK_IOCTL_USAGE	0x0530
#define RDSK_IOCTL_ERASE	0x0531
/* what user space asks of every disk to learn whether it is something else */
#define RDSK_PROBE_CDROM	0x5331
#define RDSK_PROBE_CD_WRITTEN	0x5395
#define RDSK_PROBE_TERMINAL	0x5401
#define RDSK_PROBE_SCSI		0x2285

int rdsk_major;
static DEFINE_MUTEX(rdsk_lock);
static LIST_HEAD(rdsk_disks);
static unsigned int rdsk_count;

static struct rdsk *rdsk_find(unsigned int number)
{
	struct rdsk *rd;

	list_for_each_entry(rd, &rdsk_disks, link)
		if (rd->number == number)
			return rd;
	return NULL;
}

/* Number of attached disks */
unsigned int rdsk_attached(void)
{
	return READ_ONCE(rdsk_count);
}

/**
 * rdsk_for_each() - visit the disks in attach order
 * @visit: false ends the walk; must not attach or detach
 * @data: for @visit
 */
void rdsk_for_each(bool (*visit)(struct rdsk *rd, void *data), void *data)
{
	struct rdsk *rd;

	mutex_lock(&rdsk_lock);
	list_for_each_entry(rd, &rdsk_disks, link)
		if (rd->state != RDSK_ATTACHING && !visit(rd, data))
			break;
	mutex_unlock(&rdsk_lock);
}

/**
 * rdsk_patient() - whether to try once more, after a moment
 * @since: 0 before the first call
 *
 * Programs that look at every disk, as udev does, have it open for a moment.
 * They are not users.
 *
 * Other signals than fatal ones do not cut the wait short: a shell whose child
 * ends meanwhile would see a failure that is none.
 *
 * Return: false when busy_grace_ms is over, or the caller is to die.
 */
bool rdsk_patient(unsigned long *since)
{
	if (!*since)
		*since = jiffies;
	if (time_after(jiffies, *since +
		       msecs_to_jiffies(READ_ONCE(rdsk_busy_grace_ms))))
		return false;
	schedule_timeout_killable(msecs_to_jiffies(10));
	return !fatal_signal_pending(current);
}

/**
 * rdsk_begin() - take a disk for a change of its state
 * @number: which
 * @state: RDSK_RESIZING or RDSK_DETACHING
 *
 * Waits a moment for another change to end.
 *
 * Return: the disk, which stays until rdsk_end(); ERR_PTR(-ENODEV) when there
 * is none, ERR_PTR(-EBUSY) when another change goes on.
 */
struct rdsk *rdsk_begin(unsigned int number, enum rdsk_state state)
{
	unsigned long since = 0;
	struct rdsk *rd;

	do {
		mutex_lock(&rdsk_lock);
		rd = rdsk_find(number);
		if (!rd)
			rd = ERR_PTR(-ENODEV);
		else if (rd->state != RDSK_LIVE)
			rd = ERR_PTR(-EBUSY);
		else
			rd->state = state;
		mutex_unlock(&rdsk_lock);
	} while (rd == ERR_PTR(-EBUSY) && rdsk_patient(&since));
	return rd;
}

/**
 * rdsk_end() - the change has been made or given up
 * @rd: from rdsk_begin()
 */
void rdsk_end(struct rdsk *rd)
{
	mutex_lock(&rdsk_lock);
	rd->state = RDSK_LIVE;
	mutex_unlock(&rdsk_lock);
}

/**
 * rdsk_claim() - refuse opens from now on, if nobody has the disk open
 * @rd: from rdsk_begin()
 *
 * Waits a moment for openers that do not hold the disk for themselves, for
 * such are those who only look.
 *
 * Return: 0 or -EBUSY.
 */
int rdsk_claim(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;
	unsigned long since = 0;
	bool open, held;

	do {
		mutex_lock(&disk->open_mutex);
		open = disk_openers(disk);
		held = READ_ONCE(disk->part0->bd_holder);
		rd->claimed = !open;
		mutex_unlock(&disk->open_mutex);
	} while (open && !held && rdsk_patient(&since));
	return open ? -EBUSY : 0;
}

/**
 * rdsk_unclaim() - allow opens again
 * @rd: from rdsk_claim()
 */
void rdsk_unclaim(struct rdsk *rd)
{
	mutex_lock(&rd->disk->open_mutex);
	rd->claimed = false;
	mutex_unlock(&rd->disk->open_mutex);
}

/**
 * rdsk_claim_store() - let nobody but the caller write to a disk or hold it
 * @rd: a disk that the caller has open for writing, once
 *
 * Waits a moment for others who can write. Who of several openers can is not
 * known for sure: a disk that somebody reads counts as open for writing while
 * an earlier writer may still have it open, and an open partition does, since
 * its openers after the first are not seen on every kernel. A disk that is claimed already is so
 * by the same caller, which is about to replace one user by another and has it
 * open once for both.
 *
 * Udev is told when the first claim is made: what is on the disk then says
 * nothing of the disk any more.
 *
 * Return: 0 or -EBUSY.
 */
int rdsk_claim_store(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;
	unsigned long since = 0;
	bool alone, first = false;

	do {
		mutex_lock(&disk->open_mutex);
		alone = rd->stores || disk_openers(disk) <= 1 ||
			(rd->write_opens <= 1 && !disk->open_partitions);
		if (alone) {
			first = !rd->stores;
			WRITE_ONCE(rd->stores, rd->stores + 1);
		}
		mutex_unlock(&disk->open_mutex);
	} while (!alone && rdsk_patient(&since));
	if (first)
		kobject_uevent(&disk_to_dev(disk)->kobj, KOBJ_CHANGE);
	return alone ? 0 : -EBUSY;
}

/**
 * rdsk_release_store() - end one rdsk_claim_store()
 * @rd: the disk
 * @served: whether copies of an origin may have been put on the disk
 *
 * With the last claim go the copies, and their memory: they would give the disk
 * the identity of the origin, and let its data be read for as long as the disk
 * is there. A disk that was claimed and never used stays as it is.
 */
void rdsk_release_store(struct rdsk *rd, bool served)
{
	bool last;

	mutex_lock(&rd->disk->open_mutex);
	rd->store_served |= served;
	last = rd->stores == 1;
	if (last && rd->store_served) {
		rdsk_drop_contents(rd);
		rd->store_served = false;
	}
	WRITE_ONCE(rd->stores, rd->stores - 1);
	mutex_unlock(&rd->disk->open_mutex);
	if (last)
		kobject_uevent(&disk_to_dev(rd->disk)->kobj, KOBJ_CHANGE);
}

/* Take the number, so that nobody else can while the disk is being made */
static int rdsk_reserve(struct rdsk *rd)
{
	int err = 0;

	mutex_lock(&rdsk_lock);
	if (rdsk_find(rd->number))
		err = -EEXIST;
	else if (rdsk_count >= rdsk_max_nr)
		err = -EDQUOT;
	else if (!try_module_get(THIS_MODULE))
		err = -ENODEV;
	if (!err) {
		list_add_tail(&rd->link, &rdsk_disks);
		WRITE_ONCE(rdsk_count, rdsk_count + 1);
	}
	mutex_unlock(&rdsk_lock);
	return err;
}

static void rdsk_unreserve(struct rdsk *rd)
{
	mutex_lock(&rdsk_lock);
	list_del(&rd->link);
	WRITE_ONCE(rdsk_count, rdsk_count - 1);
	mutex_unlock(&rdsk_lock);
	module_put(THIS_MODULE);
}

static int rdsk_add_disk(struct rdsk *rd, u64 size)
{
	const struct compat_disk_limits limits = {
		.logical = SECTOR_SIZE,
		.physical = min_t(unsigned int, PAGE_SIZE, 4096),
		.granularity = PAGE_SIZE,
		.max_sectors = rdsk_max_sectors * 2,
	};
	int node = rd->options.numa == RDSK_NUMA_NODE ?
		   (int)rd->options.node : NUMA_NO_NODE;
	struct gendisk *disk = compat_alloc_disk(&limits, node);
	int err;

	if (IS_ERR(disk))
		return PTR_ERR(disk);
	disk->queue->nr_requests = rdsk_nr_requests;
	disk->major = rdsk_major;
	disk->first_minor = rd->number;
	disk->minors = 1;
	disk->fops = &rdsk_fops;
	disk->private_data = rd;
	snprintf(disk->disk_name, sizeof(disk->disk_name), "rd%u", rd->number);
	set_capacity(disk, size >> SECTOR_SHIFT);
	rd->disk = disk;

	/* a new disk is empty: there is no partition to be found */
	set_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
	err = device_add_disk(NULL, disk, rdsk_disk_groups);
	if (err) {
		put_disk(disk);
		/*
		 * Nothing here is invalid. It is how the kernel says that it
		 * had no memory for the device's name.
		 */
		return err == -EINVAL ? -ENOMEM : err;
	}
	clear_bit(GD_SUPPRESS_PART_SCAN, &disk->state);
	return 0;
}

static int rdsk_make(struct rdsk *rd, u64 size)
{
	u64 pages = rdsk_pages(size);
	int err = rdsk_pages_init(rd, pages);

	if (err)
		return err;
	if (rd->options.populate)
		err = rdsk_pages_populate(rd, 0, pages);
	if (!err)
		err = rdsk_add_disk(rd, size);
	if (err)
		rdsk_pages_destroy(rd);
	return err;
}

/**
 * rdsk_attach() - a new RAM disk
 * @number: N of rdN, up to RDSK_NUMBER_MAX
 * @size: bytes, a multiple of 512, not 0
 * @options: how it takes its memory
 *
 * Return: 0; -EFBIG above the largest size allowed; -EINVAL for a node that is
 * not there; -EEXIST; -EDQUOT when rd_max_nr disks are attached; -ENOSPC or
 * -ENOMEM; or what the block layer says.
 */
int rdsk_attach(unsigned int number, u64 size,
		const struct rdsk_options *options)
{
	struct rdsk *rd;
	int err;

	if (size > rdsk_memory_max_size())
		return -EFBIG;
	if (options->numa == RDSK_NUMA_NODE &&
	    (options->node >= MAX_NUMNODES || !node_online(options->node)))
		return -EINVAL;
	rd = kzalloc_obj(*rd, GFP_KERNEL);
	if (!rd)
		return -ENOMEM;
	rd->number = number;
	rd->options = *options;
	rd->state = RDSK_ATTACHING;
	err = rdsk_reserve(rd);
	if (err)
		goto free;
	err = rdsk_make(rd, size);
	if (err)
		goto unreserve;
	rdsk_end(rd);
	pr_info("rd%u: attached, %llu bytes\n", number, size);
	return 0;

unreserve:
	rdsk_unreserve(rd);
free:
	kfree(rd);
	return err;
}

static void rdsk_destroy(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;

	/* returns when all I/O and all use of its attributes has ended */
	del_gendisk(disk);
	pr_info("rd%u: detached\n", rd->number);
	rdsk_unreserve(rd);
	rdsk_pages_destroy(rd);
	kfree(rd);
	put_disk(disk);
}

/**
 * rdsk_detach() - remove a RAM disk that nobody uses, and its contents
 * @number: which
 *
 * Return: 0; -ENODEV when there is none; -EBUSY when it is in use.
 */
int rdsk_detach(unsigned int number)
{
	struct rdsk *rd = rdsk_begin(number, RDSK_DETACHING);
	int err;

	if (IS_ERR(rd))
		return PTR_ERR(rd);
	err = rdsk_claim(rd);
	if (err)
		rdsk_end(rd);
	else
		rdsk_destroy(rd);
	return err;
}

/* For a module that could not be loaded whole: nobody else acts */
void rdsk_detach_all(void)
{
	struct rdsk *rd, *next;

	list_for_each_entry_safe(rd, next, &rdsk_disks, link)
		rdsk_destroy(rd);
}

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
	case RDSK_PROBE_CDROM:
	case RDSK_PROBE_CD_WRITTEN:
	case RDSK_PROBE_TERMINAL:
	case RDSK_PROBE_SCSI:
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
