// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Parts of a caller's I/O that are bios of our own. They are clones of the
 * caller's, so flags, priority, cgroup and hints are the caller's too; only
 * their range and, for fills and stores, their pages are ours.
 *
 * Nothing here waits for memory: a part that cannot be made means that the
 * caller's bio goes to the origin as it is. But for retries: they run in a
 * worker, and have a pool of their own.
 *
 * A bio that was submitted is never submitted again: whatever the origin did to
 * it, such as splitting it, is still there. A retry is a new part.
 */
#include "rdc.h"

static void rdc_sub_work(struct work_struct *work);
static void rdc_sub_submit(struct rdc_sub *sub);

static struct rdc_sub *rdc_sub_new(struct rdc_dev *rc, struct rdc_io *io,
				   enum rdc_kind kind, gfp_t gfp,
				   struct bio_set *bs)
{
	struct bio *bio = bio_alloc_clone(rc->origin->bdev, rdc_io_bio(io), gfp,
					  bs);
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
	sub->last_try = false;
	sub->max = RDC_INLINE_VECS;
	sub->vecs = sub->inline_vecs;
	sub->inline_owned = 0;
	sub->owned = &sub->inline_owned;
	return sub;
}

/**
 * rdc_sub_alloc() - a part without range or pages yet
 * @rc: the mapping
 * @io: the caller's I/O
 * @kind: what it will be
 * @max_vecs: vectors it may need
 *
 * Return: the part, or NULL.
 */
struct rdc_sub *rdc_sub_alloc(struct rdc_dev *rc, struct rdc_io *io,
			      enum rdc_kind kind, u32 max_vecs)
{
	struct rdc_sub *sub = rdc_sub_new(rc, io, kind,
					  GFP_NOWAIT | __GFP_NOWARN, &rc->bs);

	if (sub && max_vecs > RDC_INLINE_VECS) {
		size_t size = max_vecs * sizeof(*sub->vecs);
		size_t bits = BITS_TO_LONGS(max_vecs) * sizeof(long);

		sub->vecs = kmalloc(size + bits, GFP_NOWAIT | __GFP_NOWARN);
		if (!sub->vecs) {
			bio_put(&sub->bio);
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

/*
 * Ends the ownership of every slot and page of a fill or store, and the writes
 * around the cache that are among its pieces. Such a piece may have several
 * vectors.
 */
static void rdc_sub_settle(struct rdc_sub *sub, bool good)
{
	struct rdc_dev *rc = sub->io->rc;
	u64 byte = sub->sector << SECTOR_SHIFT, last = U64_MAX;
	u32 i;

	for (i = 0; i < sub->count; i++) {
		struct bio_vec *bv = &sub->vecs[i];
		u64 block = byte >> RDC_BLOCK_SHIFT;

		byte += bv->bv_len;
		if (test_bit(i, sub->owned)) {
			rdc_slot_done(rc, block, good);
			rc->ops->put(bv->bv_page);
		} else if (block != last && block < rc->blocks) {
			rdc_around_end_block(rc, block);
		}
		last = block;
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

		rdc_copy(bio, &iter, sub->vecs[i].bv_page,
			 sub->vecs[i].bv_offset + p.offset, p.len, false);
	}
}

/**
 * rdc_count_error() - count an I/O that the origin failed
 * @rc: the mapping
 * @status: how it ended; what can be done again, or not at all, is no failure
 */
void rdc_count_error(struct rdc_dev *rc, blk_status_t status)
{
	if (status != BLK_STS_AGAIN && status != BLK_STS_NOTSUPP)
		rdc_count(&rc->stats, RDC_S_ORIGIN_ERR, 1);
}

static void rdc_sub_finish(struct rdc_sub *sub)
{
	struct rdc_io *io = sub->io;
	blk_status_t status = sub->bio.bi_status;

	if (status)
		rdc_count_error(io->rc, status);
	switch (sub->kind) {
	case RDC_FILL:
		if (!status)
			rdc_fill_copy_out(sub);
		rdc_sub_settle(sub, !status);
		break;
	case RDC_STORE:
		rdc_sub_settle(sub, !status);
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

/* The fill read more than the caller asked for. */
static bool rdc_fill_wider(const struct rdc_sub *sub)
{
	return (u64)sub->count << RDC_BLOCK_SHIFT != sub->iter.bi_size;
}

/* Blocks at the ends of a failed fill that were read for a part's sake only. */
static void rdc_fill_note_bad(struct rdc_sub *sub)
{
	struct rdc_bad *bad = &sub->io->rc->bad;
	u64 now = rdc_seconds();
	u64 end = sub->iter.bi_sector + (sub->iter.bi_size >> SECTOR_SHIFT);

	if (sub->iter.bi_sector & (RDC_BLOCK_SECTORS - 1))
		rdc_bad_note(bad, sub->iter.bi_sector >> RDC_BLOCK_SECT_SHIFT,
			     now);
	if (end & (RDC_BLOCK_SECTORS - 1))
		rdc_bad_note(bad, end >> RDC_BLOCK_SECT_SHIFT, now);
}

/* Moves the pages and slots of a store. */
static void rdc_sub_move_vecs(struct rdc_sub *to, struct rdc_sub *from)
{
	to->sector = from->sector;
	to->count = from->count;
	to->max = from->max;
	to->inline_owned = from->inline_owned;
	if (from->vecs == from->inline_vecs) {
		memcpy(to->inline_vecs, from->inline_vecs,
		       sizeof(to->inline_vecs));
		return;
	}
	to->vecs = from->vecs;
	to->owned = from->owned;
	from->vecs = from->inline_vecs;
	from->owned = &from->inline_owned;
}

/*
 * Does a part again with a new bio, which may wait for room in the origin's
 * queue. Of a read, only what the caller asked for.
 */
static void rdc_sub_retry(struct rdc_sub *old)
{
	struct rdc_dev *rc = old->io->rc;
	struct rdc_sub *sub = rdc_sub_new(rc, old->io, old->kind, GFP_NOIO,
					  &rc->retry_bs);

	if (!sub) {
		if (old->bio.bi_status == BLK_STS_AGAIN)
			old->bio.bi_status = BLK_STS_RESOURCE;
		rdc_sub_finish(old);
		return;
	}
	rdc_count_error(rc, old->bio.bi_status);
	sub->iter = old->iter;
	if (old->kind == RDC_FILL) {
		rdc_sub_settle(old, false);
		sub->kind = RDC_DIRECT;
	} else {
		rdc_sub_move_vecs(sub, old);
	}
	rdc_sub_free(old);
	sub->last_try = true;
	sub->bio.bi_opf &= ~REQ_NOWAIT;
	rdc_sub_submit(sub);
}

static void rdc_sub_work(struct work_struct *work)
{
	struct rdc_sub *sub = container_of(work, struct rdc_sub, work);

	if (sub->retry)
		rdc_sub_retry(sub);
	else
		rdc_sub_finish(sub);
}

/*
 * Whether the caller learns of EAGAIN where it can issue its I/O again: as
 * io_uring demands, in the task that submitted it, when nothing else of the I/O
 * is in flight that would end elsewhere.
 */
static bool rdc_caller_may_reissue(struct rdc_io *io)
{
	return in_task() && current == io->submitter &&
	       atomic_read(&io->pending) == 1;
}

static bool rdc_sub_wants_retry(struct rdc_sub *sub)
{
	if (!sub->bio.bi_status || sub->last_try)
		return false;
	if (sub->bio.bi_status == BLK_STS_AGAIN)
		return !rdc_caller_may_reissue(sub->io);
	/* It may have failed for sectors that nobody asked for. */
	if (sub->kind != RDC_FILL || !rdc_fill_wider(sub))
		return false;
	rdc_fill_note_bad(sub);
	return true;
}

static void rdc_sub_end_io(struct bio *bio)
{
	struct rdc_sub *sub = container_of(bio, struct rdc_sub, bio);

	sub->retry = rdc_sub_wants_retry(sub);
	if (sub->retry ||
	    (!bio->bi_status && sub->kind == RDC_FILL &&
	     sub->count > RDC_IRQ_BLOCKS && (in_hardirq() || irqs_disabled())))
		queue_work(sub->io->rc->wq, &sub->work);
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
	}
	/* A used one would end early: what a layer below did to it is there. */
	WARN_ON_ONCE(bio_flagged(bio, BIO_CHAIN));
	/* Anyone who polls the caller's bio does not know about this one. */
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
	io->end = RDC_END_PARTS;
	while (first) {
		struct rdc_sub *next = first->next;

		atomic_inc(&io->pending);
		rdc_sub_submit(first);
		first = next;
	}
	rdc_io_put(io);
}
