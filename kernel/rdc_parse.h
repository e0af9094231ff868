/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Texts that come from outside: the numbers and words of a table line and of
 * a message. Pure: nothing is opened or changed here.
 */
#ifndef RDC_PARSE_H
#define RDC_PARSE_H

#include "rdc_types.h"

/**
 * enum rdc_mode - what the cache does
 * @RDC_WRITE_THROUGH: reads and writes are cached
 * @RDC_WRITE_AROUND: reads are cached, writes drop cached copies
 * @RDC_PASSTHROUGH: nothing is read from the cache or added to it; writes
 *	still drop cached copies
 */
enum rdc_mode {
	RDC_WRITE_THROUGH,
	RDC_WRITE_AROUND,
	RDC_PASSTHROUGH,
};

#define RDC_DEFAULT_ASSOC	512u

/**
 * struct rdc_options - the optional part of a table line
 * @sectors: cache size in 512-byte sectors, 0 when not given
 * @mode: the mode
 * @assoc: associativity as asked for, a power of two
 */
struct rdc_options {
	u64 sectors;
	enum rdc_mode mode;
	u32 assoc;
};

int rdc_parse_options(unsigned int argc, char **argv, struct rdc_options *opt,
		      const char **why);
int rdc_parse_mode_word(const char *word, enum rdc_mode *mode);
const char *rdc_mode_word(enum rdc_mode mode);
const char *rdc_mode_arg(enum rdc_mode mode);

/**
 * enum rdc_verb - what a message asks for
 */
enum rdc_verb {
	RDC_MSG_INVALIDATE,
	RDC_MSG_MODE,
	RDC_MSG_STATS,
	RDC_MSG_STATS_RESET,
	RDC_MSG_SEQ_CUTOFF,
};

/**
 * struct rdc_msg - a message, parsed
 * @verb: what to do
 * @mode: RDC_MSG_MODE: the mode to switch to
 * @sector: RDC_MSG_INVALIDATE: first sector
 * @sectors: RDC_MSG_INVALIDATE: number of sectors, 0 for everything
 * @cutoff: RDC_MSG_SEQ_CUTOFF: in sectors, 0 to switch it off
 */
struct rdc_msg {
	enum rdc_verb verb;
	enum rdc_mode mode;
	u64 sector;
	u64 sectors;
	u64 cutoff;
};

int rdc_parse_msg(unsigned int argc, char **argv, struct rdc_msg *msg,
		  const char **why);

#endif /* RDC_PARSE_H */
