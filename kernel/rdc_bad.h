/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Remembers for a while which blocks of the origin have a bad sector. A fill
 * reads whole blocks: without this, each read of a healthy sector beside a bad
 * one would wait for the disk's error recovery, which takes seconds. Lock-free
 * and of fixed size; a lost entry costs one more failed fill.
 */
#ifndef RDC_BAD_H
#define RDC_BAD_H

#include "rdc_set.h"

#define RDC_BAD_BITS		6
#define RDC_BAD_SLOTS		64u
/* How long a block is remembered, in seconds */
#define RDC_BAD_SECONDS		60u
/* Seconds are kept modulo 2^26: two years */
#define RDC_BAD_TIME_MASK	((1ULL << RDC_TAG_SHIFT) - 1)

/**
 * struct rdc_bad - blocks that were found bad last
 * @slot: by hash of the block: its number in the high bits, when it was found
 *	in the low ones, 0 for none
 */
struct rdc_bad {
	u64 slot[RDC_BAD_SLOTS];
};

static inline u64 *rdc_bad_slot(struct rdc_bad *bad, u64 block)
{
	return &bad->slot[(block * RDC_GOLDEN) >> (64 - RDC_BAD_BITS)];
}

/**
 * rdc_bad_note() - remember a block
 * @bad: the memory
 * @block: the block, below RDC_TAG_LIMIT
 * @now: seconds since some fixed time, above 0
 */
static inline void rdc_bad_note(struct rdc_bad *bad, u64 block, u64 now)
{
	WRITE_ONCE(*rdc_bad_slot(bad, block),
		   block << RDC_TAG_SHIFT | (now & RDC_BAD_TIME_MASK));
}

/**
 * rdc_bad_known() - whether a block was found bad within RDC_BAD_SECONDS
 * @bad: the memory
 * @block: the block, below RDC_TAG_LIMIT
 * @now: seconds, as for rdc_bad_note()
 */
static inline bool rdc_bad_known(struct rdc_bad *bad, u64 block, u64 now)
{
	u64 seen = READ_ONCE(*rdc_bad_slot(bad, block));

	return seen && seen >> RDC_TAG_SHIFT == block &&
	       ((now - seen) & RDC_BAD_TIME_MASK) < RDC_BAD_SECONDS;
}

#endif /* RDC_BAD_H */
