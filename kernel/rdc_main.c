// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The device-mapper target "rapiddisk-cache": entry points. See rdc.h for the
 * rules.
 */
#include <linux/module.h>

#include "rdc.h"

static int rdc_map(struct dm_target *ti, struct bio *bio)
{
	struct rdc_dev *rc = ti->private;
	struct rdc_io *io = dm_per_bio_data(bio, sizeof(*io));

	io->end = RDC_END_REMAPPED;
	/* Device-mapper sends flushes without data; RAM needs none. */
	if (unlikely(bio->bi_opf & REQ_PREFLUSH && !bio->bi_iter.bi_size)) {
		rdc_count(&rc->stats, RDC_S_FLUSHES, 1);
		return rdc_remap(rc, bio);
	}
	bio->bi_iter.bi_sector = dm_target_offset(ti, bio->bi_iter.bi_sector);
	switch (bio_op(bio)) {
	case REQ_OP_READ:
		return rdc_map_read(rc, io, bio);
	case REQ_OP_WRITE:
		return rdc_map_write(rc, io, bio);
	default:
		return op_is_write(bio_op(bio)) ? rdc_map_clear(rc, io, bio) :
						  rdc_remap(rc, bio);
	}
}

static int rdc_end_io(struct dm_target *ti, struct bio *bio,
		      blk_status_t *error)
{
	struct rdc_dev *rc = ti->private;
	struct rdc_io *io = dm_per_bio_data(bio, sizeof(*io));

	if (*error && io->end != RDC_END_PARTS)
		rdc_count_error(rc, *error);
	if (io->end == RDC_END_AROUND)
		rdc_around_end(rc, io);
	return DM_ENDIO_DONE;
}

/* From here on there may be copies on the RAM disk */
static int rdc_preresume(struct dm_target *ti)
{
	struct rdc_dev *rc = ti->private;

	rc->served = true;
	return 0;
}

static void rdc_postsuspend(struct dm_target *ti)
{
	struct rdc_dev *rc = ti->private;

	flush_workqueue(rc->wq);
}

/* The origin alone: its limits, its flush and discard, its NOWAIT. */
static int rdc_iterate_devices(struct dm_target *ti,
			       iterate_devices_callout_fn fn, void *data)
{
	struct rdc_dev *rc = ti->private;

	return fn(ti, rc->origin, 0, ti->len, data);
}

static struct target_type rdc_target = {
	.name = "rapiddisk-cache",
	.version = { RAPIDDISK_VERSION_NUMBERS },
	.features = DM_TARGET_NOWAIT | COMPAT_DM_ATOMIC_WRITES,
	.module = THIS_MODULE,
	.ctr = rdc_ctr,
	.dtr = rdc_dtr,
	.map = rdc_map,
	.end_io = rdc_end_io,
	.preresume = rdc_preresume,
	.postsuspend = rdc_postsuspend,
	.status = rdc_status,
	.message = rdc_message,
	.iterate_devices = rdc_iterate_devices,
};

static int __init rdc_init(void)
{
	return dm_register_target(&rdc_target);
}

static void __exit rdc_exit(void)
{
	dm_unregister_target(&rdc_target);
}

module_init(rdc_init);
module_exit(rdc_exit);

MODULE_DESCRIPTION("device-mapper target that caches a disk in a RapidDisk RAM disk");
MODULE_AUTHOR("The RapidDisk Manager authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(RAPIDDISK_VERSION);
