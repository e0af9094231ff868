// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Two bounds, so that filling memory ends in ENOSPC and not in a machine that
 * stands still: a limit over the pages of all disks together, and a reserve of
 * available memory that the disks leave to everybody else.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>

#include "rd.h"
#include "rd_memory.h"

#define RDSK_MIB_PAGES	(1UL << (20 - PAGE_SHIFT))
/* Pages that one CPU takes between two looks at the available memory */
#define RDSK_LOOK_EVERY	128

static unsigned long memory_limit;
module_param(memory_limit, ulong, 0644);
MODULE_PARM_DESC(memory_limit,
		 "Memory that all disks together may hold, in MiB (default 0: 7/8 of the RAM)");

static unsigned long memory_reserve;
module_param(memory_reserve, ulong, 0644);
MODULE_PARM_DESC(memory_reserve,
		 "Available memory that the disks never take, in MiB (default 0: 1/16 of the RAM, at least 64, at most 1024)");

static unsigned long max_size;
module_param(max_size, ulong, 0644);
MODULE_PARM_DESC(max_size,
		 "Largest size of one disk, in MiB (default 0: 4 times the RAM; disks are sparse)");

static struct percpu_counter rdsk_total;
static DEFINE_PER_CPU(unsigned int, rdsk_look);
static bool rdsk_memory_low;

static unsigned long limit_pages(void)
{
	unsigned long set = READ_ONCE(memory_limit);

	if (set)
		return min(set, ULONG_MAX / RDSK_MIB_PAGES) * RDSK_MIB_PAGES;
	return totalram_pages() / 8 * 7;
}

static unsigned long reserve_pages(void)
{
	unsigned long set = READ_ONCE(memory_reserve);

	if (set)
		return min(set, ULONG_MAX / RDSK_MIB_PAGES) * RDSK_MIB_PAGES;
	return clamp(totalram_pages() / 16, 64 * RDSK_MIB_PAGES,
		     1024 * RDSK_MIB_PAGES);
}

/* Looks now and then while memory is plenty, and every time while it is not */
static bool memory_is_low(void)
{
	bool low = READ_ONCE(rdsk_memory_low);
	long available;

	if (!low && this_cpu_inc_return(rdsk_look) % RDSK_LOOK_EVERY)
		return false;
	available = si_mem_available();
	if (available > 0 && available >= reserve_pages())
		low = false;
	else
		low = true;
	if (low != READ_ONCE(rdsk_memory_low))
		WRITE_ONCE(rdsk_memory_low, low);
	return low;
}

/**
 * rdsk_memory_charge() - ask for one page
 *
 * Return: 0; -ENOSPC when the disks hold as much as memory_limit lets them;
 * -ENOBUFS when the machine has no more available than memory_reserve. The
 * latter is for this module alone: user space gets -ENOMEM or -ENOSPC.
 */
int rdsk_memory_charge(void)
{
	if (unlikely(memory_is_low()))
		return -ENOBUFS;
	percpu_counter_inc(&rdsk_total);
	if (percpu_counter_compare(&rdsk_total, limit_pages()) > 0) {
		percpu_counter_dec(&rdsk_total);
		return -ENOSPC;
	}
	return 0;
}

/**
 * rdsk_memory_uncharge() - give pages back
 * @pages: how many
 */
void rdsk_memory_uncharge(unsigned long pages)
{
	percpu_counter_sub(&rdsk_total, pages);
}

/**
 * rdsk_memory_why() - say why there was no page
 * @err: from rdsk_memory_charge(), or -ENOMEM from the allocator
 *
 * Return: words for the log, each naming what an administrator can change.
 */
const char *rdsk_memory_why(int err)
{
	switch (err) {
	case -ENOSPC:
		return "the disks hold as much as memory_limit allows";
	case -ENOBUFS:
		return "available memory is down to memory_reserve";
	default:
		return "the kernel could not allocate a page";
	}
}

/* Bytes held by all disks, with their indexes */
u64 rdsk_memory_used(void)
{
	return (u64)percpu_counter_sum_positive(&rdsk_total) << PAGE_SHIFT;
}

/* Bytes that all disks together may hold */
u64 rdsk_memory_limit(void)
{
	return (u64)limit_pages() << PAGE_SHIFT;
}

/* Bytes of available memory that the disks leave alone */
u64 rdsk_memory_reserve(void)
{
	return (u64)reserve_pages() << PAGE_SHIFT;
}

/* Largest size of one disk, in bytes */
u64 rdsk_memory_max_size(void)
{
	u64 set = READ_ONCE(max_size);

	if (set)
		return min_t(u64, set, U64_MAX >> 22) << 20;
	return (u64)totalram_pages() << (PAGE_SHIFT + 2);
}

int rdsk_memory_init(void)
{
	return percpu_counter_init(&rdsk_total, 0, GFP_KERNEL);
}

void rdsk_memory_exit(void)
{
	percpu_counter_destroy(&rdsk_total);
}
