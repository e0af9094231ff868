// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Bios, served where they are submitted. A copy runs under rcu_read_lock() for
 * one page at a time. Overlapping I/O is not ordered: a read beside a write of
 * the same page may see a part of each.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bio.h>
#include <linux/highmem.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>
#include <linux/sizes.h>

#include "compat.h"
#include "rd_account.h"
#include "rd_copy.h"
#include "rd_memory.h"
#include "rd_pages.h"
#include "rd_range.h"

/*
 * Never forever: an allocation that cannot be had fails the write. Not from
 * the emergency reserves either, even for a caller that may: they are what
 * keeps the machine alive.
 */
#define RDSK_GFP_WAIT	(GFP_NOIO | __GFP_HIGHMEM | __GFP_NOWARN | \
			 __GFP_RETRY_MAYFAIL | __GFP_NOMEMALLOC)
#define RDSK_GFP_NOWAIT	(GFP_NOWAIT | __GFP_HIGHMEM | __GFP_NOWARN | \
			 __GFP_NOMEMALLOC)

/* A NOWAIT request longer than this is sent back, to be done where it may sleep */
#define RDSK_NOWAIT_BYTES	SZ_64M
/* Pieces copied before others get their turn: 64 KiB, a few microseconds */
#define RDSK_PIECES_AT_ONCE	16

/* Memory of the segment, up to its end or, with highmem, to the end of a page */
static __always_inline void *rdsk_map(const struct bio_vec *at)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		return kmap_local_page(at->bv_page + at->bv_offset / PAGE_SIZE) +
		       offset_in_page(at->bv_offset);
	return page_address(at->bv_page) + at->bv_offset;
}

static __always_inline void rdsk_unmap(void *mapped)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		kunmap_local(mapped);
}

/* How much can be copied at once between @at and the disk's page at @pos */
static __always_inline unsigned int rdsk_piece(const struct bio_vec *at,
					       u64 pos)
{
	unsigned int len = min_t(unsigned int, at->bv_len,
				 PAGE_SIZE - offset_in_page(pos));

	if (IS_ENABLED(CONFIG_HIGHMEM))
		len = min_t(unsigned int, len,
			    PAGE_SIZE - offset_in_page(at->bv_offset));
	return len;
}

/* Copy a piece out of the disk's page, or zeros where there is none */
static __always_inline void rdsk_read_piece(struct page *page, u64 pos,
					    void *to, unsigned int len)
{
	void *from;

	if (!page) {
		memset(to, 0, len);
		return;
	}
	from = kmap_local_page(page);
	rdsk_copy(to, from + offset_in_page(pos), len);
	kunmap_local(from);
}

static __always_inline void rdsk_write_piece(struct page *page, u64 pos,
					     void *from, unsigned int len)
{
	void *to = kmap_local_page(page);

	rdsk_copy(to + offset_in_page(pos), from, len);
	kunmap_local(to);
}

/*
 * Write a piece to where no page is yet. The page is filled before it is put
 * in, so that nobody sees it otherwise. -EEXIST: another first write won, and
 * the piece belongs into its page.
 */
static noinline int rdsk_write_absent(struct rdsk *rd, u64 pos, void *from,
				      unsigned int len, gfp_t gfp)
{
	u64 index = pos >> PAGE_SHIFT;
	struct page *page;
	int err;

	page = rdsk_pages_alloc(rd, index,
				len == PAGE_SIZE ? gfp : gfp | __GFP_ZERO);
	if (IS_ERR(page))
		return PTR_ERR(page);
	rdsk_write_piece(page, pos, from, len);
	err = rdsk_pages_insert(rd, index, page, gfp);
	if (err)
		rdsk_pages_free(page);
	return err;
}

/* Let others have their turn, if it is time; the read section ends and begins */
static __always_inline void rdsk_pause(unsigned int *pieces)
{
	if (likely(--*pieces))
		return;
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
	*pieces = RDSK_PIECES_AT_ONCE;
}

static void rdsk_read(struct rdsk *rd, struct bio *bio)
{
	u64 pos = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	unsigned int pieces = RDSK_PIECES_AT_ONCE;
	struct bvec_iter iter;
	struct bio_vec bv;

	rcu_read_lock();
	bio_for_each_bvec(bv, bio, iter) {
		struct bio_vec at = bv;

		while (at.bv_len) {
			unsigned int len = rdsk_piece(&at, pos);
			void *to = rdsk_map(&at);

			rdsk_read_piece(rdsk_pages_lookup(rd, pos >> PAGE_SHIFT),
					pos, to, len);
			rdsk_flush_buffer(&at, len);
			rdsk_unmap(to);
			at.bv_offset += len;
			at.bv_len -= len;
			pos += len;
			rdsk_pause(&pieces);
		}
	}
	rcu_read_unlock();
}

static int rdsk_write(struct rdsk *rd, struct bio *bio)
{
	gfp_t gfp = bio->bi_opf & REQ_NOWAIT ? RDSK_GFP_NOWAIT : RDSK_GFP_WAIT;
	u64 pos = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	unsigned int pieces = RDSK_PIECES_AT_ONCE;
	struct bvec_iter iter;
	struct bio_vec bv;
	int err = 0;

	rcu_read_lock();
	bio_for_each_bvec(bv, bio, iter) {
		struct bio_vec at = bv;

		while (at.bv_len) {
			unsigned int len = rdsk_piece(&at, pos);
			void *from = rdsk_map(&at);
			struct page *page;

			rdsk_flush_buffer(&at, len);
			page = rdsk_pages_lookup(rd, pos >> PAGE_SHIFT);
			if (likely(page)) {
				rdsk_write_piece(page, pos, from, len);
			} else {
				rcu_read_unlock();
				err = rdsk_write_absent(rd, pos, from, len,
							gfp);
				rcu_read_lock();
			}
			rdsk_unmap(from);
			if (unlikely(err)) {
				if (err != -EEXIST)
					goto unlock;
				err = 0;
				continue;
			}
			at.bv_offset += len;
			at.bv_len -= len;
			pos += len;
			rdsk_pause(&pieces);
		}
	}
unlock:
	rcu_read_unlock();
	return err;
}

/*
 * Discard, write-zeroes and secure erase: whole pages go back to the machine,
 * edges become zeros. A populated disk keeps its pages: that they are there is
 * its promise.
 */
static noinline void rdsk_clear(struct rdsk *rd, struct bio *bio)
{
	u64 pos = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	struct rdsk_range range = rdsk_cut_range(pos, bio->bi_iter.bi_size,
						 rdsk_size(rd));
	u64 index;

	if (range.head)
		rdsk_pages_zero(rd, range.head_page, range.head_offset, range.head);
	if (range.tail)
		rdsk_pages_zero(rd, range.end, 0, range.tail);
	if (!rd->options.populate) {
		rdsk_pages_remove(rd, range.first, range.end,
				  bio_op(bio) == REQ_OP_SECURE_ERASE);
		return;
	}
	for (index = range.first; index < range.end; index++) {
		rdsk_pages_zero(rd, index, 0, PAGE_SIZE);
		cond_resched();
	}
}

static noinline blk_status_t
rdsk_no_memory(struct rdsk *rd, struct bio *bio, int err)
{
	if (bio->bi_opf & REQ_NOWAIT)
		return BLK_STS_AGAIN;
	atomic64_inc(&rd->errors);
	pr_err_ratelimited("rd%u: write failed: %s\n", rd->number,
			   rdsk_memory_why(err));
	return BLK_STS_NOSPC;
}

static noinline blk_status_t rdsk_serve_other(struct rdsk *rd, struct bio *bio)
{
	switch (bio_op(bio)) {
	case REQ_OP_DISCARD:
	case REQ_OP_SECURE_ERASE:
	case REQ_OP_WRITE_ZEROES:
		if (bio->bi_opf & REQ_NOWAIT &&
		    bio->bi_iter.bi_size > RDSK_NOWAIT_BYTES)
			return BLK_STS_AGAIN;
		rdsk_clear(rd, bio);
		return BLK_STS_OK;
	default:
		return BLK_STS_NOTSUPP;
	}
}

/*
 * A write that must not be. The block layer only warns when a stacked device
 * writes to what is read-only. And older kernels, 6.1 among them, open a
 * partition that somebody has open without asking rdsk_open(), which keeps
 * writers off the disk of a cache.
 */
static __always_inline bool rdsk_refuses(struct rdsk *rd, struct bio *bio)
{
	return bdev_read_only(bio->bi_bdev) ||
	       (READ_ONCE(rd->stores) && bdev_is_partition(bio->bi_bdev));
}

static __always_inline blk_status_t rdsk_serve(struct rdsk *rd,
					       struct bio *bio)
{
	int err;

	if (bio_op(bio) == REQ_OP_READ) {
		rdsk_read(rd, bio);
		return BLK_STS_OK;
	}
	if (op_is_write(bio_op(bio)) && unlikely(rdsk_refuses(rd, bio)))
		return BLK_STS_IOERR;
	if (bio_op(bio) != REQ_OP_WRITE)
		return rdsk_serve_other(rd, bio);

	rdsk_mark_written(rd, bio_end_sector(bio));
	err = rdsk_write(rd, bio);
	return likely(!err) ? BLK_STS_OK : rdsk_no_memory(rd, bio, err);
}

/**
 * rdsk_submit_bio() - block_device_operations.submit_bio
 * @bio: completed when this returns
 */
void rdsk_submit_bio(struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;
	struct rdsk *rd = disk->private_data;

	if (likely(blk_queue_io_stat(disk->queue))) {
		struct rdsk_account account = rdsk_account_start(bio);

		bio->bi_status = rdsk_serve(rd, bio);
		rdsk_account_end(bio, account);
	} else {
		bio->bi_status = rdsk_serve(rd, bio);
	}
	bio_endio(bio);
}
