// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Attach and detach of RAM disks.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/slab.h>

#include "compat.h"
#include "rd_memory.h"
#include "rd_pages.h"
#include "rd_range.h"

int rdsk_major;

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
	struct rdsk *rd;

	while ((rd = rdsk_first()))
		rdsk_destroy(rd);
}
