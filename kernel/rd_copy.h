/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The copy between a RAM page and a caller's memory, for both modules.
 */
#ifndef RD_COPY_H
#define RD_COPY_H

#include <linux/mm.h>
#include <linux/string.h>

/**
 * rdsk_copy() - copy bytes, and whole pages as such
 * @to: where to
 * @from: where from; the two do not overlap
 * @len: bytes
 *
 * The kernel's copy of a page knows that both are aligned.
 */
static __always_inline void rdsk_copy(void *to, void *from, unsigned int len)
{
	if (len == PAGE_SIZE && PAGE_ALIGNED(to) && PAGE_ALIGNED(from))
		copy_page(to, from);
	else
		memcpy(to, from, len);
}

#endif /* RD_COPY_H */
