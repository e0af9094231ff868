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
#include "rd_pages.h"
#include "rd_range.h"

/*
 * Never for ever: an allocation that cannot be had fails the write. Not from
 * the emergency reserves either, even for a caller that may: they are what
 * keeps the machine alive.
 */
#define RDSK_GFP_WAIT	(GFP_NOIO | __GFP_HIGHMEM | __GFP_NOWARN | \
			 __GFP_RETRY_MAYFAIL | __GFP_NOMEMALLOC)
#define RDSK_GFP_NOWAIT	(GFP_NOWAIT | __GFP_HIGHMEM | __GFP_NOWARN | \
			 __GFP_NOMEMALLOC)

/* A NOWAIT request longer than this is sent back, to be done where it may sleep */
#define RDSK_NOWAIT_BYTES	SZ_64M

#define RDSK_LONG_SEGMENT	SZ_1M

/**
 * struct rdsk_cursor - a walk over the memory of a bio
 * @page: first page of the segment; its pages are neighbours
 * @offset: bytes into the segment's memory from @page
 * @left: bytes of the segment left
 */
struct rdsk_cursor {
	struct page *page;
	unsigned int offset;
	unsigned int left;
};

/* Memory at the cursor, up to the end of the segment or, with highmem, a page */
static void *rdsk_map(const struct rdsk_cursor *at)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		return kmap_local_page(at->page + at->offset / PAGE_SIZE) +
		       offset_in_page(at->offset);
	return page_address(at->page) + at->offset;
}

static void rdsk_unmap(void *mapped)
{
	if (IS_ENABLED(CONFIG_HIGHMEM))
		kunmap_local(mapped);
}

/* How much can be copied at once between @at and the disk's page at @pos */
static unsigned int rdsk_piece(const struct rdsk_cursor *at, u64 pos)
{
	unsigned int len = min_t(unsigned int, at->left,
				 PAGE_SIZE - offset_in_page(pos));

	if (IS_ENABLED(CONFIG_HIGHMEM))
		len = min_t(unsigned int, len,
			    PAGE_SIZE - offset_in_page(at->offset));
	return len;
}

/* Whole pages have a copy of their own, which knows that they are aligned */
static __always_inline void rdsk_copy(void *to, void *from,
				      unsigned int len)
{
	if (len == PAGE_SIZE && PAGE_ALIGNED(to) && PAGE_ALIGNED(from))
		copy_page(to, from);
	else
		memcpy(to, from, len);
}

static void rdsk_read(struct rdsk *rd, struct rdsk_cursor *at, u64 pos)
{
	while (at->left) {
		unsigned int len = rdsk_piece(at, pos);
		void *to = rdsk_map(at);
		struct page *page;

		rcu_read_lock();
		page = rdsk_pages_lookup(rd, pos >> PAGE_SHIFT);
		if (page) {
			void *from = kmap_local_page(page);

			rdsk_copy(to, from + offset_in_page(pos), len);
			kunmap_local(from);
		}
		rcu_read_unlock();
		if (!page)
			memset(to, 0, len);
		rdsk_unmap(to);
		at->offset += len;
		at->left -= len;
		pos += len;
	}
}

/* Copy into a page that is there. False: there is none. */
static bool rdsk_write_present(struct rdsk *rd, u64 pos, void *from,
			       unsigned int len)
{
	struct page *page;

	rcu_read_lock();
	page = rdsk_pages_lookup(rd, pos >> PAGE_SHIFT);
	if (likely(page)) {
		void *to = kmap_local_page(page);

		rdsk_copy(to + offset_in_page(pos), from, len);
		kunmap_local(to);
	}
	rcu_read_unlock();
	return page;
}

/* The page is filled before it is put in, so that nobody sees it otherwise */
static int rdsk_write_absent(struct rdsk *rd, u64 pos, void *from,
			     unsigned int len, gfp_t gfp)
{
	u64 index = pos >> PAGE_SHIFT;
	struct page *page;
	void *to;
	int err;

	page = rdsk_pages_alloc(rd, index,
				len == PAGE_SIZE ? gfp : gfp | __GFP_ZERO);
	if (IS_ERR(page))
		return PTR_ERR(page);
	to = kmap_local_page(page);
	rdsk_copy(to + offset_in_page(pos), from, len);
	kunmap_local(to);
	err = rdsk_pages_insert(rd, index, page, gfp);
	if (err)
		rdsk_pages_free(page);
	return err;
}

static int rdsk_write(struct rdsk *rd, struct rdsk_cursor *at, u64 pos,
		      gfp_t gfp)
{
	int err = 0;

	while (at->left) {
		unsigned int len = rdsk_piece(at, pos);
		void *from = rdsk_map(at);

		/* -EEXIST: another first write won; write into its page */
		while (!rdsk_write_present(rd, pos, from, len)) {
			err = rdsk_write_absent(rd, pos, from, len, gfp);
			if (err != -EEXIST)
				break;
		}
		rdsk_unmap(from);
		if (unlikely(err && err != -EEXIST))
			return err;
		err = 0;
		at->offset += len;
		at->left -= len;
		pos += len;
	}
	return 0;
}

/*
 * Discard, write-zeroes and secure erase: whole pages go back to the machine,
 * edges become zeros. A populated disk keeps its pages: that they are there is
 * its promise.
 */
static void rdsk_clear(struct rdsk *rd, struct bio *bio)
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

static int rdsk_transfer(struct rdsk *rd, struct bio *bio)
{
	gfp_t gfp = bio->bi_opf & REQ_NOWAIT ? RDSK_GFP_NOWAIT : RDSK_GFP_WAIT;
	u64 pos = bio->bi_iter.bi_sector << SECTOR_SHIFT;
	bool write = bio_op(bio) == REQ_OP_WRITE;
	struct bvec_iter iter;
	struct bio_vec bv;

	bio_for_each_bvec(bv, bio, iter) {
		struct rdsk_cursor at = {
			.page = bv.bv_page,
			.offset = bv.bv_offset,
			.left = bv.bv_len,
		};

		if (write) {
			int err = rdsk_write(rd, &at, pos, gfp);

			if (unlikely(err))
				return err;
		} else {
			rdsk_read(rd, &at, pos);
		}
		pos += bv.bv_len;
		/* a segment can be many megabytes long */
		if (bv.bv_len >= RDSK_LONG_SEGMENT)
			cond_resched();
	}
	return 0;
}

static blk_status_t rdsk_no_memory(struct rdsk *rd, struct bio *bio, int err)
{
	if (bio->bi_opf & REQ_NOWAIT)
		return BLK_STS_AGAIN;
	atomic64_inc(&rd->errors);
	pr_err_ratelimited("rd%u: write failed: %s\n", rd->number,
			   err == -ENOSPC ? "memory limit reached" :
					    "out of memory");
	return BLK_STS_NOSPC;
}

static blk_status_t rdsk_serve(struct rdsk *rd, struct bio *bio)
{
	int err;

	/* the block layer only warns when a stacked device does this */
	if (op_is_write(bio_op(bio)) && unlikely(bdev_read_only(bio->bi_bdev)))
		return BLK_STS_IOERR;

	switch (bio_op(bio)) {
	case REQ_OP_READ:
		rdsk_transfer(rd, bio);
		return BLK_STS_OK;
	case REQ_OP_WRITE:
		rdsk_mark_written(rd, bio_end_sector(bio));
		err = rdsk_transfer(rd, bio);
		return likely(!err) ? BLK_STS_OK : rdsk_no_memory(rd, bio, err);
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

/**
 * rdsk_submit_bio() - block_device_operations.submit_bio
 * @bio: completed when this returns
 */
void rdsk_submit_bio(struct bio *bio)
{
	struct gendisk *disk = bio->bi_bdev->bd_disk;
	struct rdsk *rd = disk->private_data;

	if (likely(blk_queue_io_stat(disk->queue))) {
		unsigned long start = bio_start_io_acct(bio);

		bio->bi_status = rdsk_serve(rd, bio);
		bio_end_io_acct(bio, start);
	} else {
		bio->bi_status = rdsk_serve(rd, bio);
	}
	bio_endio(bio);
}
