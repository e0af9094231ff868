// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Slots with their locks, and the RAM pages behind them.
 */
#include "rd_copy.h"
#include "rdc.h"

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
			rdsk_flush_buffer(&bv, n);
			rdsk_copy(ram + offset, buf, n);
		} else {
			rdsk_copy(buf, ram + offset, n);
			rdsk_flush_buffer(&bv, n);
		}
		kunmap_local(buf);
		bio_advance_iter_single(bio, iter, n);
		offset += n;
		len -= n;
	}
	kunmap_local(ram);
}

/**
 * rdc_hit() - serve a piece of a read from RAM
 * @rc: the mapping
 * @p: the piece
 * @bio: the caller's bio
 * @iter: where the piece's bytes go; moved on by a hit only
 *
 * Takes no lock: the slot's word is compared before and after the copy. A copy
 * that raced with the slot's reuse is thrown away and counts as a miss.
 *
 * Return: whether it was a hit.
 */
bool rdc_hit(struct rdc_dev *rc, const struct rdc_piece *p, struct bio *bio,
	     struct bvec_iter *iter)
{
	struct rdc_key k = rdc_key(&rc->idx, p->block);
	int way = rdc_find(&rc->idx, &k);
	struct bvec_iter at = *iter;
	struct page *page;
	u64 slot, word;

	if (way < 0)
		return false;
	slot = rdc_slot(&rc->idx, k.set, way);
	word = rdc_word(&rc->idx, slot);
	if (rdc_word_state(word) != RDC_VALID ||
	    rdc_word_block(word) != p->block)
		return false;
	/* Pairs with smp_store_release() in rdc_set_word(). */
	smp_rmb();

	rcu_read_lock();
	page = rc->ops->lookup(rc->store, rdc_slot_page(slot));
	if (page)
		rdc_copy(bio, &at, page, rdc_slot_offset(slot) + p->offset,
			 p->len, false);
	rcu_read_unlock();

	/* Pairs with smp_wmb() in rdc_reserve() and rdc_rewrite(). */
	smp_rmb();
	if (!page || !rdc_word_same(word, rdc_word(&rc->idx, slot)))
		return false;
	rdc_touch(&rc->idx, slot, word);
	*iter = at;
	return true;
}

/* Reserves a slot under its set's lock, with the counting that goes with it. */
static int rdc_slot_reserve(struct rdc_dev *rc, struct rdc_bucket *b,
			    const struct rdc_key *k, enum rdc_state state,
			    bool may_evict)
{
	bool evicted = false;
	int way;

	if (rdc_around_busy(rc, b, k->block)) {
		rdc_count(&rc->stats, RDC_S_BUSY, 1);
		return -1;
	}
	way = rdc_reserve(&rc->idx, &b->set, k, state, may_evict, &evicted);
	if (way < 0)
		rdc_count(&rc->stats, may_evict ? RDC_S_NOSLOT : RDC_S_SEQ, 1);
	else if (evicted)
		rdc_count(&rc->stats, state == RDC_FILLING ? RDC_S_REPLACED :
							     RDC_S_WREPLACED, 1);
	return way;
}

/**
 * rdc_slot_fill() - a slot and page for a block that is going to be read
 * @rc: the mapping
 * @block: the block
 * @may_evict: whether another block may go for it
 * @gfp: for the page
 * @offset: set to where the slot begins in the page, in bytes
 *
 * Return: the page, referenced, the slot being RDC_FILLING; NULL when this
 * block cannot be filled now; ERR_PTR(-EAGAIN) when it is valid already.
 */
struct page *rdc_slot_fill(struct rdc_dev *rc, u64 block, bool may_evict,
			   gfp_t gfp, u32 *offset)
{
	struct rdc_key k = rdc_key(&rc->idx, block);
	struct rdc_bucket *b = rdc_bucket(rc, &k);
	struct page *page = NULL;
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_find(&rc->idx, &k);
	if (way >= 0) {
		u64 w = rdc_word(&rc->idx, rdc_slot(&rc->idx, k.set, way));

		if (rdc_word_state(w) == RDC_VALID)
			page = ERR_PTR(-EAGAIN);
		else
			rdc_count(&rc->stats, RDC_S_BUSY, 1);
		spin_unlock_irqrestore(&b->lock, flags);
		return page;
	}
	way = rdc_slot_reserve(rc, b, &k, RDC_FILLING, may_evict);
	spin_unlock_irqrestore(&b->lock, flags);
	if (way < 0)
		return NULL;

	slot = rdc_slot(&rc->idx, k.set, way);
	*offset = rdc_slot_offset(slot);
	page = rc->ops->get(rc->store, rdc_slot_page(slot), gfp);
	if (!IS_ERR(page))
		return page;
	rdc_count(&rc->stats, RDC_S_RAM_FAIL, 1);
	rdc_slot_done(rc, block, false);
	return NULL;
}

/* Takes a block's slot for writing, its set being locked. Return: way or -1. */
static int rdc_slot_take(struct rdc_dev *rc, struct rdc_bucket *b,
			 const struct rdc_key *k, bool whole, bool may_evict)
{
	int way = rdc_find(&rc->idx, k);
	u64 slot;

	if (way < 0)
		return whole ? rdc_slot_reserve(rc, b, k, RDC_WRITING,
						may_evict) : -1;
	slot = rdc_slot(&rc->idx, k->set, way);
	if (rdc_word_state(rdc_word(&rc->idx, slot)) != RDC_VALID) {
		rdc_count(&rc->stats, RDC_S_BUSY, 1);
		return -1;
	}
	rdc_rewrite(&rc->idx, &b->set, slot);
	return way;
}

/**
 * rdc_slot_write() - a slot and page for a piece that is going to be written
 * @rc: the mapping
 * @p: the piece; a part of a block is taken only when the block is valid
 * @may_evict: whether another block may go for it
 * @gfp: for the page
 * @offset: set to where the slot begins in the page, in bytes
 *
 * Return: the page, referenced, the slot being RDC_WRITING: nobody reads it
 * until rdc_slot_done(). NULL when the piece is to be written past the cache:
 * rdc_around_begin_block() has been called for it.
 */
struct page *rdc_slot_write(struct rdc_dev *rc, const struct rdc_piece *p,
			    bool may_evict, gfp_t gfp, u32 *offset)
{
	struct rdc_key k = rdc_key(&rc->idx, p->block);
	struct rdc_bucket *b = rdc_bucket(rc, &k);
	const bool whole = rdc_piece_whole(p);
	struct page *page;
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_slot_take(rc, b, &k, whole, may_evict);
	if (way < 0)
		rdc_around_begin_block(rc, b, p->block);
	spin_unlock_irqrestore(&b->lock, flags);
	if (way < 0)
		return NULL;

	slot = rdc_slot(&rc->idx, k.set, way);
	*offset = rdc_slot_offset(slot);
	page = rc->ops->get(rc->store, rdc_slot_page(slot), gfp);
	if (!IS_ERR(page))
		return page;
	rdc_count(&rc->stats, RDC_S_RAM_FAIL, 1);
	rdc_slot_done(rc, p->block, false);
	spin_lock_irqsave(&b->lock, flags);
	rdc_around_begin_block(rc, b, p->block);
	spin_unlock_irqrestore(&b->lock, flags);
	return NULL;
}

/**
 * rdc_slot_done() - the I/O that owned a slot is over
 * @rc: the mapping
 * @block: the block
 * @good: page and origin now hold the same
 *
 * The slot becomes valid, or free when @good is false or something else wrote
 * the block meanwhile.
 */
void rdc_slot_done(struct rdc_dev *rc, u64 block, bool good)
{
	struct rdc_key k = rdc_key(&rc->idx, block);
	struct rdc_bucket *b = rdc_bucket(rc, &k);
	unsigned long flags;
	u64 slot;
	int way;

	spin_lock_irqsave(&b->lock, flags);
	way = rdc_find(&rc->idx, &k);
	if (WARN_ON_ONCE(way < 0)) {
		spin_unlock_irqrestore(&b->lock, flags);
		return;
	}
	slot = rdc_slot(&rc->idx, k.set, way);
	if (good && rdc_word_state(rdc_word(&rc->idx, slot)) == RDC_DOOMED) {
		rdc_count(&rc->stats, RDC_S_DOOMED, 1);
		good = false;
	}
	if (good)
		rdc_commit(&rc->idx, &b->set, slot);
	else
		rdc_release(&rc->idx, &b->set, &k, way);
	spin_unlock_irqrestore(&b->lock, flags);
}

/**
 * rdc_drop_locked() - drop the copy of one block
 * @rc: the mapping
 * @b: the block's set, locked
 * @block: the block
 *
 * Return: 1 when a valid copy went, else 0.
 */
u32 rdc_drop_locked(struct rdc_dev *rc, struct rdc_bucket *b, u64 block)
{
	struct rdc_key k = rdc_key(&rc->idx, block);
	int way = rdc_find(&rc->idx, &k);

	return way >= 0 && rdc_drop(&rc->idx, &b->set, &k, way);
}

/* Drops what one set holds of a range. */
static u32 rdc_drop_sweep(struct rdc_dev *rc, u32 setno, struct rdc_range r)
{
	struct rdc_bucket *b = &rc->buckets[setno];
	unsigned long flags;
	u32 way, dropped = 0;

	spin_lock_irqsave(&b->lock, flags);
	for (way = 0; way < b->set.fresh; way++) {
		u64 w = rdc_word(&rc->idx, rdc_slot(&rc->idx, setno, way));
		struct rdc_key k;

		if (rdc_word_state(w) == RDC_FREE ||
		    rdc_word_block(w) < r.first || rdc_word_block(w) >= r.end)
			continue;
		k = rdc_key(&rc->idx, rdc_word_block(w));
		dropped += rdc_drop(&rc->idx, &b->set, &k, way);
	}
	spin_unlock_irqrestore(&b->lock, flags);
	return dropped;
}

/**
 * rdc_drop_range() - drop the copies of every block a range touches
 * @rc: the mapping
 * @sector: first sector of the origin
 * @sectors: number of sectors
 * @counter: what to count valid copies as
 * @may_sleep: whether the caller may be put off the CPU now and then
 *
 * Takes no longer than one pass over the index, however long the range is.
 */
void rdc_drop_range(struct rdc_dev *rc, u64 sector, u64 sectors,
		    enum rdc_stat counter, bool may_sleep)
{
	struct rdc_range r = rdc_range_touched(sector, sectors);
	u32 dropped = 0;

	r.end = min(r.end, rc->blocks);
	if (r.first >= r.end)
		return;

	if (r.end - r.first > (u64)rc->idx.sets * rc->idx.ways / 8) {
		u32 set;

		for (set = 0; set < rc->idx.sets; set++) {
			dropped += rdc_drop_sweep(rc, set, r);
			if (may_sleep)
				cond_resched();
		}
	} else {
		u64 block = r.first;

		/* One lock for the neighbours that share a set. */
		while (block < r.end) {
			u64 end = min(r.end, (block | (RDC_GROUP - 1)) + 1);
			struct rdc_key k = rdc_key(&rc->idx, block);
			struct rdc_bucket *b = rdc_bucket(rc, &k);
			unsigned long flags;

			spin_lock_irqsave(&b->lock, flags);
			for (; block < end; block++)
				dropped += rdc_drop_locked(rc, b, block);
			spin_unlock_irqrestore(&b->lock, flags);
			if (may_sleep)
				cond_resched();
		}
	}
	if (dropped)
		rdc_count(&rc->stats, counter, dropped);
}

/**
 * rdc_cached_blocks() - blocks that would hit now
 * @rc: the mapping
 */
u64 rdc_cached_blocks(struct rdc_dev *rc)
{
	u64 sum = 0;
	u32 set;

	for (set = 0; set < rc->idx.sets; set++)
		sum += READ_ONCE(rc->buckets[set].set.valid);
	return sum;
}
