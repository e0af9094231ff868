/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Byte ranges cut into pages. Pure logic: it also compiles in user space.
 */
#ifndef RD_RANGE_H
#define RD_RANGE_H

#ifdef __KERNEL__
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#else
#include "kernel_shim.h"
#endif

/**
 * struct rdsk_range - a byte range as whole pages and their partial edges
 * @first: index of the first whole page
 * @end: index after the last whole page; not below @first
 * @head: bytes in front of @first, at @head_offset in page @head_page
 * @head_page: page of the head
 * @head_offset: where in it the head begins
 * @tail: bytes from the start of page @end
 */
struct rdsk_range {
	u64 first;
	u64 end;
	u64 head_page;
	unsigned int head;
	unsigned int head_offset;
	unsigned int tail;
};

/**
 * rdsk_cut_range() - cut a range into whole pages and edges
 * @pos: first byte
 * @len: length in bytes, not 0
 * @size: size of the disk in bytes; @pos + @len is not above it
 *
 * A last page that the disk's end cuts short counts as whole when the range
 * reaches that end: nothing of it remains.
 */
static inline struct rdsk_range rdsk_cut_range(u64 pos, u64 len, u64 size)
{
	struct rdsk_range range = { };
	u64 stop = pos + len;

	if (stop == size)
		stop = (stop + PAGE_SIZE - 1) & ~((u64)PAGE_SIZE - 1);
	range.first = (pos + PAGE_SIZE - 1) >> PAGE_SHIFT;
	range.end = stop >> PAGE_SHIFT;
	range.head_page = pos >> PAGE_SHIFT;
	range.head_offset = pos & (PAGE_SIZE - 1);
	if (range.end < range.first) {
		/* inside one page */
		range.head = stop - pos;
		range.end = range.first;
		return range;
	}
	if (range.head_offset)
		range.head = PAGE_SIZE - range.head_offset;
	range.tail = stop & (PAGE_SIZE - 1);
	return range;
}

/**
 * rdsk_pages() - pages that hold @bytes bytes
 * @bytes: a size; at most 2^64 - PAGE_SIZE
 */
static inline u64 rdsk_pages(u64 bytes)
{
	return (bytes + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

#endif /* RD_RANGE_H */
