/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Arithmetic between sectors and cache blocks. Pure; no overflow for any
 * sector range that fits the 64-bit byte offsets of a block device.
 */
#ifndef RDC_RANGE_H
#define RDC_RANGE_H

#include "rdc_types.h"

/*
 * A cache block is 4 KiB on every kernel, whatever its pages are: what a table
 * line means, and what a miss costs the disk, does not depend on them. Larger
 * pages hold several blocks.
 */
#define RDC_BLOCK_SHIFT		12
#define RDC_BLOCK_SIZE		4096u
#define RDC_BLOCK_SECT_SHIFT	(RDC_BLOCK_SHIFT - SECTOR_SHIFT)
#define RDC_BLOCK_SECTORS	(RDC_BLOCK_SIZE >> SECTOR_SHIFT)

/**
 * struct rdc_range - a range of sectors as blocks
 * @first: first block touched
 * @end: block after the last one touched
 */
struct rdc_range {
	u64 first;
	u64 end;
};

/**
 * rdc_range_touched() - blocks that a range of sectors touches
 * @sector: first sector
 * @sectors: number of sectors, may be 0
 */
static inline struct rdc_range rdc_range_touched(u64 sector, u64 sectors)
{
	struct rdc_range r = {
		.first = sector >> RDC_BLOCK_SECT_SHIFT,
		.end = sector >> RDC_BLOCK_SECT_SHIFT,
	};

	if (sectors)
		r.end = ((sector + sectors - 1) >> RDC_BLOCK_SECT_SHIFT) + 1;
	return r;
}

/**
 * struct rdc_piece - the part of one block that an I/O covers
 * @block: the block
 * @offset: first byte inside the block
 * @len: bytes, at least 512
 */
struct rdc_piece {
	u64 block;
	u32 offset;
	u32 len;
};

/**
 * rdc_piece() - the first block's part of a range
 * @sector: first sector of what is left
 * @bytes: bytes of what is left, a multiple of 512, not 0
 */
static inline struct rdc_piece rdc_piece(u64 sector, u32 bytes)
{
	struct rdc_piece p = {
		.block = sector >> RDC_BLOCK_SECT_SHIFT,
		.offset = (u32)(sector & (RDC_BLOCK_SECTORS - 1)) << SECTOR_SHIFT,
	};

	p.len = min_t(u32, bytes, RDC_BLOCK_SIZE - p.offset);
	return p;
}

static inline bool rdc_piece_whole(const struct rdc_piece *p)
{
	return p->len == RDC_BLOCK_SIZE;
}

#endif /* RDC_RANGE_H */
