// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 */
#ifdef __KERNEL__
#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/string.h>
#endif

#include "rd_command.h"

/* The next word of *rest, or NULL at its end; words are split by blanks */
static char *next_word(char **rest)
{
	char *word = skip_spaces(*rest);
	char *end = word;

	if (!*word)
		return NULL;
	while (*end && !isspace(*end))
		end++;
	if (*end)
		*end++ = '\0';
	*rest = end;
	return word;
}

/* A whole word that is a number in base 0; no sign, nothing behind it */
static int parse_number(const char *word, u64 max, u64 *value)
{
	unsigned long long number;
	int err;

	if (!word || !isdigit(*word))
		return -EINVAL;
	err = kstrtoull(word, 0, &number);
	if (err)
		return err;
	if (number > max)
		return -ERANGE;
	*value = number;
	return 0;
}

static int parse_size(const char *word, u64 *size)
{
	int err = parse_number(word, ~0ULL, size);

	if (err)
		return err;
	return *size && !(*size & 511) ? 0 : -EINVAL;
}

static int parse_option(const char *word, struct rdsk_options *options)
{
	u64 node;
	int err;

	if (!strcmp(word, "populate")) {
		options->populate = true;
		return 0;
	}
	if (!strcmp(word, "interleave")) {
		options->numa = RDSK_NUMA_INTERLEAVE;
		return 0;
	}
	if (strncmp(word, "node=", 5))
		return -EINVAL;
	err = parse_number(word + 5, RDSK_NUMBER_MAX, &node);
	if (err)
		return err;
	options->numa = RDSK_NUMA_NODE;
	options->node = node;
	return 0;
}

static int parse_words(char *rest, struct rdsk_command *cmd)
{
	char *word = next_word(&rest);
	bool sized = true;
	u64 number;
	int err;

	if (!word || strcmp(word, "rapiddisk"))
		return -EINVAL;
	word = next_word(&rest);
	if (!word)
		return -EINVAL;
	if (!strcmp(word, "attach")) {
		cmd->verb = RDSK_ATTACH;
	} else if (!strcmp(word, "resize")) {
		cmd->verb = RDSK_RESIZE;
	} else if (!strcmp(word, "detach")) {
		cmd->verb = RDSK_DETACH;
		sized = false;
	} else {
		return -EINVAL;
	}

	err = parse_number(next_word(&rest), RDSK_NUMBER_MAX, &number);
	if (err)
		return err;
	cmd->number = number;
	if (sized) {
		err = parse_size(next_word(&rest), &cmd->size);
		if (err)
			return err;
	}
	while ((word = next_word(&rest))) {
		if (cmd->verb != RDSK_ATTACH)
			return -EINVAL;
		err = parse_option(word, &cmd->options);
		if (err)
			return err;
	}
	return 0;
}

/**
 * rdsk_parse_command() - understand one write to mgmt
 * @text: what was written; need not be terminated
 * @len: its length in bytes
 * @cmd: filled in on success, undefined else
 *
 *	rapiddisk attach <N> <bytes> [populate] [node=<id> | interleave]
 *	rapiddisk detach <N>
 *	rapiddisk resize <N> <bytes>
 *
 * Numbers are decimal, 0x hexadecimal or 0 octal. A size is a multiple of 512
 * and not 0. A newline may end the command.
 *
 * Return: 0; -EINVAL for what is no command; -ERANGE for a number above
 * RDSK_NUMBER_MAX or a size that needs more than 64 bits.
 */
int rdsk_parse_command(const char *text, size_t len, struct rdsk_command *cmd)
{
	char line[RDSK_COMMAND_MAX];

	if (len >= sizeof(line) || memchr(text, '\0', len))
		return -EINVAL;
	memcpy(line, text, len);
	line[len] = '\0';
	memset(cmd, 0, sizeof(*cmd));
	return parse_words(line, cmd);
}
