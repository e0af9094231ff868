// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Index and eviction; see rdc_set.h. Pure logic: no lock, no I/O, no
 * allocation.
 *
 * Eviction is S3-FIFO (Yang et al., "FIFO Queues are All You Need for Cache
 * Eviction", SOSP 2023) with one bit per slot: a new block enters the small
 * queue; read again before it reaches that queue's end, it moves to the main
 * queue; unread, it is evicted and leaves a fingerprint (a ghost). A block
 * whose ghost is found enters the main queue at once. The main queue gives each
 * block that was read another round.
 */
#include "rdc_set.h"

/* Rounds a full set is searched before blocks that were read go as well. */
#define RDC_SECOND_CHANCES	96
/* Share of a set the small queue is cut back to: 1/4. */
#define RDC_SMALL_SHIFT		2

enum { RDC_Q_SMALL, RDC_Q_MAIN };

static bool rdc_busy(u64 w)
{
	return rdc_word_state(w) > RDC_VALID;
}

/* Publishes @w; what was written to the page before is seen before it. */
static void rdc_set_word(struct rdc_index *idx, u64 slot, u64 w)
{
	/* Pairs with the first smp_rmb() in rdc_hit(). */
	smp_store_release(&idx->word[slot], w);
}

static u64 rdc_next_gen(u64 w)
{
	return (w & ~RDC_GEN_MASK) |
	       ((w + (1ULL << RDC_GEN_SHIFT)) & RDC_GEN_MASK);
}

/**
 * rdc_index_shape() - number of sets, ways and helpers for a cache
 * @idx: gets the numbers; its arrays are the caller's business
 * @blocks: blocks of the cache, at least RDC_WAYS_MIN
 * @ways: wanted ways, clamped to RDC_WAYS_MIN..RDC_WAYS_MAX and to @blocks
 *
 * sets * ways never exceeds @blocks; less than one set's worth stays unused.
 */
void rdc_index_shape(struct rdc_index *idx, u64 blocks, u32 ways)
{
	ways = clamp_t(u32, ways, RDC_WAYS_MIN, RDC_WAYS_MAX);
	if (ways > blocks)
		ways = (u32)blocks;
	idx->ways = ways;
	idx->sets = (u32)min_t(u64, blocks / ways, U32_MAX);
	idx->heads = max_t(u32, 4, roundup_pow_of_two(ways) / 2);
	idx->ghosts = max_t(u32, 1, roundup_pow_of_two(ways) / 4);
	idx->small = max_t(u32, 1, ways >> RDC_SMALL_SHIFT);
}

static void rdc_hash_add(struct rdc_index *idx, const struct rdc_key *k,
			 u32 way)
{
	u16 *head = &idx->head[(u64)k->set * idx->heads + k->head];

	WRITE_ONCE(idx->hnext[rdc_slot(idx, k->set, way)], *head);
	/*
	 * The slot's word and link are there before the slot is found. Pairs
	 * with the address dependency from head to word in rdc_find().
	 */
	smp_store_release(head, (u16)(way + 1));
}

static void rdc_hash_del(struct rdc_index *idx, const struct rdc_key *k,
			 u32 way)
{
	const u64 base = rdc_slot(idx, k->set, 0);
	u16 *link = &idx->head[(u64)k->set * idx->heads + k->head];

	while (*link && *link != way + 1)
		link = &idx->hnext[base + *link - 1];
	if (*link)
		WRITE_ONCE(*link, idx->hnext[base + way]);
}

static void rdc_q_push(struct rdc_index *idx, struct rdc_set *set, u64 base,
		       int q, u16 s)
{
	idx->qnext[base + s - 1] = 0;
	if (set->last[q])
		idx->qnext[base + set->last[q] - 1] = s;
	else
		set->first[q] = s;
	set->last[q] = s;
	set->count[q]++;
}

static u16 rdc_q_pop(struct rdc_index *idx, struct rdc_set *set, u64 base,
		     int q)
{
	u16 s = set->first[q];

	set->first[q] = idx->qnext[base + s - 1];
	if (!set->first[q])
		set->last[q] = 0;
	set->count[q]--;
	return s;
}

/*
 * Ghosts: per set a table of groups of four 16-bit fingerprints, newest in the
 * lowest bits; a new one pushes the group's oldest out.
 */
static u64 *rdc_ghost_group(struct rdc_index *idx, const struct rdc_key *k,
			    u16 *print)
{
	u64 h = rdc_mix(k->block ^ (k->block << 21));

	*print = (u16)(h >> 48) | 1;
	return &idx->ghost[(u64)k->set * idx->ghosts +
			   ((u32)h & (idx->ghosts - 1))];
}

static void rdc_ghost_add(struct rdc_index *idx, const struct rdc_key *k)
{
	u16 print;
	u64 *group = rdc_ghost_group(idx, k, &print);

	*group = (*group << 16) | print;
}

/* True when the block left a ghost; the ghost is gone then. */
static bool rdc_ghost_take(struct rdc_index *idx, const struct rdc_key *k)
{
	u16 print;
	u64 *group = rdc_ghost_group(idx, k, &print);
	int i;

	for (i = 0; i < 64; i += 16) {
		if (((*group >> i) & 0xffff) == print) {
			u64 newer = *group & ((1ULL << i) - 1);
			u64 older = i < 48 ? (*group >> (i + 16)) << i : 0;

			*group = older | newer;
			return true;
		}
	}
	return false;
}

/* Take a slot that is in no queue out of the index; readers see that at once */
static void rdc_forget(struct rdc_index *idx, struct rdc_set *set, u64 slot,
		       const struct rdc_key *k, u32 way)
{
	u64 w = rdc_word(idx, slot);

	if (rdc_word_state(w) == RDC_VALID)
		WRITE_ONCE(set->valid, set->valid - 1);
	rdc_hash_del(idx, k, way);
	rdc_set_word(idx, slot, rdc_next_gen(w) & (RDC_GEN_MASK | RDC_MAIN));
}

/*
 * Frees one slot of a full set and takes it out of its queue.
 * Return: the slot plus one, or 0 when every slot is busy.
 */
static u16 rdc_evict(struct rdc_index *idx, struct rdc_set *set, u32 setno)
{
	const u64 base = rdc_slot(idx, setno, 0);
	u32 tries = 2 * idx->ways + RDC_SECOND_CHANCES;
	u32 chances = RDC_SECOND_CHANCES;

	while (tries--) {
		int q = set->count[RDC_Q_SMALL] > idx->small ||
			!set->count[RDC_Q_MAIN] ? RDC_Q_SMALL : RDC_Q_MAIN;
		u16 s = rdc_q_pop(idx, set, base, q);
		u64 slot = base + s - 1;
		u64 w = rdc_word(idx, slot);
		struct rdc_key k;

		if (rdc_busy(w)) {
			/* Its owner will come back for it: to the young end. */
			rdc_set_word(idx, slot, w | RDC_MAIN);
			rdc_q_push(idx, set, base, RDC_Q_MAIN, s);
			continue;
		}
		if ((w & RDC_REF) && chances) {
			chances--;
			rdc_set_word(idx, slot, (w & ~RDC_REF) | RDC_MAIN);
			rdc_q_push(idx, set, base, RDC_Q_MAIN, s);
			continue;
		}
		k = rdc_key(idx, rdc_word_block(w));
		if (q == RDC_Q_SMALL)
			rdc_ghost_add(idx, &k);
		rdc_forget(idx, set, slot, &k, s - 1);
		return s;
	}
	return 0;
}

/**
 * rdc_reserve() - give a block that is not in the index a slot
 * @idx: the index
 * @set: the block's set, locked
 * @k: the block's place
 * @state: RDC_FILLING or RDC_WRITING
 * @may_evict: false to use only slots that hold nothing
 * @evicted: set to true when a valid block had to go
 *
 * The caller may write to the slot's page afterwards: a reader that still copies
 * from it for the block that was there notices.
 *
 * Return: the way, or -1 when there is none to be had.
 */
int rdc_reserve(struct rdc_index *idx, struct rdc_set *set,
		const struct rdc_key *k, enum rdc_state state, bool may_evict,
		bool *evicted)
{
	const u64 base = rdc_slot(idx, k->set, 0);
	u64 main = 0;
	u16 s;

	if (set->free) {
		s = set->free;
		set->free = idx->hnext[base + s - 1];
		main = rdc_word(idx, base + s - 1) & RDC_MAIN;
	} else if (set->fresh < idx->ways) {
		/* While there is room, what the small queue need not hold. */
		s = ++set->fresh;
		main = set->count[RDC_Q_SMALL] >= idx->small ? RDC_MAIN : 0;
		rdc_q_push(idx, set, base, main ? RDC_Q_MAIN : RDC_Q_SMALL, s);
	} else {
		if (!may_evict)
			return -1;
		main = rdc_ghost_take(idx, k) ? RDC_MAIN : 0;
		s = rdc_evict(idx, set, k->set);
		if (!s)
			return -1;
		*evicted = true;
		rdc_q_push(idx, set, base, main ? RDC_Q_MAIN : RDC_Q_SMALL, s);
	}
	rdc_set_word(idx, base + s - 1,
		     (k->block << RDC_TAG_SHIFT) | main | state |
		     (rdc_word(idx, base + s - 1) & RDC_GEN_MASK));
	rdc_hash_add(idx, k, s - 1);
	/*
	 * The word changes before the page does. A release does not order what
	 * comes after it. Pairs with the second smp_rmb() in rdc_hit().
	 */
	smp_wmb();
	return s - 1;
}

/**
 * rdc_commit() - a filling or writing slot now holds what the origin holds
 * @idx: the index
 * @set: the slot's set, locked
 * @slot: the slot
 */
void rdc_commit(struct rdc_index *idx, struct rdc_set *set, u64 slot)
{
	u64 w = rdc_word(idx, slot);

	/* rdc_cached_blocks() adds them up without the lock. */
	WRITE_ONCE(set->valid, set->valid + 1);
	rdc_set_word(idx, slot, (w & ~RDC_ST_MASK) | RDC_VALID);
}

/**
 * rdc_rewrite() - a valid slot is about to be written
 * @idx: the index
 * @set: the slot's set, locked
 * @slot: the slot, valid
 *
 * From here on nobody reads it, and who was reading it notices. A write is a
 * use of the block as a read is.
 */
void rdc_rewrite(struct rdc_index *idx, struct rdc_set *set, u64 slot)
{
	u64 w = rdc_next_gen(rdc_word(idx, slot));

	WRITE_ONCE(set->valid, set->valid - 1);
	rdc_set_word(idx, slot, (w & ~RDC_ST_MASK) | RDC_WRITING | RDC_REF);
	/* As in rdc_reserve(): pairs with the second smp_rmb() in rdc_hit(). */
	smp_wmb();
}

/**
 * rdc_release() - take a slot out of the index
 * @idx: the index
 * @set: the slot's set, locked
 * @k: place of the block it holds
 * @way: the slot's way
 */
void rdc_release(struct rdc_index *idx, struct rdc_set *set,
		 const struct rdc_key *k, u32 way)
{
	u64 slot = rdc_slot(idx, k->set, way);

	rdc_forget(idx, set, slot, k, way);
	/* rdc_find() may be on its way through this slot. */
	WRITE_ONCE(idx->hnext[slot], set->free);
	set->free = (u16)(way + 1);
}

/**
 * rdc_drop() - the origin's block changed: its copy must never be read again
 * @idx: the index
 * @set: the slot's set, locked
 * @k: place of the block
 * @way: the way that holds it
 *
 * A valid slot is released; one with I/O in flight is left to its owner.
 * Return: true when a valid copy went.
 */
bool rdc_drop(struct rdc_index *idx, struct rdc_set *set,
	      const struct rdc_key *k, u32 way)
{
	u64 slot = rdc_slot(idx, k->set, way);
	u64 w = rdc_word(idx, slot);

	if (rdc_word_state(w) == RDC_VALID) {
		rdc_release(idx, set, k, way);
		/*
		 * The word changes before the origin does: who has seen the
		 * new data there, or heard of it, hits no copy of the old.
		 * Pairs with whatever let that reader of the origin tell of it
		 * before rdc_hit() looks at the word.
		 */
		smp_wmb();
		return true;
	}
	rdc_set_word(idx, slot, (w & ~RDC_ST_MASK) | RDC_DOOMED);
	return false;
}
