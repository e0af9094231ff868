// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Parts of a caller's I/O that are bios of our own. They are clones of the
 * caller's, so flags, priority, cgroup and hints are the caller's too; only
 * their range and, for fills and stores, their pages are ours.
 *
 * Nothing here waits for memory: a part that cannot be made means that the
 * caller's bio goes to the origin as it is.
 */
#include "rd_copy.h"
#include "rdc.h"

static void rdc_sub_work(struct work_struct *work);

/**
 * rdc_copy() - copy between a RAM page and the caller's buffer
 * @bio: the caller's bio
 * @iter: position in it, moved on by @len
 * @page: the RAM page
 * @offset: first byte in it
 * @len: bytes
 * @to_page: direction
 */
void rdc_copy(struct bio *bio, struct bvec_iter *iter, struct page *page,
	      u32 offset, u32 len, bool to_page)
{
	u8 *ram = kmap_local_page(page);

	while (len) {
		struct bio_vec bv = bio_iter_iovec(bio, *iter);
		u32 n = min(len, bv.bv_len);
		u8 *buf = kmap_local_page(bv.bv_page) + bv.bv_offset;

		if (to_page) {
			rdsk_copy(ram + offset, buf, n);
		} else {
			rdsk_copy(buf, ram + offset, n);
			flush_dcache_page(bv.bv_page);
		}
		kunmap_local(buf);
		bio_advance_iter_single(bio, iter, n);
		offset += n;
		len -= n;
	}
	kunmap_local(ram);
}

/**
 * rdc_sub_alloc() - a part without range or pages yet
 * @rd: the mapping
 * @io: the caller's I/O
 * @kind: what it will be
 * @max_vecs: vectors it may need
 *
 * Return: the part, or NULL.
 */
struct rdc_sub *rdc_sub_alloc(struct rdc_dev *rd, struct rdc_io *io,
			      enum rdc_kind kind, u32 max_vecs)
{
	struct bio *bio = bio_alloc_clone(rd->origin->bdev, rdc_io_bio(io),
					  GFP_NOWAIT | __GFP_NOWARN, &rd->bs);
	struct rdc_sub *sub;

	if (!bio)
		return NULL;
	sub = container_of(bio, struct rdc_sub, bio);
	sub->io = io;
	sub->next = NULL;
	INIT_WORK(&sub->work, rdc_sub_work);
	sub->sector = 0;
	sub->count = 0;
	sub->kind = kind;
	sub->retry = false;
	sub->max = RDC_INLINE_VECS;
	sub->vecs = sub->inline_vecs;
	sub->inline_owned = 0;
	sub->owned = &sub->inline_owned;
	if (max_vecs > RDC_INLINE_VECS) {
		size_t size = max_vecs * sizeof(*sub->vecs);
		size_t bits = BITS_TO_LONGS(max_vecs) * sizeof(long);

		sub->vecs = kmalloc(size + bits, GFP_NOWAIT | __GFP_NOWARN);
		if (!sub->vecs) {
			bio_put(bio);
			return NULL;
		}
		sub->owned = (unsigned long *)((u8 *)sub->vecs + size);
		memset(sub->owned, 0, bits);
		sub->max = max_vecs;
	}
	return sub;
}

/**
 * rdc_sub_free() - give a part back
 * @sub: the part; its pages must have been put
 */
void rdc_sub_free(struct rdc_sub *sub)
{
	if (sub->vecs != sub->inline_vecs)
		kfree(sub->vecs);
	bio_put(&sub->bio);
}

/**
 * rdc_sub_add() - one more vector
 * @sub: the part, with room left
 * @page: the page
 * @len: bytes
 * @offset: first byte in the page
 * @owned: a RAM page whose slot and reference are the part's
 */
void rdc_sub_add(struct rdc_sub *sub, struct page *page, u32 len, u32 offset,
		 bool owned)
{
	if (owned)
		__set_bit(sub->count, sub->owned);
	sub->vecs[sub->count++] = (struct bio_vec){
		.bv_page = page,
		.bv_len = len,
		.bv_offset = offset,
	};
}

/* Ends the ownership of every slot and page of a fill or store. */
static void rdc_sub_settle(struct rdc_sub *sub, bool good)
{
	struct rdc_dev *rd = sub->io->rd;
	u64 byte = sub->sector << 9;
	u32 i;

	for (i = 0; i < sub->count; i++) {
		struct bio_vec *bv = &sub->vecs[i];
		u64 block = byte >> RDC_BLOCK_SHIFT;

		byte += bv->bv_len;
		if (test_bit(i, sub->owned)) {
			rdc_slot_done(rd, block, bv->bv_page, good);
			rd->ops->put(bv->bv_page);
		} else if (block < rd->blocks) {
			rdc_slot_drop(rd, block, RDC_S_WINVAL);
		}
	}
}

/**
 * rdc_sub_undo() - take parts back that were not submitted
 * @sub: first of the list
 */
void rdc_sub_undo(struct rdc_sub *sub)
{
	while (sub) {
		struct rdc_sub *next = sub->next;

		if (sub->kind == RDC_FILL || sub->kind == RDC_STORE)
			rdc_sub_settle(sub, false);
		rdc_sub_free(sub);
		sub = next;
	}
}

static void rdc_io_put(struct rdc_io *io)
{
	struct bio *bio;

	if (!atomic_dec_and_test(&io->pending))
		return;
	bio = rdc_io_bio(io);
	bio->bi_status = io->status;
	bio_endio(bio);
}

/* What a fill read goes to the caller, before anybody may write the pages. */
static void rdc_fill_copy_out(struct rdc_sub *sub)
{
	struct bio *bio = rdc_io_bio(sub->io);
	struct bvec_iter iter = sub->iter;
	u32 i;

	for (i = 0; i < sub->count && iter.bi_size; i++) {
		struct rdc_piece p = rdc_piece(iter.bi_sector, iter.bi_size);

		rdc_copy(bio, &iter, sub->vecs[i].bv_page, p.offset, p.len,
			 false);
	}
}

/* The fill read more than the caller asked for. */
static bool rdc_fill_wider(const struct rdc_sub *sub)
{
	return (u64)sub->count << RDC_BLOCK_SHIFT != sub->iter.bi_size;
}

static void rdc_sub_finish(struct rdc_sub *sub)
{
	struct rdc_io *io = sub->io;
	blk_status_t status = sub->bio.bi_status;

	if (status && status != BLK_STS_AGAIN)
		rdc_count(&io->rd->stats, RDC_S_ORIGIN_ERR, 1);
	switch (sub->kind) {
	case RDC_FILL:
		if (!status)
			rdc_fill_copy_out(sub);
		rdc_sub_settle(sub, !status);
		break;
	case RDC_STORE:
		rdc_sub_settle(sub, !status);
		break;
	case RDC_CLEAR:
		rdc_drop_range(io->rd, io->sector, io->sectors, RDC_S_WINVAL,
			       true);
		break;
	case RDC_DIRECT:
		break;
	}
	/* Of several errors, any one. */
	if (status)
		WRITE_ONCE(io->status, status);
	rdc_sub_free(sub);
	rdc_io_put(io);
}

/* Sends a part again that failed for sectors nobody asked for. */
static void rdc_sub_retry(struct rdc_sub *sub)
{
	struct bio *bio = &sub->bio;

	rdc_sub_settle(sub, false);
	sub->kind = RDC_DIRECT;
	sub->retry = false;
	bio->bi_status = BLK_STS_OK;
	bio->bi_io_vec = rdc_io_bio(sub->io)->bi_io_vec;
	bio->bi_iter = sub->iter;
	bio_set_dev(bio, sub->io->rd->origin->bdev);
	submit_bio_noacct(bio);
}

static void rdc_sub_work(struct work_struct *work)
{
	struct rdc_sub *sub = container_of(work, struct rdc_sub, work);

	if (sub->retry)
		rdc_sub_retry(sub);
	else
		rdc_sub_finish(sub);
}

static void rdc_sub_end_io(struct bio *bio)
{
	struct rdc_sub *sub = container_of(bio, struct rdc_sub, bio);
	bool later = sub->kind == RDC_CLEAR;

	if (sub->kind == RDC_FILL) {
		sub->retry = bio->bi_status && rdc_fill_wider(sub);
		later = sub->retry || (sub->count > RDC_IRQ_BLOCKS &&
				       (in_hardirq() || irqs_disabled()));
	}
	if (later)
		queue_work(sub->io->rd->wq, &sub->work);
	else
		rdc_sub_finish(sub);
}

static void rdc_sub_submit(struct rdc_sub *sub)
{
	struct bio *bio = &sub->bio;
	u32 i;

	switch (sub->kind) {
	case RDC_FILL:
	case RDC_STORE:
		bio->bi_io_vec = sub->vecs;
		bio->bi_iter = (struct bvec_iter){ .bi_sector = sub->sector };
		for (i = 0; i < sub->count; i++)
			bio->bi_iter.bi_size += sub->vecs[i].bv_len;
		break;
	case RDC_DIRECT:
		bio->bi_iter = sub->iter;
		break;
	case RDC_CLEAR:
		break;
	}
	/* Whoever polls the caller's bio does not know about this one. */
	bio->bi_opf &= ~REQ_POLLED;
	bio->bi_end_io = rdc_sub_end_io;
	submit_bio_noacct(bio);
}

/**
 * rdc_sub_submit_all() - send the parts of an I/O; it may be over on return
 * @io: the I/O, its @pending being 1
 * @first: its parts
 */
void rdc_sub_submit_all(struct rdc_io *io, struct rdc_sub *first)
{
	while (first) {
		struct rdc_sub *next = first->next;

		atomic_inc(&io->pending);
		rdc_sub_submit(first);
		first = next;
	}
	rdc_io_put(io);
}
