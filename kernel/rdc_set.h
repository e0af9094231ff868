/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The cache's index: which block of the origin lies in which slot of the RAM
 * disk, and which slot is evicted next: S3-FIFO with one bit per slot, after
 * Yang et al., "FIFO Queues are All You Need for Cache Eviction", SOSP 2023.
 *
 * Set associative. Sixteen neighbouring blocks share a set; groups of sixteen
 * are spread by a hash. All state of a set is its own, so sets never wait for
 * each other. The functions here take no lock: whatever changes a set needs
 * that set's lock, held by the caller. rdc_find() and rdc_word() may also be
 * used without it: the answer is then right or a miss, and a hit is checked
 * again with rdc_word_same() after the data was copied.
 *
 * An index of zeros is an empty one, so that a new one needs no initialization.
 */
#ifndef RDC_SET_H
#define RDC_SET_H

#include "rdc_types.h"

/*
 * One 64-bit word per slot:
 *   bits 0..2   state
 *   bit  3      REF: read since it was queued
 *   bit  4      MAIN: queued in the main queue, not in the small one
 *   bits 6..25  generation: changes whenever the slot stops being valid
 *   bits 26..63 number of the origin's block
 */
#define RDC_ST_MASK	7ULL
#define RDC_REF		BIT_ULL(3)
#define RDC_MAIN	BIT_ULL(4)
#define RDC_GEN_SHIFT	6
#define RDC_GEN_BITS	20
#define RDC_GEN_MASK	(((1ULL << RDC_GEN_BITS) - 1) << RDC_GEN_SHIFT)
#define RDC_TAG_SHIFT	26
/* Blocks from this number on are never cached (1 PiB at 4 KiB). */
#define RDC_TAG_LIMIT	(1ULL << (64 - RDC_TAG_SHIFT))

/**
 * enum rdc_state - what a slot is doing
 * @RDC_FREE: nothing; not in the index
 * @RDC_VALID: holds what the origin holds
 * @RDC_FILLING: a read of the origin into the slot's page is in flight
 * @RDC_WRITING: a write to the origin from the slot's page is in flight
 * @RDC_DOOMED: as one of the two above, to be dropped when that I/O is over
 */
enum rdc_state {
	RDC_FREE = 0,
	RDC_VALID,
	RDC_FILLING,
	RDC_WRITING,
	RDC_DOOMED,
};

/* Neighbouring blocks that share a set */
#define RDC_GROUP_SHIFT	4
#define RDC_GROUP	16u

/* Ways of a set; the slot numbers inside it are 16-bit and 0 means none. */
#define RDC_WAYS_MIN	8u
#define RDC_WAYS_MAX	4096u

/**
 * struct rdc_set - state of one set besides its slots
 * @first: oldest slot of the small [0] and of the main [1] queue, 0 if empty
 * @last: newest slot of each queue
 * @count: slots in each queue
 * @fresh: slots 1..fresh have been used at least once
 * @free: list of slots that became free again; they keep their place in their
 *	queue and are used first
 * @valid: slots in RDC_VALID
 */
struct rdc_set {
	u16 first[2];
	u16 last[2];
	u16 count[2];
	u16 fresh;
	u16 free;
	u16 valid;
};

/**
 * struct rdc_index - all sets
 * @word: per slot: state, generation and block number
 * @hnext: per slot: next in its hash chain, or in the list of free slots
 * @qnext: per slot: next newer in its queue
 * @head: per set: first slot of each hash chain
 * @ghost: per set: fingerprints of blocks that left the small queue unread
 * @ways: slots per set
 * @sets: number of sets
 * @heads: hash chains per set, a power of two
 * @ghosts: groups of four fingerprints per set
 * @small: slots the small queue is cut back to
 */
struct rdc_index {
	u64 *word;
	u16 *hnext;
	u16 *qnext;
	u16 *head;
	u64 *ghost;
	u32 ways;
	u32 sets;
	u32 heads;
	u32 ghosts;
	u32 small;
};

/**
 * struct rdc_key - where a block belongs
 * @block: number of the origin's block
 * @set: its set
 * @head: its hash chain inside the set
 */
struct rdc_key {
	u64 block;
	u32 set;
	u32 head;
};

/* 2^64 / phi: multiples of it lie evenly in 2^64, however many there are */
#define RDC_GOLDEN 0x9e3779b97f4a7c15ULL

/* A 64-bit mixer */
static inline u64 rdc_mix(u64 x)
{
	x *= RDC_GOLDEN;
	return x ^ (x >> 32);
}

/**
 * rdc_key() - place of a block in the index
 * @idx: the index
 * @block: number of the origin's block, below RDC_TAG_LIMIT
 *
 * Neighbouring groups fall into sets far apart, and a contiguous region as
 * large as the cache fills all sets alike: it fits.
 */
static inline struct rdc_key rdc_key(const struct rdc_index *idx, u64 block)
{
	u64 h = (block >> RDC_GROUP_SHIFT) * RDC_GOLDEN;
	struct rdc_key k = {
		.block = block,
		.set = (u32)(((h >> 32) * idx->sets) >> 32),
		.head = ((u32)h / 65536 + ((u32)block & (RDC_GROUP - 1))) &
			(idx->heads - 1),
	};

	return k;
}

/* Number of a way's slot over all sets: also its page of the RAM disk. */
static inline u64 rdc_slot(const struct rdc_index *idx, u32 set, u32 way)
{
	return (u64)set * idx->ways + way;
}

static inline u64 rdc_word(const struct rdc_index *idx, u64 slot)
{
	return READ_ONCE(idx->word[slot]);
}

static inline enum rdc_state rdc_word_state(u64 word)
{
	return (enum rdc_state)(word & RDC_ST_MASK);
}

static inline u64 rdc_word_block(u64 word)
{
	return word >> RDC_TAG_SHIFT;
}

/* True when the slot did not stop being what it was between two readings. */
static inline bool rdc_word_same(u64 a, u64 b)
{
	return !((a ^ b) & ~(RDC_REF | RDC_MAIN));
}

/**
 * rdc_find() - way that holds a block, in whatever state
 * @idx: the index
 * @k: the block's place
 *
 * Without the set's lock a block may be missed, never be mistaken.
 * Return: the way, or -1.
 */
static inline int rdc_find(const struct rdc_index *idx, const struct rdc_key *k)
{
	const u64 base = rdc_slot(idx, k->set, 0);
	u32 way = READ_ONCE(idx->head[(u64)k->set * idx->heads + k->head]);
	u32 steps = idx->ways;

	/* A chain that changes underfoot may lead in circles: count. */
	while (way && steps--) {
		u64 slot = base + way - 1;
		u64 w = rdc_word(idx, slot);

		if (rdc_word_block(w) == k->block &&
		    rdc_word_state(w) != RDC_FREE)
			return (int)way - 1;
		way = READ_ONCE(idx->hnext[slot]);
	}
	return -1;
}

/**
 * rdc_touch() - remember that a slot was read
 * @idx: the index
 * @slot: the slot
 * @word: its word as read before
 *
 * Needs no lock, writes nothing when the bit is set already.
 */
static inline void rdc_touch(struct rdc_index *idx, u64 slot, u64 word)
{
	if (!(word & RDC_REF))
		(void)cmpxchg(&idx->word[slot], word, word | RDC_REF);
}

void rdc_index_shape(struct rdc_index *idx, u64 blocks, u32 ways);
int rdc_reserve(struct rdc_index *idx, struct rdc_set *set,
		const struct rdc_key *k, enum rdc_state state, bool may_evict,
		bool *evicted);
void rdc_commit(struct rdc_index *idx, struct rdc_set *set, u64 slot);
void rdc_rewrite(struct rdc_index *idx, struct rdc_set *set, u64 slot);
void rdc_release(struct rdc_index *idx, struct rdc_set *set,
		 const struct rdc_key *k, u32 way);
bool rdc_drop(struct rdc_index *idx, struct rdc_set *set,
	      const struct rdc_key *k, u32 way);

#endif /* RDC_SET_H */
