// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Every range of sectors on small disks, byte by byte against the obvious.
 */
#include "check.h"
#include "rd_range.h"

#define SECTORS	48
#define PAGES	(SECTORS * 512 / PAGE_SIZE)

static void apply(const struct rdsk_range *range, unsigned char *fate)
{
	u64 page, i;

	for (i = 0; i < range->head; i++)
		fate[range->head_page * PAGE_SIZE + range->head_offset + i]++;
	for (i = 0; i < range->tail; i++)
		fate[range->end * PAGE_SIZE + i]++;
	for (page = range->first; page < range->end; page++)
		for (i = 0; i < PAGE_SIZE; i++)
			fate[page * PAGE_SIZE + i] += 16;
}

static bool right(u64 pos, u64 len, u64 size)
{
	static unsigned char fate[(PAGES + 2) * PAGE_SIZE];
	struct rdsk_range range = rdsk_cut_range(pos, len, size);
	u64 at;

	memset(fate, 0, sizeof(fate));
	apply(&range, fate);
	for (at = 0; at < sizeof(fate); at++) {
		bool inside = at >= pos && at < pos + len;
		bool behind = pos + len == size && at >= size &&
			      at < rdsk_pages(size) * PAGE_SIZE;

		/* touched once, or not at all */
		if (inside && fate[at] != 1 && fate[at] != 16)
			return false;
		if (!inside && !behind && fate[at])
			return false;
	}
	/* a page that lies whole in the range is freed, not zeroed */
	for (at = 0; at < PAGES; at++)
		if (at * PAGE_SIZE >= pos &&
		    (at + 1) * PAGE_SIZE <= pos + len &&
		    fate[at * PAGE_SIZE] != 16)
			return false;
	return range.first <= range.end;
}

int main(void)
{
	u64 size, first, end;

	for (size = 1; size <= SECTORS; size += size < 24 ? 1 : 5)
		for (first = 0; first < size; first++)
			for (end = first + 1; end <= size; end++)
				CHECK("range", right(first * 512,
						     (end - first) * 512,
						     size * 512));
	CHECK("pages of nothing", rdsk_pages(0) == 0);
	CHECK("pages of a sector", rdsk_pages(512) == 1);
	CHECK("pages of a page", rdsk_pages(PAGE_SIZE) == 1);
	CHECK("pages of a bit more", rdsk_pages(PAGE_SIZE + 512) == 2);
	CHECK("pages of a lot", rdsk_pages(1ull << 62) == 1ull << 50);
	return DONE("range");
}
