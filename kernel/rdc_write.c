// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Writes, and everything else that changes the origin. In write-through mode
 * the caller's data is copied to RAM once and the origin is written from
 * there, so that RAM and origin get the same bytes whatever the caller does
 * to its buffer. All other writes go from the caller's buffer, around the cache:
 * see rdc_around.c.
 */
#include "rdc.h"

static void rdc_io_begin(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio)
{
	io->rc = rc;
	io->status = BLK_STS_OK;
	io->sector = bio->bi_iter.bi_sector;
	io->sectors = bio->bi_iter.bi_size >> SECTOR_SHIFT;
	io->submitter = current;
	atomic_set(&io->pending, 1);
}

static u32 rdc_io_blocks(const struct rdc_io *io)
{
	struct rdc_range r = rdc_range_touched(io->sector, io->sectors);

	return (u32)(r.end - r.first);
}

/* The bio goes to the origin as it is; its blocks have no copy meanwhile. */
static int rdc_around(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio)
{
	/* Device-mapper of Linux 6.1 maps such bios under rcu_read_lock(). */
	rdc_around_begin(rc, io, !(bio->bi_opf & (REQ_NOWAIT | REQ_POLLED)));
	io->end = RDC_END_AROUND;
	return rdc_remap(rc, bio);
}

static int rdc_write_around(struct rdc_dev *rc, struct rdc_io *io,
			    struct bio *bio)
{
	u32 blocks = rdc_io_blocks(io);

	rdc_count(&rc->stats, RDC_S_UWRITES, blocks);
	rdc_count(&rc->stats, RDC_S_DWRITES, blocks);
	return rdc_around(rc, io, bio);
}

/**
 * rdc_map_clear() - pass something on that changes the origin without data
 * @rc: the mapping
 * @io: dm's per-bio data
 * @bio: discard, write zeroes, secure erase, ...; its sector the origin's
 */
int rdc_map_clear(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio)
{
	rdc_io_begin(rc, io, bio);
	rdc_count(&rc->stats, RDC_S_CLEARS, rdc_io_blocks(io));
	return rdc_around(rc, io, bio);
}

/* Adds the caller's own pages for a piece that is not cached. */
static void rdc_store_callers(struct rdc_sub *sub, struct bio *bio,
			      struct bvec_iter *iter, u32 len)
{
	while (len) {
		struct bio_vec bv = bio_iter_iovec(bio, *iter);
		u32 n = min(len, bv.bv_len);

		rdc_sub_add(sub, bv.bv_page, n, bv.bv_offset, false);
		bio_advance_iter_single(bio, iter, n);
		len -= n;
	}
}

/* Return: blocks now in RAM, on their way to the origin from there. */
static u32 rdc_store_build(struct rdc_dev *rc, struct rdc_sub *sub,
			   struct bio *bio, bool may_evict)
{
	struct bvec_iter iter = bio->bi_iter;
	const gfp_t gfp = rdc_gfp(bio);
	u32 cached = 0;

	while (iter.bi_size) {
		struct rdc_piece p = rdc_piece(iter.bi_sector, iter.bi_size);
		struct page *page = NULL;
		u32 offset = 0;

		if (p.block < rc->blocks)
			page = rdc_slot_write(rc, &p, may_evict, gfp, &offset);
		if (!page) {
			rdc_store_callers(sub, bio, &iter, p.len);
			continue;
		}
		offset += p.offset;
		rdc_copy(bio, &iter, page, offset, p.len, true);
		rdc_sub_add(sub, page, p.len, offset, true);
		cached++;
	}
	return cached;
}

/**
 * rdc_map_write() - serve a write
 * @rc: the mapping
 * @io: dm's per-bio data
 * @bio: dm's clone of the caller's bio, its sector being the origin's
 *
 * Return: DM_MAPIO_SUBMITTED or DM_MAPIO_REMAPPED.
 */
int rdc_map_write(struct rdc_dev *rc, struct rdc_io *io, struct bio *bio)
{
	struct rdc_sub *sub;
	u32 blocks, cached, stream, cutoff = READ_ONCE(rc->cutoff);

	rdc_io_begin(rc, io, bio);
	blocks = rdc_io_blocks(io);
	rdc_count(&rc->stats, RDC_S_WRITES, blocks);
	/* An atomic write stays in one piece, in the caller's pages. */
	if (READ_ONCE(rc->mode) != RDC_WRITE_THROUGH ||
	    blocks > RDC_SUB_BLOCKS || bio->bi_opf & COMPAT_REQ_ATOMIC)
		return rdc_write_around(rc, io, bio);

	stream = rdc_stream_note(&rc->streams,
				 io->sector >> RDC_BLOCK_SECT_SHIFT, blocks);
	sub = rdc_sub_alloc(rc, io, RDC_STORE, blocks + bio_segments(bio));
	if (!sub)
		return rdc_write_around(rc, io, bio);
	sub->sector = io->sector;
	cached = rdc_store_build(rc, sub, bio, !cutoff || stream <= cutoff);
	if (!cached) {
		rdc_sub_undo(sub);
		return rdc_write_around(rc, io, bio);
	}
	rdc_count(&rc->stats, RDC_S_CWRITES, cached);
	rdc_count(&rc->stats, RDC_S_UWRITES, blocks - cached);
	rdc_count(&rc->stats, RDC_S_DWRITES, blocks);
	rdc_sub_submit_all(io, sub);
	return DM_MAPIO_SUBMITTED;
}
