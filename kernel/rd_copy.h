/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The copy between a RAM page and a caller's memory, for both modules.
 */
#ifndef RD_COPY_H
#define RD_COPY_H

#include <linux/bvec.h>
#include <linux/highmem.h>
#include <linux/kcsan-checks.h>
#include <linux/mm.h>
#include <linux/string.h>

/**
 * rdsk_copy() - copy bytes, and whole pages as such
 * @to: where to
 * @from: where from; the two do not overlap
 * @len: bytes
 *
 * The kernel's copy of a page knows that both are aligned.
 *
 * Copies from and to the same page may overlap: two I/Os of the same sectors at
 * a time may each leave or get a part, on any disk. What a cache's hit copied is
 * thrown away when its slot's word has changed meanwhile. So KCSAN is not to
 * watch: the order of the words is what matters, see tests/litmus.
 */
static __always_inline void rdsk_copy(void *to, void *from, unsigned int len)
{
	kcsan_disable_current();
	if (len == PAGE_SIZE && PAGE_ALIGNED(to) && PAGE_ALIGNED(from))
		copy_page(to, from);
	else
		memcpy(to, from, len);
	kcsan_enable_current();
}

/**
 * rdsk_flush_buffer() - make a caller's memory agree with its other mappings
 * @at: where it begins
 * @len: bytes, not 0
 *
 * Before it is read and after it is written, for processors whose data cache
 * depends on the address. Nothing on others. See cachetlb.rst in the kernel's
 * documentation.
 */
static __always_inline void rdsk_flush_buffer(const struct bio_vec *at,
					      unsigned int len)
{
	unsigned int nr = at->bv_offset / PAGE_SIZE;

	for (; nr <= (at->bv_offset + len - 1) / PAGE_SIZE; nr++)
		flush_dcache_page(at->bv_page + nr);
}

#endif /* RD_COPY_H */
