// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Constructor and destructor of a mapping:
 *   <source> <cache> [<cache_sectors> [<mode> [<assoc>]]]
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "rdc.h"

/* Bios kept in reserve; when they are out, I/O goes past the cache. */
#define RDC_POOL_SIZE 64
/* The same for retries; when they are out, a retry waits for another. */
#define RDC_RETRY_POOL_SIZE 4

static void *rdc_zalloc_array(u64 n, size_t size)
{
	size_t bytes;

	if (check_mul_overflow((size_t)n, size, &bytes))
		return NULL;
	return kvzalloc(bytes, GFP_KERNEL | __GFP_RETRY_MAYFAIL | __GFP_NOWARN);
}

static int rdc_index_alloc(struct rdc_dev *rc, u64 blocks)
{
	struct rdc_index *idx = &rc->idx;
	u64 slots;
	u32 i;

	rdc_index_shape(idx, blocks, rc->assoc);
	slots = (u64)idx->sets * idx->ways;
	idx->word = rdc_zalloc_array(slots, sizeof(*idx->word));
	idx->hnext = rdc_zalloc_array(slots, sizeof(*idx->hnext));
	idx->qnext = rdc_zalloc_array(slots, sizeof(*idx->qnext));
	idx->head = rdc_zalloc_array((u64)idx->sets * idx->heads,
				     sizeof(*idx->head));
	idx->ghost = rdc_zalloc_array((u64)idx->sets * idx->ghosts,
				      sizeof(*idx->ghost));
	rc->buckets = rdc_zalloc_array(idx->sets, sizeof(*rc->buckets));
	/* One for four blocks of the cache: 256 to 4096 */
	rc->around_bits = clamp(ilog2(slots) - 2, 8, 12);
	rc->around = rdc_zalloc_array(1u << rc->around_bits,
				      sizeof(*rc->around));
	if (!idx->word || !idx->hnext || !idx->qnext || !idx->head ||
	    !idx->ghost || !rc->buckets || !rc->around)
		return -ENOMEM;
	for (i = 0; i < idx->sets; i++)
		spin_lock_init(&rc->buckets[i].lock);
	return 0;
}

static void rdc_index_free(struct rdc_dev *rc)
{
	kvfree(rc->around);
	kvfree(rc->buckets);
	kvfree(rc->idx.ghost);
	kvfree(rc->idx.head);
	kvfree(rc->idx.qnext);
	kvfree(rc->idx.hnext);
	kvfree(rc->idx.word);
}

static int rdc_check_origin(struct rdc_dev *rc, const char **why)
{
	struct block_device *bdev = rc->origin->bdev;

	if (rc->ti->len > bdev_nr_sectors(bdev)) {
		*why = "Table is longer than the source device";
		return -EINVAL;
	}
	if (bdev_logical_block_size(bdev) > RDC_BLOCK_SIZE) {
		*why = "Source device has logical blocks larger than a cache block";
		return -EINVAL;
	}
	rc->blocks = min_t(u64, rc->ti->len >> RDC_BLOCK_SECT_SHIFT,
			   RDC_TAG_LIMIT);
	return 0;
}

static int rdc_check_ram(struct rdc_dev *rc, const char **why)
{
	u64 size = bdev_nr_sectors(rc->ram->bdev);

	if (bdev_read_only(rc->ram->bdev)) {
		*why = "Cache device is read-only (locked)";
		return -EROFS;
	}
	if (!rc->sectors)
		rc->sectors = size;
	if (rc->sectors > size) {
		*why = "Cache size is larger than the cache device";
		return -EINVAL;
	}
	if (rc->sectors >> RDC_BLOCK_SECT_SHIFT < RDC_WAYS_MIN) {
		*why = "Cache must have room for at least 8 blocks";
		return -EINVAL;
	}
	return 0;
}

/* @texts: why not, when the device is in use, a cache, or cannot be opened. */
static int rdc_open_device(struct rdc_dev *rc, const char *path,
			   blk_mode_t mode, struct dm_dev **dev,
			   const char * const texts[3], const char **why)
{
	int err = dm_get_device(rc->ti, path, mode, dev);

	if (err == -EBUSY)
		*why = texts[rdc_is_cache(path)];
	else if (err)
		*why = texts[2];
	return err;
}

static int rdc_open_devices(struct rdc_dev *rc, char **argv, const char **why)
{
	static const char * const source[] = {
		"Source device is in use",
		"Source device is the cache of another mapping",
		"Source device lookup failed",
	};
	static const char * const cache[] = {
		"Cache device is in use",
		"Cache device is already the cache of another mapping",
		"Cache device lookup failed",
	};
	int err;

	err = rdc_open_device(rc, argv[0], dm_table_get_mode(rc->ti->table),
			      &rc->origin, source, why);
	if (err)
		return err;
	/*
	 * Also for a read-only table: the cache writes. And a new table of the
	 * mapping shares an opening only of the same mode.
	 */
	err = rdc_open_device(rc, argv[1], BLK_OPEN_READ | BLK_OPEN_WRITE,
			      &rc->ram, cache, why);
	return err ? err : rdc_store_open(rc, why);
}

static int rdc_alloc(struct rdc_dev *rc, const char **why)
{
	*why = "Cannot allocate memory for the cache";
	if (rdc_stats_init(&rc->stats) ||
	    rdc_index_alloc(rc, rc->sectors >> RDC_BLOCK_SECT_SHIFT) ||
	    bioset_init(&rc->bs, RDC_POOL_SIZE, offsetof(struct rdc_sub, bio),
			0) ||
	    bioset_init(&rc->retry_bs, RDC_RETRY_POOL_SIZE,
			offsetof(struct rdc_sub, bio), 0))
		return -ENOMEM;
	rc->wq = alloc_workqueue("rapiddisk_cache",
				 WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return rc->wq ? 0 : -ENOMEM;
}

/* Undoes as much as there is. */
static void rdc_free(struct rdc_dev *rc)
{
	if (rc->wq)
		destroy_workqueue(rc->wq);
	bioset_exit(&rc->retry_bs);
	bioset_exit(&rc->bs);
	rdc_index_free(rc);
	rdc_stats_exit(&rc->stats);
	if (rc->claim.list.next)
		rdc_unclaim(rc);
	rdc_store_close(rc);
	if (rc->ram)
		dm_put_device(rc->ti, rc->ram);
	if (rc->origin)
		dm_put_device(rc->ti, rc->origin);
	kfree(rc);
}

static int rdc_build(struct rdc_dev *rc, unsigned int argc, char **argv,
		     const char **why)
{
	struct rdc_options opt;
	int err;

	if (argc < 2) {
		*why = "Needs <source> <cache> [<cache_sectors> [<mode> [<assoc>]]]";
		return -EINVAL;
	}
	err = rdc_parse_options(argc - 2, argv + 2, &opt, why);
	if (err)
		return err;
	rc->sectors = opt.sectors;
	rc->mode = opt.mode;
	rc->assoc = opt.assoc;
	rc->cutoff = RDC_DEFAULT_CUTOFF;

	err = rdc_open_devices(rc, argv, why);
	if (!err)
		err = rdc_check_origin(rc, why);
	if (!err)
		err = rdc_check_ram(rc, why);
	if (!err)
		err = rdc_claim(rc, why);
	if (!err)
		err = rdc_store_claim(rc, why);
	if (!err)
		err = rdc_alloc(rc, why);
	return err;
}

/**
 * rdc_ctr() - make a mapping
 * @ti: the target
 * @argc: number of arguments
 * @argv: see the top of this file
 *
 * Starts with an empty cache and touches neither device.
 *
 * Return: 0; -EINVAL for arguments that make no sense, -EBUSY for devices in
 * use, -EROFS for a locked RAM disk, -ENOMEM; @ti->error says which and why.
 */
int rdc_ctr(struct dm_target *ti, unsigned int argc, char **argv)
{
	struct rdc_dev *rc = kzalloc(sizeof(*rc), GFP_KERNEL);
	const char *why = "Cannot allocate memory for the cache";
	int err;

	if (!rc) {
		ti->error = (char *)why;
		return -ENOMEM;
	}
	rc->ti = ti;
	spin_lock_init(&rc->long_lock);
	rc->long_writes = RB_ROOT_CACHED;
	err = rdc_build(rc, argc, argv, &why);
	if (err) {
		ti->error = (char *)why;
		rdc_free(rc);
		return err;
	}
	ti->private = rc;
	ti->num_flush_bios = 1;
	ti->num_discard_bios = 1;
	ti->num_secure_erase_bios = 1;
	ti->num_write_zeroes_bios = 1;
	ti->per_io_data_size = sizeof(struct rdc_io);
	return 0;
}

/**
 * rdc_dtr() - unmake a mapping
 * @ti: the target; its I/O is over
 */
void rdc_dtr(struct dm_target *ti)
{
	rdc_free(ti->private);
}
