// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rapiddisk_store.h: the pages of a disk, for a module that copies from and to
 * them without a bio.
 */
#include <linux/export.h>
#include <linux/mm.h>

#include "rapiddisk_store.h"
#include "rd_pages.h"
#include "rd_range.h"

static struct rdsk *to_rdsk(struct rapiddisk_store *store)
{
	return (struct rdsk *)store;
}

static struct page *store_lookup(struct rapiddisk_store *store, pgoff_t index)
{
	return rdsk_pages_lookup(to_rdsk(store), index);
}

/* Gets the page if it exists, with a reference; else NULL */
static struct page *store_get_present(struct rdsk *rd, pgoff_t index)
{
	struct page *page;

	rcu_read_lock();
	page = rdsk_pages_lookup(rd, index);
	/* freed after a grace period at the soonest: the count is not 0 */
	if (page)
		get_page(page);
	rcu_read_unlock();
	return page;
}

static struct page *store_make(struct rdsk *rd, pgoff_t index, gfp_t gfp)
{
	struct page *page = rdsk_pages_alloc(rd, index, gfp | __GFP_ZERO);
	int err;

	if (IS_ERR(page))
		return page;
	/* before it is inserted, because from then on it can be discarded */
	get_page(page);
	err = rdsk_pages_insert(rd, index, page, gfp);
	if (err) {
		put_page(page);
		rdsk_pages_free(page);
		return ERR_PTR(err);
	}
	rdsk_mark_written(rd, min((u64)(index + 1) << (PAGE_SHIFT - SECTOR_SHIFT),
				  get_capacity(rd->disk)));
	return page;
}

static struct page *store_get(struct rapiddisk_store *store, pgoff_t index,
			      gfp_t gfp)
{
	struct rdsk *rd = to_rdsk(store);
	struct page *page;

	if (WARN_ON_ONCE(index >= rdsk_pages(rdsk_size(rd))))
		return ERR_PTR(-EIO);
	do {
		page = store_get_present(rd, index);
		if (!page)
			page = store_make(rd, index, gfp);
	} while (page == ERR_PTR(-EEXIST));
	return page;
}

static void store_put(struct page *page)
{
	put_page(page);
}

static int store_claim(struct rapiddisk_store *store)
{
	return rdsk_claim_store(to_rdsk(store));
}

static void store_release(struct rapiddisk_store *store, bool served)
{
	rdsk_release_store(to_rdsk(store), served);
}

static const struct rapiddisk_store_ops store_ops = {
	.lookup = store_lookup,
	.get = store_get,
	.put = store_put,
	.claim = store_claim,
	.release = store_release,
};

struct rapiddisk_store *
rapiddisk_store_open(struct block_device *bdev,
		     const struct rapiddisk_store_ops **ops)
{
	if (bdev->bd_disk->fops != &rdsk_fops || bdev_is_partition(bdev))
		return ERR_PTR(-ENODEV);
	*ops = &store_ops;
	return (struct rapiddisk_store *)bdev->bd_disk->private_data;
}
EXPORT_SYMBOL_GPL(rapiddisk_store_open);
