/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The grammar of /sys/kernel/rapiddisk/mgmt. Pure logic: it also compiles in
 * user space, for the unit tests and the fuzzer.
 */
#ifndef RD_COMMAND_H
#define RD_COMMAND_H

#ifdef __KERNEL__
#include <linux/types.h>
#else
#include "kernel_shim.h"
#endif

enum rdsk_verb {
	RDSK_ATTACH,
	RDSK_DETACH,
	RDSK_RESIZE,
};

enum rdsk_numa {
	RDSK_NUMA_LOCAL,	/* the node of the CPU that writes first */
	RDSK_NUMA_NODE,		/* one node preferred */
	RDSK_NUMA_INTERLEAVE,	/* page by page over all nodes */
};

/**
 * struct rdsk_options - how a RAM disk takes its memory
 * @numa: policy
 * @node: node of RDSK_NUMA_NODE
 * @populate: every page is allocated at attach, and discard keeps them
 */
struct rdsk_options {
	enum rdsk_numa numa;
	unsigned int node;
	bool populate;
};

struct rdsk_command {
	enum rdsk_verb verb;
	unsigned int number;
	u64 size;
	struct rdsk_options options;
};

/* Longest command that can mean anything, with room to spare */
#define RDSK_COMMAND_MAX	160
/* Highest device number: one minor per disk */
#define RDSK_NUMBER_MAX		((1U << 20) - 1)

int rdsk_parse_command(const char *text, size_t len, struct rdsk_command *cmd);

#endif /* RD_COMMAND_H */
