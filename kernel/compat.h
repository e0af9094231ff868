/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Every difference between kernels that the modules must know, behind one
 * signature each. The HAVE_ macros come from probes.mk. No other file may test
 * for a kernel's version or for one of these macros.
 */
#ifndef RAPIDDISK_COMPAT_H
#define RAPIDDISK_COMPAT_H

#include <linux/blk-mq.h>
#include <linux/blkdev.h>
#include <linux/err.h>
#include <linux/limits.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

/* block_device_operations: fmode_t became blk_mode_t */
#ifndef HAVE_BLK_MODE_T
#define blk_mode_t	fmode_t
#define BLK_OPEN_READ	FMODE_READ
#define BLK_OPEN_WRITE	FMODE_WRITE
#define BLK_OPEN_EXCL	FMODE_EXCL
#endif

/*
 * block_device_operations.open() was given the block device and is now given
 * the disk. COMPAT_OPEN_ARG declares the first parameter, compat_open_disk()
 * makes the disk of it.
 */
#ifdef HAVE_OPEN_GENDISK
#define COMPAT_OPEN_ARG	struct gendisk *opened
static inline struct gendisk *compat_open_disk(struct gendisk *disk)
{
	return disk;
}
#else
#define COMPAT_OPEN_ARG	struct block_device *opened
static inline struct gendisk *compat_open_disk(struct block_device *bdev)
{
	return bdev->bd_disk;
}
#endif

/* Newer kernels want objects allocated by type */
#ifndef kzalloc_obj
#define kzalloc_obj(object, gfp)	kzalloc(sizeof(object), gfp)
#endif

/* The page cache of a block device */
static inline struct address_space *compat_bdev_mapping(struct block_device *bdev)
{
#ifdef HAVE_BD_MAPPING
	return bdev->bd_mapping;
#else
	return bdev->bd_inode->i_mapping;
#endif
}

/**
 * struct compat_disk_limits - what a RAM backed, bio based disk promises
 * @logical: logical block size in bytes
 * @physical: physical block size in bytes, also the smallest good I/O
 * @max_sectors: largest preferred I/O, in 512 byte sectors
 * @granularity: discard granularity in bytes
 */
struct compat_disk_limits {
	unsigned int logical;
	unsigned int physical;
	unsigned int max_sectors;
	unsigned int granularity;
};

/* A copy has no largest size; 4 GiB keeps byte counts within 32 bits */
#define COMPAT_MAX_HW_SECTORS	(UINT_MAX >> SECTOR_SHIFT)

#ifdef HAVE_ALLOC_DISK_LIMITS
static inline void compat_fill_limits(struct queue_limits *lim,
				      const struct compat_disk_limits *want)
{
	lim->logical_block_size = want->logical;
	lim->physical_block_size = want->physical;
	lim->io_min = want->physical;
	lim->max_hw_sectors = COMPAT_MAX_HW_SECTORS;
	lim->max_user_sectors = want->max_sectors;
	lim->max_segments = USHRT_MAX;
	lim->max_segment_size = UINT_MAX;
	lim->dma_alignment = 3;
	lim->discard_granularity = want->granularity;
	lim->max_hw_discard_sectors = UINT_MAX;
	lim->max_secure_erase_sectors = UINT_MAX;
	lim->max_write_zeroes_sectors = UINT_MAX;
#ifdef HAVE_WZEROES_UNMAP
	lim->max_hw_wzeroes_unmap_sectors = UINT_MAX;
#endif
#ifdef HAVE_LIMIT_FEATURES
	lim->features = BLK_FEAT_SYNCHRONOUS | BLK_FEAT_NOWAIT |
			BLK_FEAT_IO_STAT;
#endif
}
#else
static inline void compat_set_limits(struct request_queue *q,
				     const struct compat_disk_limits *want)
{
	blk_queue_logical_block_size(q, want->logical);
	blk_queue_physical_block_size(q, want->physical);
	blk_queue_io_min(q, want->physical);
	blk_queue_max_hw_sectors(q, COMPAT_MAX_HW_SECTORS);
	q->limits.max_sectors = want->max_sectors;
	blk_queue_max_segments(q, USHRT_MAX);
	blk_queue_max_segment_size(q, UINT_MAX);
	blk_queue_dma_alignment(q, 3);
	q->limits.discard_granularity = want->granularity;
	/* before the driver's limit had a name of its own */
	blk_queue_max_discard_sectors(q, UINT_MAX);
	blk_queue_max_secure_erase_sectors(q, UINT_MAX);
	blk_queue_max_write_zeroes_sectors(q, UINT_MAX);
}
#endif

#ifndef HAVE_LIMIT_FEATURES
static inline void compat_set_flags(struct request_queue *q)
{
	blk_queue_flag_set(QUEUE_FLAG_NONROT, q);
	blk_queue_flag_set(QUEUE_FLAG_IO_STAT, q);
	blk_queue_flag_set(QUEUE_FLAG_NOWAIT, q);
#ifdef QUEUE_FLAG_SYNCHRONOUS
	blk_queue_flag_set(QUEUE_FLAG_SYNCHRONOUS, q);
#endif
}
#endif

/**
 * compat_alloc_disk() - a gendisk for a bio based RAM disk
 * @want: its limits
 * @node: NUMA node of the structures, or NUMA_NO_NODE
 *
 * Not rotational, no write cache, synchronous, NOWAIT, with I/O statistics.
 *
 * Return: the disk, or an ERR_PTR.
 */
static inline struct gendisk *
compat_alloc_disk(const struct compat_disk_limits *want, int node)
{
	struct gendisk *disk;
#ifdef HAVE_ALLOC_DISK_LIMITS
	struct queue_limits lim = { };

	compat_fill_limits(&lim, want);
	disk = blk_alloc_disk(&lim, node);
	if (IS_ERR(disk))
		return disk;
#else
	disk = blk_alloc_disk(node);
	if (!disk)
		return ERR_PTR(-ENOMEM);
	compat_set_limits(disk->queue, want);
#endif
#ifndef HAVE_LIMIT_FEATURES
	compat_set_flags(disk->queue);
#endif
	return disk;
}

/* Writes that must not be torn, and targets that pass them on whole */
#ifdef REQ_ATOMIC
#define COMPAT_REQ_ATOMIC REQ_ATOMIC
#else
#define COMPAT_REQ_ATOMIC 0
#endif
#ifdef DM_TARGET_ATOMIC_WRITES
#define COMPAT_DM_ATOMIC_WRITES DM_TARGET_ATOMIC_WRITES
#else
#define COMPAT_DM_ATOMIC_WRITES 0
#endif

/**
 * compat_freeze() - wait for all I/O of a disk and hold back new
 * @disk: the disk
 *
 * Allocations of this task start no I/O until compat_unfreeze(), for that I/O
 * could be meant for this disk.
 *
 * Return: for compat_unfreeze().
 */
static inline unsigned int compat_freeze(struct gendisk *disk)
{
#ifdef HAVE_FREEZE_FLAGS
	return blk_mq_freeze_queue(disk->queue);
#else
	unsigned int flags = memalloc_noio_save();

	blk_mq_freeze_queue(disk->queue);
	return flags;
#endif
}

static inline void compat_unfreeze(struct gendisk *disk, unsigned int flags)
{
#ifdef HAVE_FREEZE_FLAGS
	blk_mq_unfreeze_queue(disk->queue, flags);
#else
	blk_mq_unfreeze_queue(disk->queue);
	memalloc_noio_restore(flags);
#endif
}

#endif /* RAPIDDISK_COMPAT_H */
