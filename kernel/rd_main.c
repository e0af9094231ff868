// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rapiddisk.ko: RAM disks that are attached, resized and detached at run time.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>

#include "rd.h"
#include "rd_reclaim.h"
#include "rd_memory.h"

int rdsk_max_sectors = 127;
module_param_named(max_sectors, rdsk_max_sectors, int, 0444);
MODULE_PARM_DESC(max_sectors,
		 "Largest preferred size of one I/O, in KiB (default 127)");

int rdsk_nr_requests = 128;
module_param_named(nr_requests, rdsk_nr_requests, int, 0444);
MODULE_PARM_DESC(nr_requests,
		 "Shown as the queue's nr_requests; a RAM disk queues nothing (default 128)");

static unsigned long rd_nr;
module_param(rd_nr, ulong, 0444);
MODULE_PARM_DESC(rd_nr, "Disks to attach at load, from rd0 on (default 0)");

static unsigned long rd_size;
module_param(rd_size, ulong, 0444);
MODULE_PARM_DESC(rd_size, "Size of each of those, in MiB");

unsigned long rdsk_max_nr = 1024;
module_param_named(rd_max_nr, rdsk_max_nr, ulong, 0444);
MODULE_PARM_DESC(rd_max_nr,
		 "Most disks attached at one time (default 1024)");

unsigned int rdsk_busy_grace_ms = 2000;
module_param_named(busy_grace_ms, rdsk_busy_grace_ms, uint, 0644);
MODULE_PARM_DESC(busy_grace_ms,
		 "How long detach and shrink wait for openers that only look, in ms (default 2000)");

static int rdsk_check_parameters(void)
{
	if (rdsk_max_sectors < 4 || rdsk_max_sectors > 1 << 20) {
		pr_err("max_sectors=%d is not between 4 and %d KiB\n",
		       rdsk_max_sectors, 1 << 20);
		return -EINVAL;
	}
	if (rdsk_nr_requests < 1) {
		pr_err("nr_requests=%d is not positive\n", rdsk_nr_requests);
		return -EINVAL;
	}
	if (rd_nr > rdsk_max_nr || rd_nr > RDSK_NUMBER_MAX) {
		pr_err("rd_nr=%lu is above rd_max_nr=%lu\n", rd_nr,
		       rdsk_max_nr);
		return -EINVAL;
	}
	if (rd_nr && (!rd_size || rd_size > U64_MAX >> 21)) {
		pr_err("rd_size=%lu is no size in MiB\n", rd_size);
		return -EINVAL;
	}
	return 0;
}

static int rdsk_attach_first(void)
{
	const struct rdsk_options options = { };
	unsigned long number;
	int err = 0;

	for (number = 0; number < rd_nr && !err; number++)
		err = rdsk_attach(number, (u64)rd_size << 20, &options);
	if (err) {
		pr_err("rd%lu of %lu MiB could not be attached: %d\n",
		       number - 1, rd_size, err);
		rdsk_detach_all();
	}
	return err;
}

static int __init rdsk_init(void)
{
	int err = rdsk_check_parameters();

	if (err)
		return err;
	err = rdsk_memory_init();
	if (err)
		return err;
	err = rdsk_reclaim_init();
	if (err)
		goto memory;
	rdsk_major = register_blkdev(0, RDSK_NAME);
	if (rdsk_major < 0) {
		err = rdsk_major;
		goto exit_reclaim;
	}
	err = rdsk_attach_first();
	if (err)
		goto major;
	err = rdsk_sysfs_init();
	if (err)
		goto disks;
	pr_info("RapidDisk %s loaded\n", RAPIDDISK_VERSION);
	return 0;

disks:
	rdsk_detach_all();
major:
	unregister_blkdev(rdsk_major, RDSK_NAME);
exit_reclaim:
	rdsk_reclaim_exit();
memory:
	rdsk_memory_exit();
	return err;
}

/* Every disk holds the module, so none is left here */
static void __exit rdsk_exit(void)
{
	rdsk_sysfs_exit();
	unregister_blkdev(rdsk_major, RDSK_NAME);
	rdsk_reclaim_exit();
	rdsk_memory_exit();
}

module_init(rdsk_init);
module_exit(rdsk_exit);

MODULE_AUTHOR("The RapidDisk Manager authors");
MODULE_DESCRIPTION("RAM disks that come, grow and go at run time");
MODULE_LICENSE("GPL");
MODULE_VERSION(RAPIDDISK_VERSION);
