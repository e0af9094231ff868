/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Pages that no index leads to any more, until no reader can still hold them.
 */
#ifndef RD_LIMBO_H
#define RD_LIMBO_H

#include <linux/list.h>

int rdsk_limbo_init(void);
void rdsk_limbo_exit(void);
void rdsk_limbo_add(struct list_head *pages, unsigned long count);
bool rdsk_limbo_drain(void);

#endif /* RD_LIMBO_H */
