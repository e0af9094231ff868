/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Pages that no index leads to any more, until no reader can still hold them.
 */
#ifndef RD_RECLAIM_H
#define RD_RECLAIM_H

#include <linux/list.h>

int rdsk_reclaim_init(void);
void rdsk_reclaim_exit(void);
void rdsk_reclaim_queue(struct list_head *pages, unsigned long count);
bool rdsk_reclaim_flush(void);

#endif /* RD_RECLAIM_H */
