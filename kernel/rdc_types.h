/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * What the cache's pure logic (rdc_set, rdc_stream, rdc_parse) needs from its
 * surroundings. In the kernel that is the kernel; in user space the unit tests
 * bring a small stand-in, so the same files run under ASan and UBSan.
 */
#ifndef RDC_TYPES_H
#define RDC_TYPES_H

#ifdef __KERNEL__
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include "rdc_shim.h"
#endif

#endif /* RDC_TYPES_H */
