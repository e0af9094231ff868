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

static int rdc_index_alloc(struct rdc_dev *rd, u64 blocks)
{
	struct rdc_index *idx = &rd->idx;
	u64 slots;
	u32 i;

	rdc_index_shape(idx, blocks, rd->assoc);
	slots = (u64)idx->sets * idx->ways;
	idx->word = rdc_zalloc_array(slots, sizeof(*idx->word));
	idx->hnext = rdc_zalloc_array(slots, sizeof(*idx->hnext));
	idx->qnext = rdc_zalloc_array(slots, sizeof(*idx->qnext));
	idx->head = rdc_zalloc_array((u64)idx->sets * idx->heads,
				     sizeof(*idx->head));
	idx->ghost = rdc_zalloc_array((u64)idx->sets * idx->ghosts,
				      sizeof(*idx->ghost));
	rd->buckets = rdc_zalloc_array(idx->sets, sizeof(*rd->buckets));
	/* One for four blocks of the cache: 256 to 4096 */
	rd->around_bits = clamp(ilog2(slots) - 2, 8, 12);
	rd->around = rdc_zalloc_array(1u << rd->around_bits,
				      sizeof(*rd->around));
	if (!idx->word || !idx->hnext || !idx->qnext || !idx->head ||
	    !idx->ghost || !rd->buckets || !rd->around)
		return -ENOMEM;
	for (i = 0; i < idx->sets; i++)
		spin_lock_init(&rd->buckets[i].lock);
	return 0;
}

static void rdc_index_free(struct rdc_dev *rd)
{
	kvfree(rd->around);
	kvfree(rd->buckets);
	kvfree(rd->idx.ghost);
	kvfree(rd->idx.head);
	kvfree(rd->idx.qnext);
	kvfree(rd->idx.hnext);
	kvfree(rd->idx.word);
}

static int rdc_check_origin(struct rdc_dev *rd, const char **why)
{
	struct block_device *bdev = rd->origin->bdev;

	if (rd->ti->len > bdev_nr_sectors(bdev)) {
		*why = "Table is longer than the source device";
		return -EINVAL;
	}
	if (bdev_logical_block_size(bdev) > RDC_BLOCK_SIZE) {
		*why = "Source device has logical blocks larger than a cache block";
		return -EINVAL;
	}
	rd->blocks = min_t(u64, rd->ti->len >> RDC_BLOCK_SECT_SHIFT,
			   RDC_TAG_LIMIT);
	return 0;
}

static int rdc_check_ram(struct rdc_dev *rd, const char **why)
{
	u64 size = bdev_nr_sectors(rd->ram->bdev);

	if (bdev_read_only(rd->ram->bdev)) {
		*why = "Cache device is read-only (locked)";
		return -EROFS;
	}
	if (!rd->sectors)
		rd->sectors = size;
	if (rd->sectors > size) {
		*why = "Cache size is larger than the cache device";
		return -EINVAL;
	}
	if (rd->sectors >> RDC_BLOCK_SECT_SHIFT < RDC_WAYS_MIN) {
		*why = "Cache must have room for at least 8 blocks";
		return -EINVAL;
	}
	return 0;
}

/* @texts: why not, when the device is in use, a cache, or cannot be opened. */
static int rdc_open_device(struct rdc_dev *rd, const char *path,
			   blk_mode_t mode, struct dm_dev **dev,
			   const char * const texts[3], const char **why)
{
	int err = dm_get_device(rd->ti, path, mode, dev);

	if (err == -EBUSY)
		*why = texts[rdc_is_cache(path)];
	else if (err)
		*why = texts[2];
	return err;
}

static int rdc_open_devices(struct rdc_dev *rd, char **argv, const char **why)
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

	err = rdc_open_device(rd, argv[0], dm_table_get_mode(rd->ti->table),
			      &rd->origin, source, why);
	if (err)
		return err;
	/*
	 * Also for a read-only table: the cache writes. And a new table of the
	 * mapping shares an opening only of the same mode.
	 */
	err = rdc_open_device(rd, argv[1], BLK_OPEN_READ | BLK_OPEN_WRITE,
			      &rd->ram, cache, why);
	return err ? err : rdc_store_open(rd, why);
}

static int rdc_alloc(struct rdc_dev *rd, const char **why)
{
	*why = "Cannot allocate memory for the cache";
	if (rdc_stats_init(&rd->stats) ||
	    rdc_index_alloc(rd, rd->sectors >> RDC_BLOCK_SECT_SHIFT) ||
	    bioset_init(&rd->bs, RDC_POOL_SIZE, offsetof(struct rdc_sub, bio),
			0) ||
	    bioset_init(&rd->retry_bs, RDC_RETRY_POOL_SIZE,
			offsetof(struct rdc_sub, bio), 0))
		return -ENOMEM;
	rd->wq = alloc_workqueue("rapiddisk_cache",
				 WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	return rd->wq ? 0 : -ENOMEM;
}

/* Undoes as much as there is. */
static void rdc_free(struct rdc_dev *rd)
{
	if (rd->wq)
		destroy_workqueue(rd->wq);
	bioset_exit(&rd->retry_bs);
	bioset_exit(&rd->bs);
	rdc_index_free(rd);
	rdc_stats_exit(&rd->stats);
	if (rd->claim.list.next)
		rdc_unclaim(rd);
	rdc_store_close(rd);
	if (rd->ram)
		dm_put_device(rd->ti, rd->ram);
	if (rd->origin)
		dm_put_device(rd->ti, rd->origin);
	kfree(rd);
}

static int rdc_build(struct rdc_dev *rd, unsigned int argc, char **argv,
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
	rd->sectors = opt.sectors;
	rd->mode = opt.mode;
	rd->assoc = opt.assoc;
	rd->cutoff = RDC_DEFAULT_CUTOFF;

	err = rdc_open_devices(rd, argv, why);
	if (!err)
		err = rdc_check_origin(rd, why);
	if (!err)
		err = rdc_check_ram(rd, why);
	if (!err)
		err = rdc_claim(rd, why);
	if (!err)
		err = rdc_store_claim(rd, why);
	if (!err)
		err = rdc_alloc(rd, why);
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
	struct rdc_dev *rd = kzalloc(sizeof(*rd), GFP_KERNEL);
	const char *why = "Cannot allocate memory for the cache";
	int err;

	if (!rd) {
		ti->error = (char *)why;
		return -ENOMEM;
	}
	rd->ti = ti;
	spin_lock_init(&rd->long_lock);
	rd->long_writes = RB_ROOT_CACHED;
	err = rdc_build(rd, argc, argv, &why);
	if (err) {
		ti->error = (char *)why;
		rdc_free(rd);
		return err;
	}
	ti->private = rd;
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
