// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Keeps track of which mapping uses which devices. Device-mapper opens devices
 * exclusively, but for all of device-mapper together, so two mappings could
 * share a RAM disk or an origin. Two caches on one RAM disk would overwrite
 * each other's copies; two caches of one origin would each miss the other's
 * writes. Neither is allowed.
 *
 * The one exception is the new table of the same mapping: it is made while the
 * old one still serves, and starts empty when it takes over.
 */
#include <linux/module.h>
#include <linux/mutex.h>

#include "rdc.h"

static DEFINE_MUTEX(rdc_claims_lock);
static LIST_HEAD(rdc_claims);

/* Whole disks and partitions overlap when they have a sector in common. */
static bool rdc_overlap(struct block_device *a, struct block_device *b)
{
	sector_t a0 = get_start_sect(a), b0 = get_start_sect(b);

	return a->bd_disk == b->bd_disk &&
	       a0 < b0 + bdev_nr_sectors(b) && b0 < a0 + bdev_nr_sectors(a);
}

static const char *rdc_conflict(const struct rdc_claim *mine,
				const struct rdc_claim *other)
{
	if (mine->md == other->md && mine->table != other->table)
		return NULL;
	if (rdc_overlap(mine->ram, other->ram))
		return "Cache device is already the cache of another mapping";
	if (rdc_overlap(mine->origin, other->origin))
		return "Source device is already cached by another mapping";
	if (rdc_overlap(mine->ram, other->origin))
		return "Cache device is the source of another mapping";
	if (rdc_overlap(mine->origin, other->ram))
		return "Source device is the cache of another mapping";
	return NULL;
}

/**
 * rdc_is_cache() - whether a device is the RAM disk of some mapping
 * @path: the device as in a table line: a path, or major:minor
 *
 * Says why such a device cannot be opened: rapiddisk.ko does not tell.
 */
bool rdc_is_cache(const char *path)
{
	unsigned int major, minor;
	struct rdc_claim *one;
	bool found = false;
	char rest;
	dev_t dev;

	if (sscanf(path, "%u:%u%c", &major, &minor, &rest) == 2)
		dev = MKDEV(major, minor);
	else if (lookup_bdev(path, &dev))
		return false;
	mutex_lock(&rdc_claims_lock);
	list_for_each_entry(one, &rdc_claims, list)
		found |= one->ram->bd_dev == dev;
	mutex_unlock(&rdc_claims_lock);
	return found;
}

/**
 * rdc_claim() - keep other mappings off this one's two devices
 * @rc: the mapping, its devices being open
 * @why: on failure: who has them
 *
 * Return: 0, -EINVAL when the two are one, or -EBUSY.
 */
int rdc_claim(struct rdc_dev *rc, const char **why)
{
	struct rdc_claim *mine = &rc->claim, *other;
	int err = 0;

	mine->table = rc->ti->table;
	mine->md = dm_table_get_md(rc->ti->table);
	mine->origin = rc->origin->bdev;
	mine->ram = rc->ram->bdev;
	if (rdc_overlap(mine->origin, mine->ram)) {
		*why = "Source and cache must be different devices";
		return -EINVAL;
	}

	mutex_lock(&rdc_claims_lock);
	list_for_each_entry(other, &rdc_claims, list) {
		*why = rdc_conflict(mine, other);
		if (*why) {
			err = -EBUSY;
			break;
		}
	}
	/*
	 * Another kind of dm mapping has it already: device-mapper itself lets
	 * that through. (Once we have it, rapiddisk.ko refuses them.) A claim
	 * counts twice on a whole disk, once more for itself.
	 */
	if (!err && mine->ram->bd_holders > 2) {
		*why = "Cache device is in use by another device-mapper mapping";
		err = -EBUSY;
	}
	if (!err)
		list_add(&mine->list, &rdc_claims);
	mutex_unlock(&rdc_claims_lock);
	return err;
}

/**
 * rdc_unclaim() - let others have the devices
 * @rc: the mapping, claimed
 */
void rdc_unclaim(struct rdc_dev *rc)
{
	mutex_lock(&rdc_claims_lock);
	list_del(&rc->claim.list);
	mutex_unlock(&rdc_claims_lock);
}

/**
 * rdc_store_open() - get at the RAM disk's pages
 * @rc: the mapping, @rc->ram being open
 * @why: on failure: what is wrong
 *
 * Pins rapiddisk.ko until rdc_store_close().
 *
 * Return: 0, or -EINVAL when the device is not one of ours.
 */
int rdc_store_open(struct rdc_dev *rc, const char **why)
{
	typeof(rapiddisk_store_open) *open = symbol_get(rapiddisk_store_open);

	if (!open) {
		*why = "Cache device is not a RapidDisk RAM disk (module rapiddisk is not loaded)";
		return -EINVAL;
	}
	rc->store = open(rc->ram->bdev, &rc->ops);
	if (IS_ERR(rc->store)) {
		symbol_put(rapiddisk_store_open);
		rc->store = NULL;
		*why = "Cache device must be a whole RapidDisk RAM disk (rdN)";
		return -EINVAL;
	}
	return 0;
}

/**
 * rdc_store_claim() - keep everybody else's writes off the RAM disk
 * @rc: the mapping, claimed with rdc_claim()
 * @why: on failure: what is wrong
 *
 * The new table of a mapping shares device-mapper's opening with the old one,
 * so it claims the disk a second time.
 *
 * Return: 0, or -EBUSY when somebody else may write to the disk.
 */
int rdc_store_claim(struct rdc_dev *rc, const char **why)
{
	int err = rc->ops->claim(rc->store);

	if (err)
		*why = "Cache device is open for writing elsewhere";
	rc->store_claimed = !err;
	return err;
}

/**
 * rdc_store_close() - done with the RAM disk's pages
 * @rc: the mapping; nothing happens if it has no store
 */
void rdc_store_close(struct rdc_dev *rc)
{
	if (!rc->store)
		return;
	if (rc->store_claimed)
		rc->ops->release(rc->store, rc->served);
	rc->store = NULL;
	symbol_put(rapiddisk_store_open);
}
