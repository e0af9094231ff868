/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * What rapiddisk.ko offers to rapiddisk-cache.ko: a RAM disk seen as a store
 * of pages, so that a cache hit is one copy and no second bio.
 *
 * rapiddisk-cache.ko has no link-time dependency on rapiddisk.ko: it takes
 * rapiddisk_store_open() with symbol_get() when a mapping is made and holds it
 * until the mapping is gone. That reference also pins rapiddisk.ko.
 */
#ifndef RAPIDDISK_STORE_H
#define RAPIDDISK_STORE_H

#include <linux/blkdev.h>
#include <linux/mm_types.h>

struct rapiddisk_store;

/**
 * struct rapiddisk_store_ops - page access to one RAM disk
 * @lookup: page at @index, or NULL when that page was never written (it reads
 *	as zeros) or was discarded. Call under rcu_read_lock(); the page stays
 *	valid until rcu_read_unlock().
 * @get: page at @index with a reference of the caller's own, made with @gfp if
 *	absent (a new page is zeroed). ERR_PTR(-ENOSPC) at the memory
 *	limit of all disks, ERR_PTR(-ENOBUFS) at the memory reserve,
 *	ERR_PTR(-ENOMEM) when the allocator refused.
 * @put: drops the reference of @get. Any context.
 * @claim: keeps others off the disk until @release: opening it or a partition
 *	for writing or exclusively fails with -EBUSY. The claim itself does
 *	while somebody beside the caller may write, after a moment's wait. A
 *	second claim by the same caller counts. May sleep.
 * @release: ends one @claim. With the last one, everything on the disk is
 *	dropped if any of the claims served: if it may have put pages there.
 *	May sleep.
 */
struct rapiddisk_store_ops {
	struct page *(*lookup)(struct rapiddisk_store *store, pgoff_t index);
	struct page *(*get)(struct rapiddisk_store *store, pgoff_t index,
			    gfp_t gfp);
	void (*put)(struct page *page);
	int (*claim)(struct rapiddisk_store *store);
	void (*release)(struct rapiddisk_store *store, bool served);
};

/**
 * rapiddisk_store_open() - the page store behind a block device
 * @bdev: an open block device; the caller keeps it open while it uses the store
 * @ops: set to the store's operations
 *
 * Return: the store, or ERR_PTR(-ENODEV) when @bdev is not a RAM disk of
 * rapiddisk.ko (or a partition of one).
 */
struct rapiddisk_store *
rapiddisk_store_open(struct block_device *bdev,
		     const struct rapiddisk_store_ops **ops);

#endif /* RAPIDDISK_STORE_H */
