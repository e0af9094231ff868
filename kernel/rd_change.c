// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Resize, erase, lock.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/highmem.h>
#include <linux/kobject.h>
#include <linux/string.h>
#include <linux/xarray.h>

#include "compat.h"
#include "rd_memory.h"
#include "rd_pages.h"
#include "rd_range.h"

/*
 * I/O that began with the old size ends first: where the disk ends decides
 * what a discard may free. The notice goes out after, for it allocates memory.
 */
static void rdsk_set_size(struct rdsk *rd, u64 size)
{
	char *envp[2] = { "RESIZE=1" };
	unsigned int flags = compat_freeze(rd->disk);

	set_capacity(rd->disk, size >> SECTOR_SHIFT);
	if (READ_ONCE(rd->highest) > size >> SECTOR_SHIFT)
		WRITE_ONCE(rd->highest, size >> SECTOR_SHIFT);
	compat_unfreeze(rd->disk, flags);
	kobject_uevent_env(&disk_to_dev(rd->disk)->kobj, KOBJ_CHANGE, envp);
}

static int rdsk_grow(struct rdsk *rd, u64 size)
{
	u64 pages = rdsk_pages(size), old = rdsk_pages(rdsk_size(rd));
	int err = rdsk_pages_grow(rd, pages);

	if (!err && rd->options.populate)
		err = rdsk_pages_populate(rd, old, pages);
	if (err)
		rdsk_pages_remove(rd, old, pages, false);
	else
		rdsk_set_size(rd, size);
	return err;
}

/* Whether the page that the new end cuts holds anything behind it */
static bool rdsk_tail_used(struct rdsk *rd, u64 size)
{
	unsigned int offset = offset_in_page(size);
	struct page *page;
	bool used = false;

	rcu_read_lock();
	page = rdsk_pages_lookup(rd, size >> PAGE_SHIFT);
	if (page && offset) {
		void *at = kmap_local_page(page);

		used = memchr_inv(at + offset, 0, PAGE_SIZE - offset);
		kunmap_local(at);
	}
	rcu_read_unlock();
	return used;
}

static int rdsk_shrink(struct rdsk *rd, u64 size)
{
	u64 keep = rdsk_pages(size);
	int err = rdsk_claim(rd);

	if (err)
		return err;
	if (rdsk_tail_used(rd, size) ||
	    (!rd->options.populate && rdsk_pages_present(rd, keep)) ||
	    (rd->options.populate &&
	     READ_ONCE(rd->highest) > size >> SECTOR_SHIFT))
		err = -ENOTEMPTY;
	if (!err) {
		u64 end = rdsk_pages(rdsk_size(rd));

		rdsk_set_size(rd, size);
		rdsk_pages_remove(rd, keep, end, false);
	}
	rdsk_unclaim(rd);
	return err;
}

/**
 * rdsk_resize() - change the size of a RAM disk
 * @number: which
 * @size: bytes, a multiple of 512, not 0
 *
 * Growing goes on in use. Shrinking needs a disk that nobody uses, and one
 * that holds nothing behind the new end.
 *
 * Return: 0; -ENODEV; -EFBIG; -EBUSY; -ENOTEMPTY when data would be lost;
 * -ENOSPC or -ENOMEM.
 */
int rdsk_resize(unsigned int number, u64 size)
{
	struct rdsk *rd;
	int err = 0;

	if (size > rdsk_memory_max_size())
		return -EFBIG;
	rd = rdsk_begin(number, RDSK_RESIZING);
	if (IS_ERR(rd))
		return PTR_ERR(rd);
	if (size > rdsk_size(rd))
		err = rdsk_grow(rd, size);
	else if (size < rdsk_size(rd))
		err = rdsk_shrink(rd, size);
	if (!err)
		pr_info("rd%u: resized, %llu bytes\n", number, size);
	rdsk_end(rd);
	return err;
}

static bool rdsk_has_partitions(struct gendisk *disk)
{
	unsigned long index = 1;

	return xa_find(&disk->part_tbl, &index, ULONG_MAX, XA_PRESENT);
}

static void rdsk_erase_pages(struct rdsk *rd)
{
	u64 index, pages = rdsk_pages(rdsk_size(rd));

	if (!rd->options.populate) {
		rdsk_pages_remove(rd, 0, round_up(pages, RDSK_CHUNK_PAGES),
				  false);
		return;
	}
	for (index = 0; index < pages; index++) {
		rdsk_pages_zero(rd, index, 0, PAGE_SIZE);
		cond_resched();
	}
}

/* Under open_mutex */
static int rdsk_may_erase(struct rdsk *rd, unsigned int own_openers)
{
	struct gendisk *disk = rd->disk;

	if (get_disk_ro(disk))
		return -EROFS;
	if (rd->claimed || READ_ONCE(disk->part0->bd_holder))
		return -EBUSY;
	return disk_openers(disk) > own_openers ? -EAGAIN : 0;
}

/**
 * rdsk_drop_contents() - make a disk all zeros, no matter who reads it
 * @rd: the disk, nobody but the caller being able to write to it
 *
 * Call under the disk's open_mutex. What the page cache holds goes too, and so
 * do the partitions that were read from what went.
 *
 * Return: 0, or -EBUSY when a partition is open and stays.
 */
int rdsk_drop_contents(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;
	struct address_space *cache = compat_bdev_mapping(disk->part0);

	truncate_inode_pages(cache, 0);
	rdsk_erase_pages(rd);
	truncate_inode_pages(cache, 0);
	WRITE_ONCE(rd->highest, 0);
	return rdsk_has_partitions(disk) ? bdev_disk_changed(disk, false) : 0;
}

/**
 * rdsk_erase() - make a disk all zeros and give its memory back
 * @rd: the disk
 * @own_openers: how many times the caller itself has it open: 0 or 1
 *
 * Nothing is changed when it is refused. What the page cache holds goes too,
 * written or not. I/O that the caller's own threads do meanwhile is safe, and
 * may be erased or not. Somebody who only looks at the disk is waited for.
 *
 * Somebody who holds the disk exclusively is always in the way, even if that is
 * the only opener: device-mapper hands ioctls on to the disk that it maps.
 *
 * Return: 0; -EBUSY when somebody else has it open; -EROFS.
 */
int rdsk_erase(struct rdsk *rd, unsigned int own_openers)
{
	unsigned long since = 0;
	int err;

	do {
		mutex_lock(&rd->disk->open_mutex);
		err = rdsk_may_erase(rd, own_openers);
		if (!err)
			err = rdsk_drop_contents(rd);
		mutex_unlock(&rd->disk->open_mutex);
	} while (err == -EAGAIN && rdsk_retry_busy(&since));
	if (!err)
		kobject_uevent(&disk_to_dev(rd->disk)->kobj, KOBJ_CHANGE);
	return err == -EAGAIN ? -EBUSY : err;
}

/**
 * rdsk_set_read_only() - somebody locks or unlocks a disk or a partition
 * @bdev: which
 * @ro: what its read-only flag will be
 *
 * The block layer tells nobody of BLKROSET, so that programs would have to look
 * again and again; this tells them as set_disk_ro() does. The flag is set by the
 * caller, right after this: who is told must give it a moment.
 *
 * Return: 0, always: it is allowed.
 */
int rdsk_set_read_only(struct block_device *bdev, bool ro)
{
	char *envp[2] = { ro ? "DISK_RO=1" : "DISK_RO=0" };

	if (bdev_read_only(bdev) != ro)
		kobject_uevent_env(bdev_kobj(bdev), KOBJ_CHANGE, envp);
	return 0;
}
