/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The page index: which page of memory holds which page of the disk.
 *
 * Two levels: a top table with one pointer for each chunk, and chunks of one
 * page, full of pointers to data pages. A look-up is two dependent loads under
 * rcu_read_lock(). A page is put in with one cmpxchg and taken out with one
 * xchg of its slot; no lock is held between I/Os.
 *
 * What was taken out is freed after a grace period (rd_reclaim.h), so that a copy
 * that runs inside rcu_read_lock() never touches a freed page. A chunk that a
 * discard covers whole is taken out of the top table first and emptied after;
 * an insertion that meets it afterwards sees that it is gone and starts over
 * (rdsk_pages_insert()).
 */
#ifndef RD_PAGES_H
#define RD_PAGES_H

#include <linux/gfp.h>
#include <linux/mm_types.h>
#include <linux/rcupdate.h>

#include "rd.h"

#define RDSK_CHUNK_PAGES	(PAGE_SIZE / sizeof(struct page *))

struct rdsk_chunk {
	struct page __rcu *slot[RDSK_CHUNK_PAGES];
};

/**
 * struct rdsk_top - the first level
 * @rcu: for its release when a grown disk has a larger one
 * @chunks: entries in @chunk
 * @chunk: a chunk each, NULL while nothing was written there
 */
struct rdsk_top {
	struct rcu_head rcu;
	u64 chunks;
	struct rdsk_chunk __rcu *chunk[];
};

/* The slot of a page, or NULL without a chunk. Under rcu_read_lock(). */
static inline struct page __rcu **rdsk_slot(struct rdsk *rd, u64 index)
{
	struct rdsk_top *top = rcu_dereference(rd->top);
	u64 nr = index / RDSK_CHUNK_PAGES;
	struct rdsk_chunk *chunk;

	if (unlikely(nr >= top->chunks))
		return NULL;
	chunk = rcu_dereference(top->chunk[nr]);
	if (!chunk)
		return NULL;
	return &chunk->slot[index % RDSK_CHUNK_PAGES];
}

/* The page at @index, or NULL: it reads as zeros. Under rcu_read_lock(). */
static inline struct page *rdsk_pages_lookup(struct rdsk *rd, u64 index)
{
	struct page __rcu **slot = rdsk_slot(rd, index);

	return slot ? rcu_dereference(*slot) : NULL;
}

int rdsk_pages_init(struct rdsk *rd, u64 pages);
void rdsk_pages_destroy(struct rdsk *rd);
int rdsk_pages_grow(struct rdsk *rd, u64 pages);
struct page *rdsk_pages_alloc(struct rdsk *rd, u64 index, gfp_t gfp);
void rdsk_pages_free(struct page *page);
int rdsk_pages_insert(struct rdsk *rd, u64 index, struct page *page, gfp_t gfp);
void rdsk_pages_remove(struct rdsk *rd, u64 first, u64 end, bool wipe);
void rdsk_pages_zero(struct rdsk *rd, u64 index, unsigned int offset,
		     unsigned int len);
bool rdsk_pages_present(struct rdsk *rd, u64 first);
int rdsk_pages_populate(struct rdsk *rd, u64 first, u64 end);

#endif /* RD_PAGES_H */
