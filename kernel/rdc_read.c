// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Reads. What RAM has is copied at once; the rest is read from the origin,
 * into RAM pages where a slot could be had, else into the caller's.
 */
#include "rdc.h"

/**
 * struct rdc_plan - a read that RAM could not serve whole
 * @rc: the mapping
 * @io: the I/O
 * @bio: the caller's bio
 * @iter: what is not decided yet
 * @first: parts so far
 * @last: newest part
 * @may_evict: whether fills may push others out
 * @gfp: for RAM pages
 * @hits: blocks copied from RAM
 * @fills: blocks being filled
 * @direct: blocks read past the cache
 */
struct rdc_plan {
	struct rdc_dev *rc;
	struct rdc_io *io;
	struct bio *bio;
	struct bvec_iter iter;
	struct rdc_sub *first;
	struct rdc_sub *last;
	bool may_evict;
	gfp_t gfp;
	u32 hits;
	u32 fills;
	u32 direct;
};

/* The newest part when it may grow by a block of that kind, or a new one. */
static struct rdc_sub *rdc_plan_part(struct rdc_plan *plan, enum rdc_kind kind,
				     const struct rdc_piece *p)
{
	struct rdc_sub *sub = plan->last;
	u32 max = 0;

	if (sub && sub->kind == kind &&
	    sub->iter.bi_sector + (sub->iter.bi_size >> SECTOR_SHIFT) ==
	    plan->iter.bi_sector &&
	    (kind == RDC_DIRECT || sub->count < sub->max))
		return sub;

	if (kind == RDC_FILL)
		max = min_t(u32, RDC_SUB_BLOCKS,
			    (plan->iter.bi_size >> RDC_BLOCK_SHIFT) + 2);
	sub = rdc_sub_alloc(plan->rc, plan->io, kind, max);
	if (!sub)
		return NULL;
	sub->sector = p->block << RDC_BLOCK_SECT_SHIFT;
	sub->iter = plan->iter;
	sub->iter.bi_size = 0;
	if (plan->last)
		plan->last->next = sub;
	else
		plan->first = sub;
	plan->last = sub;
	return sub;
}

static struct page *rdc_plan_page(struct rdc_plan *plan,
				  const struct rdc_piece *p, u32 *offset)
{
	struct rdc_dev *rc = plan->rc;

	if (p->block >= rc->blocks)
		return NULL;
	/* The rest of the block may hold the bad sector. */
	if (!rdc_piece_whole(p) &&
	    rdc_bad_known(&rc->bad, p->block, rdc_seconds()))
		return NULL;
	return rdc_slot_fill(rc, p->block, plan->may_evict, plan->gfp, offset);
}

/* Decides about the next block. Return: false when memory is short. */
static bool rdc_plan_step(struct rdc_plan *plan)
{
	struct rdc_piece p = rdc_piece(plan->iter.bi_sector,
				       plan->iter.bi_size);
	struct rdc_sub *sub;
	struct page *page;
	u32 offset = 0;

	if (rdc_hit(plan->rc, &p, plan->bio, &plan->iter)) {
		plan->hits++;
		return true;
	}
	page = rdc_plan_page(plan, &p, &offset);
	if (IS_ERR(page)) {
		/* Became valid in between. */
		if (rdc_hit(plan->rc, &p, plan->bio, &plan->iter)) {
			plan->hits++;
			return true;
		}
		page = NULL;
	}

	sub = rdc_plan_part(plan, page ? RDC_FILL : RDC_DIRECT, &p);
	if (!sub) {
		if (page) {
			rdc_slot_done(plan->rc, p.block, false);
			plan->rc->ops->put(page);
		}
		return false;
	}
	if (page) {
		rdc_sub_add(sub, page, RDC_BLOCK_SIZE, offset, true);
		plan->fills++;
	} else {
		plan->direct++;
	}
	sub->iter.bi_size += p.len;
	bio_advance_iter(plan->bio, &plan->iter, p.len);
	return true;
}

static u32 rdc_blocks_of(const struct bvec_iter *iter)
{
	struct rdc_range r = rdc_range_touched(iter->bi_sector,
					       iter->bi_size >> SECTOR_SHIFT);

	return (u32)(r.end - r.first);
}

static int rdc_read_around(struct rdc_dev *rc, struct bio *bio, u32 blocks)
{
	rdc_count(&rc->stats, RDC_S_UREADS, blocks);
	rdc_count(&rc->stats, RDC_S_DREADS, blocks);
	return rdc_remap(rc, bio);
}

/*
 * A stream that has become long pushes nobody out. Readahead may: nearly all
 * that a file system reads is marked so, and the small queue keeps guesses
 * that nobody uses away from what is hot.
 */
static bool rdc_read_may_evict(struct rdc_dev *rc, const struct bvec_iter *iter)
{
	u32 cutoff = READ_ONCE(rc->cutoff);
	u32 blocks = rdc_blocks_of(iter);
	u32 stream = rdc_stream_note(&rc->streams,
				     iter->bi_sector >> RDC_BLOCK_SECT_SHIFT,
				     blocks);

	return !cutoff || stream <= cutoff;
}

/**
 * rdc_map_read() - serve a read
 * @rc: the mapping
 * @io: dm's per-bio data
 * @bio: dm's clone of the caller's bio, its sector being the origin's
 *
 * Return: DM_MAPIO_SUBMITTED or DM_MAPIO_REMAPPED.
 */
int rdc_map_read(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio)
{
	const u32 blocks = rdc_blocks_of(&bio->bi_iter);
	struct rdc_plan plan = {
		.rc = rc,
		.io = io,
		.bio = bio,
		.iter = bio->bi_iter,
	};

	rdc_count(&rc->stats, RDC_S_READS, blocks);
	if (READ_ONCE(rc->mode) == RDC_PASSTHROUGH)
		return rdc_read_around(rc, bio, blocks);

	while (plan.iter.bi_size) {
		struct rdc_piece p = rdc_piece(plan.iter.bi_sector,
					       plan.iter.bi_size);

		if (!rdc_hit(rc, &p, bio, &plan.iter))
			break;
		plan.hits++;
	}
	if (!plan.iter.bi_size) {
		rdc_count(&rc->stats, RDC_S_HITS, blocks);
		rdc_count(&rc->stats, RDC_S_CREADS, blocks);
		bio_endio(bio);
		return DM_MAPIO_SUBMITTED;
	}

	io->rc = rc;
	io->status = BLK_STS_OK;
	io->submitter = current;
	atomic_set(&io->pending, 1);
	plan.gfp = rdc_gfp(bio);
	plan.may_evict = rdc_read_may_evict(rc, &plan.iter);
	while (plan.iter.bi_size) {
		if (!rdc_plan_step(&plan)) {
			rdc_sub_undo(plan.first);
			return rdc_read_around(rc, bio, blocks);
		}
	}
	if (!plan.hits && !plan.fills) {
		rdc_sub_undo(plan.first);
		return rdc_read_around(rc, bio, blocks);
	}
	rdc_count(&rc->stats, RDC_S_HITS, plan.hits);
	rdc_count(&rc->stats, RDC_S_CREADS, plan.hits);
	rdc_count(&rc->stats, RDC_S_UREADS, plan.direct);
	rdc_count(&rc->stats, RDC_S_DREADS, plan.direct + plan.fills);
	rdc_count(&rc->stats, RDC_S_CWRITES, plan.fills);
	rdc_sub_submit_all(io, plan.first);
	return DM_MAPIO_SUBMITTED;
}
