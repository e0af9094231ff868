// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Slots with their locks, and the RAM pages behind them.
 */
#include "rdc.h"

/**
 * rdc_hit() - serve a piece of a read from RAM
 * @rd: the mapping
 * @p: the piece
 * @bio: the caller's bio
 * @iter: where the piece's bytes go; moved on by a hit only
 *
 * Takes no lock: the slot's word is compared before and after the copy. A copy
 * that raced with the slot's reuse is thrown away and counts as a miss.
 *
 * Return: whether it was a hit.
 */
bool rdc_hit(struct rdc_dev *rd, const struct rdc_piece *p, struct bio *bio,
	     struct bvec_iter *iter)
{
	struct rdc_key k = rdc_key(&rd->idx, p->block);
	int way = rdc_find(&rd->idx, &k);
	struct bvec_iter at = *iter;
	struct page *page;
	u64 slot, word;

	if (way < 0)
		return false;
	slot = rdc_slot(&rd->idx, k.set, way);
	word = rdc_word(&rd->idx, slot);
	if (rdc_word_state(word) != RDC_VALID ||
	    rdc_word_block(word) != p->block)
		return false;
	/* Pairs with smp_store_release() in rdc_set_word(). */
	smp_rmb();

	rcu_read_lock();
	page = rd->ops->lookup(rd->store, rdc_slot_page(slot));
	if (page)
		rdc_copy(bio, &at, page, rdc_slot_offset(slot) + p->offset,
			 p->len, false);
	rcu_read_unlock();

	/* Pairs with smp_wmb() in rdc_reserve() and rdc_rewrite(). */
	smp_rmb();
	if (!page || !rdc_word_same(word, rdc_word(&rd->idx, slot)))
		return false;
	rdc_touch(&rd->idx, slot, word);
	*iter = at;
	return true;
}

/* Reserves a slot under its set's lock, with the counting that goes with it. */
static int rdc_slot_reserve(struct rdc_dev *rd, struct rdc_bucket *b,
			    const struct rdc_key *k, enum rdc_state state,
			    bool may_evict)
{
	bool evicted = false;
	int way;

	if (rdc_around_busy(rd, b, k->block)) {
		rdc_count(&rd->stats, RDC_S_BUSY, 1);
		return -1;
	}
	way = rdc_reserve(&rd->idx, &b->set, k, state, may_evict, &evicted);
	if (way < 0)
		rdc_count(&rd->stats, may_evict ? RDC_S_NOSLOT : RDC_S_SEQ, 1);
	else if (evicted)
		rdc_count(&rd->stats, state == RDC_FILLING ? RDC_S_REPLACED :
							     RDC_S_WREPLACED, 1);
	return way;
}

/**
 * rdc_slot_fill() - a slot and page for a block that is going to be read
 * @rd: the mapping
 * @block: the block
 * @may_evict: whether another block may go for it
 * @gfp: for the page
 * @offset: set to where the slot begins in the page, in bytes
 *
 * Return: the page, referenced, the slot being RDC_FILLING; NULL when this
 * block cannot be filled now; ERR_PTR(-EAGAIN) when it is valid already.
 */
struct page *rdc_slot_fill(struct rdc_dev *rd, u64 block, bool may_evict,
			   gfp_t gfp, u32 *offset)
{
	struct rdc_key k = rdc_key(&rd->idx, block);
	struct rdc_bucket *b = rdc_bucket(rd, &k);
	struct page *page = NULL;
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_find(&rd->idx, &k);
	if (way >= 0) {
		u64 w = rdc_word(&rd->idx, rdc_slot(&rd->idx, k.set, way));

		if (rdc_word_state(w) == RDC_VALID)
			page = ERR_PTR(-EAGAIN);
		else
			rdc_count(&rd->stats, RDC_S_BUSY, 1);
		spin_unlock_irqrestore(&b->lock, flags);
		return page;
	}
	way = rdc_slot_reserve(rd, b, &k, RDC_FILLING, may_evict);
	spin_unlock_irqrestore(&b->lock, flags);
	if (way < 0)
		return NULL;

	slot = rdc_slot(&rd->idx, k.set, way);
	*offset = rdc_slot_offset(slot);
	page = rd->ops->get(rd->store, rdc_slot_page(slot), gfp);
	if (!IS_ERR(page))
		return page;
	rdc_count(&rd->stats, RDC_S_RAM_FAIL, 1);
	rdc_slot_done(rd, block, false);
	return NULL;
}

/* Takes a block's slot for writing, its set being locked. Return: way or -1. */
static int rdc_slot_take(struct rdc_dev *rd, struct rdc_bucket *b,
			 const struct rdc_key *k, bool whole, bool may_evict)
{
	int way = rdc_find(&rd->idx, k);
	u64 slot;

	if (way < 0)
		return whole ? rdc_slot_reserve(rd, b, k, RDC_WRITING,
						may_evict) : -1;
	slot = rdc_slot(&rd->idx, k->set, way);
	if (rdc_word_state(rdc_word(&rd->idx, slot)) != RDC_VALID) {
		rdc_count(&rd->stats, RDC_S_BUSY, 1);
		return -1;
	}
	rdc_rewrite(&rd->idx, &b->set, slot);
	return way;
}

/**
 * rdc_slot_write() - a slot and page for a piece that is going to be written
 * @rd: the mapping
 * @p: the piece; a part of a block is taken only when the block is valid
 * @may_evict: whether another block may go for it
 * @gfp: for the page
 * @offset: set to where the slot begins in the page, in bytes
 *
 * Return: the page, referenced, the slot being RDC_WRITING: nobody reads it
 * until rdc_slot_done(). NULL when the piece is to be written past the cache:
 * rdc_around_begin_block() has been called for it.
 */
struct page *rdc_slot_write(struct rdc_dev *rd, const struct rdc_piece *p,
			    bool may_evict, gfp_t gfp, u32 *offset)
{
	struct rdc_key k = rdc_key(&rd->idx, p->block);
	struct rdc_bucket *b = rdc_bucket(rd, &k);
	const bool whole = rdc_piece_whole(p);
	struct page *page;
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_slot_take(rd, b, &k, whole, may_evict);
	if (way < 0)
		rdc_around_begin_block(rd, b, p->block);
	spin_unlock_irqrestore(&b->lock, flags);
	if (way < 0)
		return NULL;

	slot = rdc_slot(&rd->idx, k.set, way);
	*offset = rdc_slot_offset(slot);
	page = rd->ops->get(rd->store, rdc_slot_page(slot), gfp);
	if (!IS_ERR(page))
		return page;
	rdc_count(&rd->stats, RDC_S_RAM_FAIL, 1);
	rdc_slot_done(rd, p->block, false);
	spin_lock_irqsave(&b->lock, flags);
	rdc_around_begin_block(rd, b, p->block);
	spin_unlock_irqrestore(&b->lock, flags);
	return NULL;
}

/**
 * rdc_slot_done() - the I/O that owned a slot is over
 * @rd: the mapping
 * @block: the block
 * @good: page and origin now hold the same
 *
 * The slot becomes valid, or free when @good is false or something else wrote
 * the block meanwhile.
 */
void rdc_slot_done(struct rdc_dev *rd, u64 block, bool good)
{
	struct rdc_key k = rdc_key(&rd->idx, block);
	struct rdc_bucket *b = rdc_bucket(rd, &k);
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_find(&rd->idx, &k);
	if (WARN_ON_ONCE(way < 0)) {
		spin_unlock_irqrestore(&b->lock, flags);
		return;
	}
	slot = rdc_slot(&rd->idx, k.set, way);
	if (good && rdc_word_state(rdc_word(&rd->idx, slot)) == RDC_DOOMED) {
		rdc_count(&rd->stats, RDC_S_DOOMED, 1);
		good = false;
	}
	if (good)
		rdc_commit(&rd->idx, &b->set, slot);
	else
		rdc_release(&rd->idx, &b->set, &k, way);
	spin_unlock_irqrestore(&b->lock, flags);
}

/**
 * rdc_drop_locked() - drop the copy of one block
 * @rd: the mapping
 * @b: the block's set, locked
 * @block: the block
 *
 * Return: 1 when a valid copy went, else 0.
 */
u32 rdc_drop_locked(struct rdc_dev *rd, struct rdc_bucket *b, u64 block)
{
	struct rdc_key k = rdc_key(&rd->idx, block);
	int way = rdc_find(&rd->idx, &k);

	return way >= 0 && rdc_drop(&rd->idx, &b->set, &k, way);
}

/* Drops what one set holds of a range. */
static u32 rdc_drop_sweep(struct rdc_dev *rd, u32 setno, struct rdc_range r)
{
	struct rdc_bucket *b = &rd->buckets[setno];
	unsigned long flags;
	u32 way, dropped = 0;

	spin_lock_irqsave(&b->lock, flags);
	for (way = 0; way < b->set.fresh; way++) {
		u64 w = rdc_word(&rd->idx, rdc_slot(&rd->idx, setno, way));
		struct rdc_key k;

		if (rdc_word_state(w) == RDC_FREE ||
		    rdc_word_block(w) < r.first || rdc_word_block(w) >= r.end)
			continue;
		k = rdc_key(&rd->idx, rdc_word_block(w));
		dropped += rdc_drop(&rd->idx, &b->set, &k, way);
	}
	spin_unlock_irqrestore(&b->lock, flags);
	return dropped;
}

/**
 * rdc_drop_range() - drop the copies of every block a range touches
 * @rd: the mapping
 * @sector: first sector of the origin
 * @sectors: number of sectors
 * @counter: what to count valid copies as
 * @may_sleep: whether the caller may be put off the CPU now and then
 *
 * Takes no longer than one pass over the index, however long the range is.
 */
void rdc_drop_range(struct rdc_dev *rd, u64 sector, u64 sectors,
		    enum rdc_stat counter, bool may_sleep)
{
	struct rdc_range r = rdc_range_touched(sector, sectors);
	u32 dropped = 0;

	r.end = min(r.end, rd->blocks);
	if (r.first >= r.end)
		return;

	if (r.end - r.first > (u64)rd->idx.sets * rd->idx.ways / 8) {
		u32 set;

		for (set = 0; set < rd->idx.sets; set++) {
			dropped += rdc_drop_sweep(rd, set, r);
			if (may_sleep)
				cond_resched();
		}
	} else {
		u64 block = r.first;

		/* One lock for the neighbours that share a set. */
		while (block < r.end) {
			u64 end = min(r.end, (block | (RDC_GROUP - 1)) + 1);
			struct rdc_key k = rdc_key(&rd->idx, block);
			struct rdc_bucket *b = rdc_bucket(rd, &k);
			unsigned long flags;

			spin_lock_irqsave(&b->lock, flags);
			for (; block < end; block++)
				dropped += rdc_drop_locked(rd, b, block);
			spin_unlock_irqrestore(&b->lock, flags);
			if (may_sleep)
				cond_resched();
		}
	}
	if (dropped)
		rdc_count(&rd->stats, counter, dropped);
}

/**
 * rdc_cached_blocks() - blocks that would hit now
 * @rd: the mapping
 */
u64 rdc_cached_blocks(struct rdc_dev *rd)
{
	u64 sum = 0;
	u32 set;

	for (set = 0; set < rd->idx.sets; set++)
		sum += READ_ONCE(rd->buckets[set].set.valid);
	return sum;
}
