// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 */
#include <linux/highmem.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "rd_reclaim.h"
#include "rd_memory.h"
#include "rd_pages.h"
#include "rd_range.h"

static struct rdsk_top *rdsk_top_alloc(u64 pages)
{
	u64 chunks = DIV_ROUND_UP_ULL(pages, RDSK_CHUNK_PAGES);
	struct rdsk_top *top;

	if (chunks > SIZE_MAX / (2 * sizeof(void *)))
		return NULL;
	top = kvzalloc(struct_size(top, chunk, chunks),
		       GFP_KERNEL | __GFP_NOWARN | __GFP_RETRY_MAYFAIL);
	if (top)
		top->chunks = chunks;
	return top;
}

/* The top table where nobody else can change it */
static struct rdsk_top *rdsk_top_locked(struct rdsk *rd)
{
	return rcu_dereference_protected(rd->top,
					 lockdep_is_held(&rd->index_lock));
}

static struct rdsk_chunk *rdsk_chunk_locked(struct rdsk *rd,
					    struct rdsk_top *top, u64 nr)
{
	return rcu_dereference_protected(top->chunk[nr],
					 lockdep_is_held(&rd->index_lock));
}

/**
 * rdsk_pages_init() - an empty index
 * @rd: the disk
 * @pages: its size in pages
 *
 * Return: 0 or -ENOMEM.
 */
int rdsk_pages_init(struct rdsk *rd, u64 pages)
{
	struct rdsk_top *top = rdsk_top_alloc(pages);
	int err;

	if (!top)
		return -ENOMEM;
	err = percpu_counter_init(&rd->used, 0, GFP_KERNEL);
	if (err) {
		kvfree(top);
		return err;
	}
	spin_lock_init(&rd->index_lock);
	RCU_INIT_POINTER(rd->top, top);
	return 0;
}

/**
 * rdsk_pages_destroy() - free every page and the index
 * @rd: a disk without readers, writers and openers
 */
void rdsk_pages_destroy(struct rdsk *rd)
{
	struct rdsk_top *top = rcu_dereference_protected(rd->top, true);
	unsigned long freed = 0;
	u64 nr, i;

	for (nr = 0; nr < top->chunks; nr++) {
		struct rdsk_chunk *chunk =
			rcu_dereference_protected(top->chunk[nr], true);

		if (!chunk)
			continue;
		for (i = 0; i < RDSK_CHUNK_PAGES; i++) {
			struct page *page =
				rcu_dereference_protected(chunk->slot[i], true);

			if (page) {
				put_page(page);
				freed++;
			}
		}
		free_page((unsigned long)chunk);
		freed++;
		cond_resched();
	}
	rdsk_memory_uncharge(freed);
	kvfree(top);
	percpu_counter_destroy(&rd->used);
}

/**
 * rdsk_pages_grow() - make room for more pages
 * @rd: the disk; I/O may go on
 * @pages: its new size in pages
 *
 * Return: 0 or -ENOMEM.
 */
int rdsk_pages_grow(struct rdsk *rd, u64 pages)
{
	struct rdsk_top *old, *top = rdsk_top_alloc(pages);
	u64 nr;

	if (!top)
		return -ENOMEM;
	spin_lock(&rd->index_lock);
	old = rdsk_top_locked(rd);
	if (top->chunks > old->chunks) {
		for (nr = 0; nr < old->chunks; nr++)
			RCU_INIT_POINTER(top->chunk[nr],
					 rdsk_chunk_locked(rd, old, nr));
		rcu_assign_pointer(rd->top, top);
	} else {
		old = top;
	}
	spin_unlock(&rd->index_lock);
	kvfree_rcu(old, rcu);
	return 0;
}

/*
 * Charge a page. Who may block waits, before it fails, for the grace period
 * after which discarded pages are free; who is to give up early, as the cache
 * is, does not.
 */
static int rdsk_charge(gfp_t gfp)
{
	int err = rdsk_memory_charge();

	if (unlikely(err) && gfpflags_allow_blocking(gfp) &&
	    !(gfp & __GFP_NORETRY) && rdsk_reclaim_flush())
		err = rdsk_memory_charge();
	return err;
}

static int rdsk_page_node(struct rdsk *rd, u64 index)
{
	unsigned int nth;
	int node;

	switch (rd->options.numa) {
	case RDSK_NUMA_NODE:
		return rd->options.node;
	case RDSK_NUMA_INTERLEAVE:
		nth = (u32)index % num_online_nodes();
		for_each_online_node(node)
			if (!nth--)
				return node;
		return NUMA_NO_NODE;
	default:
		return NUMA_NO_NODE;
	}
}

/**
 * rdsk_pages_alloc() - a page for a place of the disk, charged, not yet there
 * @rd: the disk
 * @index: where it will be put
 * @gfp: with __GFP_ZERO unless the caller fills it whole
 *
 * Return: the page; ERR_PTR(-ENOSPC) at the memory limit, ERR_PTR(-ENOBUFS) at
 * the memory reserve, ERR_PTR(-ENOMEM) when the allocator refused.
 */
struct page *rdsk_pages_alloc(struct rdsk *rd, u64 index, gfp_t gfp)
{
	struct page *page;
	int err = rdsk_charge(gfp);

	if (unlikely(err))
		return ERR_PTR(err);
	page = alloc_pages_node(rdsk_page_node(rd, index), gfp, 0);
	if (unlikely(!page)) {
		rdsk_memory_uncharge(1);
		return ERR_PTR(-ENOMEM);
	}
	return page;
}

/**
 * rdsk_pages_free() - give back a page that was not put in
 * @page: from rdsk_pages_alloc()
 */
void rdsk_pages_free(struct page *page)
{
	put_page(page);
	rdsk_memory_uncharge(1);
}

/* See that the chunk for @index exists; somebody else may have made it */
static int rdsk_chunk_add(struct rdsk *rd, u64 index, gfp_t gfp)
{
	u64 nr = index / RDSK_CHUNK_PAGES;
	struct rdsk_chunk *chunk;
	struct rdsk_top *top;
	int err = rdsk_charge(gfp);

	if (err)
		return err;
	chunk = (void *)__get_free_page((gfp & ~__GFP_HIGHMEM) | __GFP_ZERO);
	if (!chunk) {
		rdsk_memory_uncharge(1);
		return -ENOMEM;
	}
	spin_lock(&rd->index_lock);
	top = rdsk_top_locked(rd);
	if (WARN_ON_ONCE(nr >= top->chunks)) {
		err = -EIO;
	} else if (!rcu_access_pointer(top->chunk[nr])) {
		rcu_assign_pointer(top->chunk[nr], chunk);
		chunk = NULL;
	}
	spin_unlock(&rd->index_lock);
	if (chunk) {
		free_page((unsigned long)chunk);
		rdsk_memory_uncharge(1);
	}
	return err;
}

/**
 * rdsk_pages_insert() - put a page in its place
 * @rd: the disk
 * @index: where
 * @page: from rdsk_pages_alloc(); the index owns it on success
 * @gfp: for a chunk, if one is needed
 *
 * Return: 0; -EEXIST when a page is there already; -ENOSPC, -ENOBUFS or
 * -ENOMEM as rdsk_pages_alloc().
 */
int rdsk_pages_insert(struct rdsk *rd, u64 index, struct page *page, gfp_t gfp)
{
	struct page __rcu *new = RCU_INITIALIZER(page);
	struct page __rcu **slot;
	int err;

	for (;;) {
		rcu_read_lock();
		slot = rdsk_slot(rd, index);
		if (!slot)
			goto no_chunk;
		if (cmpxchg(slot, NULL, new)) {
			rcu_read_unlock();
			return -EEXIST;
		}
		/*
		 * Pairs with rdsk_chunk_drop(): either it finds the page in the
		 * chunk, or this finds the chunk gone. Then take the page back;
		 * if that comes too late, it has been discarded like any other.
		 */
		if (likely(rdsk_slot(rd, index) == slot) ||
		    cmpxchg(slot, new, NULL) != new) {
			percpu_counter_inc(&rd->used);
			rcu_read_unlock();
			return 0;
		}
no_chunk:
		rcu_read_unlock();
		err = rdsk_chunk_add(rd, index, gfp);
		if (err)
			return err;
	}
}

/* Take what slots @from to @to hold onto @pages; the number of pages taken */
static unsigned long rdsk_chunk_empty(struct rdsk_chunk *chunk,
				      unsigned int from, unsigned int to,
				      bool wipe, struct list_head *pages)
{
	unsigned long taken = 0;
	struct page *page;

	for (; from < to; from++) {
		if (!rcu_access_pointer(chunk->slot[from]))
			continue;
		page = unrcu_pointer(xchg(&chunk->slot[from], NULL));
		if (!page)
			continue;
		if (wipe)
			clear_highpage(page);
		list_add(&page->lru, pages);
		taken++;
	}
	return taken;
}

/* Take chunk @nr out of the top table. NULL: it is gone already. */
static struct rdsk_chunk *rdsk_chunk_drop(struct rdsk *rd, u64 nr)
{
	struct rdsk_chunk *chunk;
	struct rdsk_top *top;

	spin_lock(&rd->index_lock);
	top = rdsk_top_locked(rd);
	chunk = rdsk_chunk_locked(rd, top, nr);
	RCU_INIT_POINTER(top->chunk[nr], NULL);
	spin_unlock(&rd->index_lock);
	/*
	 * No look at a slot before the chunk is out. Pairs with cmpxchg() in
	 * rdsk_pages_insert().
	 */
	smp_mb();
	return chunk;
}

/* The first chunk from @nr up to, not including, @end that exists, or @end */
static u64 rdsk_chunk_next(struct rdsk *rd, u64 nr, u64 end)
{
	struct rdsk_top *top;
	u64 found = end;

	rcu_read_lock();
	top = rcu_dereference(rd->top);
	for (end = min(end, top->chunks); nr < end; nr++) {
		if (rcu_access_pointer(top->chunk[nr])) {
			found = nr;
			break;
		}
	}
	rcu_read_unlock();
	return found;
}

/* Empty a part of chunk @nr */
static unsigned long rdsk_chunk_thin(struct rdsk *rd, u64 nr,
				     unsigned int from, unsigned int to,
				     bool wipe, struct list_head *pages)
{
	unsigned long taken = 0;
	struct rdsk_chunk *chunk;

	rcu_read_lock();
	chunk = rcu_dereference(rcu_dereference(rd->top)->chunk[nr]);
	if (chunk)
		taken = rdsk_chunk_empty(chunk, from, to, wipe, pages);
	rcu_read_unlock();
	return taken;
}

/**
 * rdsk_pages_remove() - take pages out and free them after a grace period
 * @rd: the disk; I/O may go on
 * @first: first page
 * @end: page after the last
 * @wipe: overwrite them with zeros before they go back to the allocator
 *
 * Absent chunks cost one look each.
 */
void rdsk_pages_remove(struct rdsk *rd, u64 first, u64 end, bool wipe)
{
	u64 stop = DIV_ROUND_UP_ULL(end, RDSK_CHUNK_PAGES);
	u64 nr = first / RDSK_CHUNK_PAGES;

	while (first < end && (nr = rdsk_chunk_next(rd, nr, stop)) < stop) {
		u64 base = nr * RDSK_CHUNK_PAGES;
		unsigned int from = first > base ? first - base : 0;
		unsigned int to = min_t(u64, end - base, RDSK_CHUNK_PAGES);
		struct rdsk_chunk *chunk = NULL;
		unsigned long taken = 0;
		LIST_HEAD(pages);

		if (from || to < RDSK_CHUNK_PAGES) {
			taken = rdsk_chunk_thin(rd, nr, from, to, wipe, &pages);
		} else {
			chunk = rdsk_chunk_drop(rd, nr);
			if (chunk) {
				taken = rdsk_chunk_empty(chunk, from, to, wipe,
							 &pages);
				list_add(&virt_to_page(chunk)->lru, &pages);
			}
		}
		percpu_counter_sub(&rd->used, taken);
		taken += !!chunk;
		rdsk_memory_uncharge(taken);
		rdsk_reclaim_queue(&pages, taken);
		nr++;
		cond_resched();
	}
}

/**
 * rdsk_pages_zero() - overwrite a part of one page with zeros, if it is there
 * @rd: the disk
 * @index: the page
 * @offset: first byte
 * @len: bytes, not beyond the page
 */
void rdsk_pages_zero(struct rdsk *rd, u64 index, unsigned int offset,
		     unsigned int len)
{
	struct page *page;

	rcu_read_lock();
	page = rdsk_pages_lookup(rd, index);
	if (page) {
		void *at = kmap_local_page(page);

		memset(at + offset, 0, len);
		kunmap_local(at);
	}
	rcu_read_unlock();
}

/**
 * rdsk_pages_present() - whether any page is there from @first on
 * @rd: a disk without writers
 * @first: first page to look at
 */
bool rdsk_pages_present(struct rdsk *rd, u64 first)
{
	struct rdsk_top *top;
	bool present = false;
	u64 index, end;

	rcu_read_lock();
	top = rcu_dereference(rd->top);
	end = top->chunks * RDSK_CHUNK_PAGES;
	for (index = first; index < end && !present; ) {
		if (!rdsk_slot(rd, index)) {
			index = round_down(index, RDSK_CHUNK_PAGES) +
				RDSK_CHUNK_PAGES;
			continue;
		}
		present = rdsk_pages_lookup(rd, index++);
	}
	rcu_read_unlock();
	return present;
}

/**
 * rdsk_pages_populate() - allocate every absent page of a range
 * @rd: the disk
 * @first: first page
 * @end: page after the last
 *
 * Return: 0; -ENOSPC at the memory limit, -ENOMEM at the memory reserve or when
 * the allocator refused, or -EINTR when the caller is being killed. Pages made
 * so far stay.
 */
int rdsk_pages_populate(struct rdsk *rd, u64 first, u64 end)
{
	gfp_t gfp = GFP_KERNEL | __GFP_HIGHMEM | __GFP_ZERO | __GFP_NOWARN |
		    __GFP_RETRY_MAYFAIL;
	int err = 0;

	for (; first < end && !err; first++) {
		struct page *page = rdsk_pages_alloc(rd, first, gfp);

		if (IS_ERR(page)) {
			err = PTR_ERR(page);
			break;
		}
		err = rdsk_pages_insert(rd, first, page, gfp);
		if (err)
			rdsk_pages_free(page);
		if (err == -EEXIST)
			err = 0;
		if (fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	return err == -ENOBUFS ? -ENOMEM : err;
}
