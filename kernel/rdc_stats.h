/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Counters of a mapping, per CPU. All count blocks (an I/O counts once for
 * each block that it touches) unless they say otherwise.
 */
#ifndef RDC_STATS_H
#define RDC_STATS_H

#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/types.h>

/**
 * enum rdc_stat - the counters
 * @RDC_S_READS: blocks asked for by reads
 * @RDC_S_WRITES: blocks of writes
 * @RDC_S_HITS: blocks served from RAM
 * @RDC_S_REPLACED: valid blocks evicted by a fill
 * @RDC_S_WREPLACED: valid blocks evicted by a write
 * @RDC_S_RINVAL: valid blocks dropped by a read
 * @RDC_S_WINVAL: valid blocks dropped by a write, discard or zeroing
 * @RDC_S_UREADS: blocks read past the cache
 * @RDC_S_UWRITES: blocks written past the cache
 * @RDC_S_DREADS: blocks read from the origin
 * @RDC_S_DWRITES: blocks written to the origin
 * @RDC_S_CREADS: blocks read from RAM
 * @RDC_S_CWRITES: blocks written to RAM
 * @RDC_S_UPSTREAM: number of the counters above: the compatible thirteen
 * @RDC_S_BUSY: blocks that met an I/O in flight on the same block
 * @RDC_S_NOSLOT: blocks not cached because no slot could be had
 * @RDC_S_SEQ: blocks that went past the cache as part of a long stream
 * @RDC_S_DOOMED: fills and writes whose copy was dropped on completion
 * @RDC_S_RAM_FAIL: RAM pages that could not be had
 * @RDC_S_ORIGIN_ERR: I/O, or parts of it, that the origin failed
 * @RDC_S_FLUSHES: flushes passed to the origin
 * @RDC_S_CLEARS: discards and zeroings passed to the origin
 * @RDC_S_INVALIDATED: blocks dropped by message
 */
enum rdc_stat {
	RDC_S_READS,
	RDC_S_WRITES,
	RDC_S_HITS,
	RDC_S_REPLACED,
	RDC_S_WREPLACED,
	RDC_S_RINVAL,
	RDC_S_WINVAL,
	RDC_S_UREADS,
	RDC_S_UWRITES,
	RDC_S_DREADS,
	RDC_S_DWRITES,
	RDC_S_CREADS,
	RDC_S_CWRITES,
	RDC_S_UPSTREAM,
	RDC_S_BUSY = RDC_S_UPSTREAM,
	RDC_S_NOSLOT,
	RDC_S_SEQ,
	RDC_S_DOOMED,
	RDC_S_RAM_FAIL,
	RDC_S_ORIGIN_ERR,
	RDC_S_FLUSHES,
	RDC_S_CLEARS,
	RDC_S_INVALIDATED,
	RDC_S_COUNT,
};

struct rdc_counters {
	u64 v[RDC_S_COUNT];
};

/**
 * struct rdc_stats - counters and where they were reset
 * @cpu: the counters; they only grow
 * @base: their sums at the last reset
 * @lock: orders resets
 */
struct rdc_stats {
	struct rdc_counters __percpu *cpu;
	struct rdc_counters base;
	struct mutex lock; /* base */
};

static inline void rdc_count(struct rdc_stats *st, enum rdc_stat s, u64 n)
{
	this_cpu_add(st->cpu->v[s], n);
}

int rdc_stats_init(struct rdc_stats *st);
void rdc_stats_exit(struct rdc_stats *st);
void rdc_stats_sum(struct rdc_stats *st, struct rdc_counters *sum);
void rdc_stats_reset(struct rdc_stats *st);

#endif /* RDC_STATS_H */
