// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Writes in flight that own no slot: writes around the cache, discards,
 * zeroings, and the pieces of a write for which no slot could be had.
 *
 * From before such a write is submitted until it is over, its blocks have no
 * copy, and nobody gets a slot for them. Without that, a fill that read the old
 * data could become readable after somebody else has read the new data from the
 * origin. Both sides meet under the set's lock: an I/O that wants a slot looks
 * for writes in flight while it holds the lock; a write makes itself known first,
 * then takes the lock to drop and doom what the set has.
 *
 * Short writes are counted by block, in a hash table of counters: blocks that
 * share a counter are taken for busy together, which costs a fill. Long ones are
 * kept in a tree, so that they cost neither a counter for each of many thousand
 * blocks nor fills elsewhere.
 */
#include <linux/interval_tree_generic.h>
#include <linux/slab.h>

#include "rdc.h"

/* Writes around the cache of more blocks than this, 64 KiB, are long. */
#define RDC_LONG_BLOCKS		16u

static atomic_t *rdc_around_count(struct rdc_dev *rc, u64 block)
{
	return &rc->around[(block * RDC_GOLDEN) >> (64 - rc->around_bits)];
}

static struct rdc_range rdc_around_range(const struct rdc_dev *rc,
					 const struct rdc_io *io)
{
	struct rdc_range r = rdc_range_touched(io->sector, io->sectors);

	r.end = min(r.end, rc->blocks);
	return r;
}

static u64 rdc_long_first(struct rdc_io *io)
{
	return rdc_range_touched(io->sector, io->sectors).first;
}

static u64 rdc_long_last(struct rdc_io *io)
{
	return rdc_range_touched(io->sector, io->sectors).end - 1;
}

INTERVAL_TREE_DEFINE(struct rdc_io, long_node, u64, long_last, rdc_long_first,
		     rdc_long_last, static inline, rdc_long_tree)

static bool rdc_is_long(const struct rdc_range *r)
{
	return r->end - r->first > RDC_LONG_BLOCKS;
}

static bool rdc_long_busy(struct rdc_dev *rc, u64 block)
{
	unsigned long flags;
	bool busy;

	spin_lock_irqsave(&rc->long_lock, flags);
	busy = rdc_long_tree_iter_first(&rc->long_writes, block, block);
	spin_unlock_irqrestore(&rc->long_lock, flags);
	return busy;
}

/**
 * rdc_around_busy() - whether a write without a slot may be in flight on a block
 * @rc: the mapping
 * @b: the block's set, locked
 * @block: the block
 *
 * When it is false, every such write that was in flight before is seen in what
 * is read from the origin afterwards.
 */
bool rdc_around_busy(struct rdc_dev *rc, struct rdc_bucket *b, u64 block)
{
	lockdep_assert_held(&b->lock);
	/* Pairs with atomic_dec_return_release() in rdc_around_end_block(). */
	if (atomic_read_acquire(rdc_around_count(rc, block)))
		return true;
	/* Pairs with smp_store_release() in rdc_around_end(). */
	return smp_load_acquire(&rc->long_count) && rdc_long_busy(rc, block);
}

/**
 * rdc_around_begin_block() - a write of one block begins that owns no slot
 * @rc: the mapping
 * @b: the block's set, locked
 * @block: the block
 */
void rdc_around_begin_block(struct rdc_dev *rc, struct rdc_bucket *b, u64 block)
{
	lockdep_assert_held(&b->lock);
	atomic_inc(rdc_around_count(rc, block));
	if (rdc_drop_locked(rc, b, block))
		rdc_count(&rc->stats, RDC_S_WINVAL, 1);
}

/**
 * rdc_around_end_block() - such a write of one block is over
 * @rc: the mapping
 * @block: the block
 *
 * Any context.
 */
void rdc_around_end_block(struct rdc_dev *rc, u64 block)
{
	/* Pairs with atomic_read_acquire() in rdc_around_busy(). */
	atomic_dec_return_release(rdc_around_count(rc, block));
}

static void rdc_around_begin_short(struct rdc_dev *rc, struct rdc_range r)
{
	u64 block = r.first;

	/* One lock for the neighbours that share a set. */
	while (block < r.end) {
		u64 end = min(r.end, (block | (RDC_GROUP - 1)) + 1);
		struct rdc_key k = rdc_key(&rc->idx, block);
		struct rdc_bucket *b = rdc_bucket(rc, &k);
		unsigned long flags;

		spin_lock_irqsave(&b->lock, flags);
		for (; block < end; block++)
			rdc_around_begin_block(rc, b, block);
		spin_unlock_irqrestore(&b->lock, flags);
	}
}

/**
 * rdc_around_begin() - a write begins that owns no slot
 * @rc: the mapping
 * @io: the write, with its range; not yet submitted
 * @may_sleep: whether the caller may be put off the CPU now and then
 *
 * The range has no readable copy when this returns.
 */
void rdc_around_begin(struct rdc_dev *rc, struct rdc_io *io, bool may_sleep)
{
	struct rdc_range r = rdc_around_range(rc, io);
	unsigned long flags;

	if (r.first >= r.end)
		return;
	if (!rdc_is_long(&r)) {
		rdc_around_begin_short(rc, r);
		return;
	}
	spin_lock_irqsave(&rc->long_lock, flags);
	rdc_long_tree_insert(io, &rc->long_writes);
	WRITE_ONCE(rc->long_count, rc->long_count + 1);
	spin_unlock_irqrestore(&rc->long_lock, flags);
	/*
	 * Takes the lock of every set concerned after the count has grown: what
	 * got a slot there before is dropped here, who comes later sees it.
	 */
	rdc_drop_range(rc, io->sector, io->sectors, RDC_S_WINVAL, may_sleep);
}

/**
 * rdc_around_end() - such a write is over, well or not
 * @rc: the mapping
 * @io: from rdc_around_begin()
 *
 * Any context.
 */
void rdc_around_end(struct rdc_dev *rc, struct rdc_io *io)
{
	struct rdc_range r = rdc_around_range(rc, io);
	unsigned long flags;

	if (r.first >= r.end)
		return;
	if (!rdc_is_long(&r)) {
		for (; r.first < r.end; r.first++)
			rdc_around_end_block(rc, r.first);
		return;
	}
	spin_lock_irqsave(&rc->long_lock, flags);
	rdc_long_tree_remove(io, &rc->long_writes);
	/* Pairs with smp_load_acquire() in rdc_around_busy(). */
	smp_store_release(&rc->long_count, rc->long_count - 1);
	spin_unlock_irqrestore(&rc->long_lock, flags);
}
