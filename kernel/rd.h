/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * One RAM disk, and what the files of rapiddisk.ko offer each other.
 *
 * Locks, outermost first:
 *	rdsk_lock		the list of disks, their numbers and states
 *	gendisk.open_mutex	openers, rdsk.claimed, write_opens, stores and
 *				store_served
 *	rdsk.index_lock		spinlock: which chunks the page index has
 *	rdsk_reclaim.lock	spinlock: pages that wait for a grace period
 * rdsk_lock is never held over add_disk(), del_gendisk(), allocation of data
 * pages or I/O. I/O takes none of them, except index_lock once for each chunk
 * made or dropped, and that of reclaim once for each discard.
 */
#ifndef RD_H
#define RD_H

#include <linux/atomic.h>
#include <linux/blkdev.h>
#include <linux/list.h>
#include <linux/percpu_counter.h>
#include <linux/spinlock.h>

#include "rd_command.h"

#define RDSK_NAME		"rapiddisk"

enum rdsk_state {
	RDSK_ATTACHING,	/* number taken, disk not there yet */
	RDSK_LIVE,
	RDSK_RESIZING,
	RDSK_DETACHING,
};

struct rdsk_top;

/**
 * struct rdsk - one RAM disk
 * @link: in the list of disks, in attach order
 * @number: N of rdN, and its minor
 * @state: see enum rdsk_state; under rdsk_lock
 * @claimed: opens are refused: it is being detached or shrunk; under the
 *	disk's open_mutex
 * @write_opens: times it was opened for writing since nobody had it open: not
 *	less than the writers that there are; under the disk's open_mutex
 * @stores: claims by a cache (rapiddisk_store.h): others may only read; written
 *	under the disk's open_mutex
 * @store_served: a cache has had its copies on the disk; under the disk's
 *	open_mutex
 * @options: memory policy, constant
 * @disk: its gendisk
 * @top: page index, see rd_pages.h
 * @index_lock: held to add or drop a chunk, and to replace @top
 * @used: pages that hold data
 * @highest: end of the highest sector ever written, in sectors
 * @errors: writes that failed for want of memory
 */
struct rdsk {
	struct rdsk_top __rcu *top;
	struct gendisk *disk;
	struct percpu_counter used;
	u64 highest;
	struct rdsk_options options;
	spinlock_t index_lock;		/* protects the chunks of top */
	atomic64_t errors;
	unsigned int number;
	enum rdsk_state state;
	bool claimed;
	unsigned int write_opens;
	unsigned int stores;
	bool store_served;
	struct list_head link;
};

/* rd_main.c: module parameters */
extern int rdsk_max_sectors;
extern int rdsk_nr_requests;
extern unsigned long rdsk_max_nr;
extern unsigned int rdsk_busy_grace_ms;

/* rd_list.c: which disks there are, and who may use them */
int rdsk_reserve(struct rdsk *rd);
void rdsk_unreserve(struct rdsk *rd);
struct rdsk *rdsk_first(void);
unsigned int rdsk_attached(void);
void rdsk_for_each(bool (*visit)(struct rdsk *rd, void *data), void *data);
struct rdsk *rdsk_begin(unsigned int number, enum rdsk_state state);
void rdsk_end(struct rdsk *rd);
int rdsk_claim(struct rdsk *rd);
void rdsk_unclaim(struct rdsk *rd);
int rdsk_claim_store(struct rdsk *rd);
void rdsk_release_store(struct rdsk *rd, bool served);
bool rdsk_retry_busy(unsigned long *since);

/* rd_disk.c: attach and detach */
extern int rdsk_major;
int rdsk_attach(unsigned int number, u64 size,
		const struct rdsk_options *options);
int rdsk_detach(unsigned int number);
void rdsk_detach_all(void);

/* rd_fops.c: open and ioctl */
extern const struct block_device_operations rdsk_fops;

/* rd_change.c: its size, its contents, its lock */
int rdsk_resize(unsigned int number, u64 size);
int rdsk_drop_contents(struct rdsk *rd);
int rdsk_erase(struct rdsk *rd, unsigned int own_openers);
int rdsk_set_read_only(struct block_device *bdev, bool ro);

/* rd_io.c: bios */
void rdsk_submit_bio(struct bio *bio);

/* rd_attrs.c: /sys/block/rdN/rapiddisk */
extern const struct attribute_group *rdsk_disk_groups[];

/* rd_sysfs.c: /sys/kernel/rapiddisk */
int rdsk_sysfs_init(void);
void rdsk_sysfs_exit(void);

static inline u64 rdsk_used_bytes(struct rdsk *rd)
{
	return (u64)percpu_counter_sum_positive(&rd->used) << PAGE_SHIFT;
}

static inline u64 rdsk_size(struct rdsk *rd)
{
	return (u64)get_capacity(rd->disk) << SECTOR_SHIFT;
}

/* Raise the mark of the highest sector ever written to @sector */
static inline void rdsk_mark_written(struct rdsk *rd, u64 sector)
{
	u64 seen = READ_ONCE(rd->highest);

	while (unlikely(sector > seen)) {
		u64 old = cmpxchg64(&rd->highest, seen, sector);

		if (old == seen)
			break;
		seen = old;
	}
}

#endif /* RD_H */
