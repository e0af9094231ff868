/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Recognises sequential streams, so that a backup that reads the whole disk
 * does not push everything else out. Heuristic and lock-free: a race costs at
 * worst a stream's history.
 */
#ifndef RDC_STREAM_H
#define RDC_STREAM_H

#include "rdc_set.h"

#define RDC_STREAMS_BITS	6
#define RDC_STREAMS		64u
#define RDC_STREAM_LEN_BITS	26
#define RDC_STREAM_LEN_MAX	((1u << RDC_STREAM_LEN_BITS) - 1)

/**
 * struct rdc_streams - the streams seen last
 * @slot: by hash of the block where the stream would go on: that block in the
 *	high bits, the stream's length so far in blocks in the low ones
 */
struct rdc_streams {
	u64 slot[RDC_STREAMS];
};

static inline u64 *rdc_stream_slot(struct rdc_streams *st, u64 block)
{
	return &st->slot[(block * RDC_GOLDEN) >>
			 (64 - RDC_STREAMS_BITS)];
}

/**
 * rdc_stream_note() - account an access and tell how long its stream is
 * @st: the streams
 * @first: first block of the access, below RDC_TAG_LIMIT
 * @blocks: its length in blocks
 *
 * Return: length in blocks of the sequential stream that ends with this
 * access; @blocks when it continues none.
 */
static inline u32 rdc_stream_note(struct rdc_streams *st, u64 first, u32 blocks)
{
	u64 *slot = rdc_stream_slot(st, first);
	u64 seen = READ_ONCE(*slot);
	u64 len = blocks;

	if (seen && seen >> RDC_STREAM_LEN_BITS == first) {
		len += seen & RDC_STREAM_LEN_MAX;
		WRITE_ONCE(*slot, 0);
	}
	len = min_t(u64, len, RDC_STREAM_LEN_MAX);
	slot = rdc_stream_slot(st, first + blocks);
	WRITE_ONCE(*slot, (first + blocks) << RDC_STREAM_LEN_BITS | len);
	return (u32)len;
}

#endif /* RDC_STREAM_H */
