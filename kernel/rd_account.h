/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * I/O statistics that cost next to nothing for I/O that ends where it began.
 *
 * The kernel's own functions mark an I/O as in flight, look at the clock, and
 * undo that, twice a bio. Most I/O here begins and ends within one tick of the
 * clock, and the disk's time stamp is of that tick already. Then all that the
 * kernel's functions would change in the end is two counters, and those are
 * counted here. Everything else is left to the kernel: the first I/O of a tick,
 * an I/O during which the clock ticks, partitions.
 */
#ifndef RD_ACCOUNT_H
#define RD_ACCOUNT_H

#include <linux/bio.h>
#include <linux/jiffies.h>
#include <linux/part_stat.h>

/**
 * struct rdsk_account - one I/O being counted
 * @start: when it began, in jiffies
 * @known: the kernel was told that it began
 */
struct rdsk_account {
	unsigned long start;
	bool known;
};

static __always_inline struct rdsk_account rdsk_account_start(struct bio *bio)
{
	struct block_device *part = bio->bi_bdev;
	struct rdsk_account account = { .start = jiffies };

	if (unlikely(account.start != READ_ONCE(part->bd_stamp) ||
		     bdev_is_partition(part))) {
		account.start = bio_start_io_acct(bio);
		account.known = true;
	}
	return account;
}

static __always_inline void rdsk_account_end(struct bio *bio,
					     struct rdsk_account account)
{
	struct block_device *part = bio->bi_bdev;
	const int group = op_stat_group(bio_op(bio));

	if (likely(!account.known && !time_after(jiffies, account.start))) {
		part_stat_lock();
		__part_stat_add(part, ios[group], 1);
		__part_stat_add(part, sectors[group], bio_sectors(bio));
		part_stat_unlock();
		return;
	}
	if (!account.known) {
		/* what the kernel would have done at the start */
		part_stat_lock();
		part_stat_local_inc(part, in_flight[op_is_write(bio_op(bio))]);
		part_stat_unlock();
	}
	bio_end_io_acct(bio, account.start);
}

#endif /* RD_ACCOUNT_H */
