/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * How much of the machine's memory the RAM disks may take.
 */
#ifndef RD_MEMORY_H
#define RD_MEMORY_H

#include <linux/types.h>

int rdsk_memory_init(void);
void rdsk_memory_exit(void);
int rdsk_memory_charge(void);
void rdsk_memory_uncharge(unsigned long pages);
const char *rdsk_memory_why(int err);
u64 rdsk_memory_used(void);
u64 rdsk_memory_limit(void);
u64 rdsk_memory_reserve(void);
u64 rdsk_memory_max_size(void);

#endif /* RD_MEMORY_H */
