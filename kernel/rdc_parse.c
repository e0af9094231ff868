// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Parsers for the table line's options and for messages; see rdc_parse.h.
 */
#include "rdc_parse.h"

static const char * const rdc_mode_words[] = {
	[RDC_WRITE_THROUGH] = "write-through",
	[RDC_WRITE_AROUND] = "write-around",
	[RDC_PASSTHROUGH] = "passthrough",
};

static int rdc_fail(const char **why, const char *text)
{
	*why = text;
	return -EINVAL;
}

/**
 * rdc_mode_word() - a mode's name
 * @mode: the mode
 */
const char *rdc_mode_word(enum rdc_mode mode)
{
	return rdc_mode_words[mode];
}

/**
 * rdc_mode_arg() - a mode as the table line's argument
 * @mode: the mode
 *
 * Write-through and write-around are numbers there; other numbers mean
 * write-around, so pass-through is a word.
 */
const char *rdc_mode_arg(enum rdc_mode mode)
{
	switch (mode) {
	case RDC_WRITE_THROUGH:
		return "0";
	case RDC_WRITE_AROUND:
		return "1";
	default:
		return rdc_mode_words[RDC_PASSTHROUGH];
	}
}

/**
 * rdc_parse_mode_word() - a mode from its name
 * @word: write-through or wt, write-around or wa, passthrough
 * @mode: set on success
 *
 * Return: 0, or -EINVAL.
 */
int rdc_parse_mode_word(const char *word, enum rdc_mode *mode)
{
	unsigned int i;

	if (!strcmp(word, "wt")) {
		*mode = RDC_WRITE_THROUGH;
		return 0;
	}
	if (!strcmp(word, "wa")) {
		*mode = RDC_WRITE_AROUND;
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(rdc_mode_words); i++) {
		if (!strcmp(word, rdc_mode_words[i])) {
			*mode = (enum rdc_mode)i;
			return 0;
		}
	}
	return -EINVAL;
}

/**
 * rdc_parse_options() - [<cache_sectors> [<mode> [<assoc>]]]
 * @argc: number of arguments after source and cache
 * @argv: these arguments
 * @opt: filled in
 * @why: on failure: what is wrong and what would be right
 *
 * @mode is 0 for write-through, another whole number for write-around, or a
 * word as in rdc_parse_mode_word().
 *
 * Return: 0, or -EINVAL.
 */
int rdc_parse_options(unsigned int argc, char **argv, struct rdc_options *opt,
		      const char **why)
{
	long long number;

	opt->sectors = 0;
	opt->mode = RDC_WRITE_THROUGH;
	opt->assoc = RDC_DEFAULT_ASSOC;

	if (argc > 3)
		return rdc_fail(why,
				"Too many arguments: <source> <cache> [<cache_sectors> [<mode> [<assoc>]]]");
	if (argc > 0) {
		if (kstrtou64(argv[0], 10, &opt->sectors) || !opt->sectors)
			return rdc_fail(why,
					"Cache size must be a number of 512-byte sectors above 0");
	}
	if (argc > 1) {
		if (!kstrtoll(argv[1], 10, &number))
			opt->mode = number ? RDC_WRITE_AROUND :
					     RDC_WRITE_THROUGH;
		else if (rdc_parse_mode_word(argv[1], &opt->mode))
			return rdc_fail(why,
					"Mode must be 0 (write-through), 1 (write-around) or passthrough");
	}
	if (argc > 2) {
		if (kstrtou32(argv[2], 10, &opt->assoc) ||
		    !is_power_of_2(opt->assoc))
			return rdc_fail(why, "Associativity must be a power of two");
		if (opt->assoc > opt->sectors)
			return rdc_fail(why,
					"Associativity must not exceed the cache size in sectors");
	}
	return 0;
}

static int rdc_parse_invalidate(unsigned int argc, char **argv,
				struct rdc_msg *msg, const char **why)
{
	msg->sector = 0;
	msg->sectors = 0;
	if (argc == 1)
		return 0;
	if (argc != 3 || kstrtou64(argv[1], 10, &msg->sector) ||
	    kstrtou64(argv[2], 10, &msg->sectors) || !msg->sectors ||
	    msg->sector + msg->sectors < msg->sector)
		return rdc_fail(why,
				"invalidate takes nothing, or <start sector> <number of sectors>");
	return 0;
}

/**
 * rdc_parse_msg() - a message to the target
 * @argc: number of words, at least 1
 * @argv: the words; their case counts
 * @msg: filled in
 * @why: on failure: what is wrong and what would be right
 *
 * Return: 0, or -EINVAL.
 */
int rdc_parse_msg(unsigned int argc, char **argv, struct rdc_msg *msg,
		  const char **why)
{
	if (!argc)
		return rdc_fail(why, "empty message");
	if (!strcmp(argv[0], "invalidate")) {
		msg->verb = RDC_MSG_INVALIDATE;
		return rdc_parse_invalidate(argc, argv, msg, why);
	}
	if (!strcmp(argv[0], "mode")) {
		msg->verb = RDC_MSG_MODE;
		if (argc != 2 || rdc_parse_mode_word(argv[1], &msg->mode))
			return rdc_fail(why, "mode takes wt, wa or passthrough");
		return 0;
	}
	if (!strcmp(argv[0], "seq_cutoff")) {
		msg->verb = RDC_MSG_SEQ_CUTOFF;
		if (argc != 2 || kstrtou64(argv[1], 10, &msg->cutoff))
			return rdc_fail(why,
					"seq_cutoff takes a number of 512-byte sectors, 0 for no bypass");
		return 0;
	}
	if (!strcmp(argv[0], "stats"))
		msg->verb = RDC_MSG_STATS;
	else if (!strcmp(argv[0], "stats_reset"))
		msg->verb = RDC_MSG_STATS_RESET;
	else
		return rdc_fail(why,
				"unknown message; known are invalidate, mode, stats, stats_reset and seq_cutoff");
	if (argc != 1)
		return rdc_fail(why, "stats and stats_reset take no argument");
	return 0;
}
