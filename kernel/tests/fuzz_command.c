// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * libFuzzer: whatever is written to mgmt, a command that is understood keeps
 * what its parser promises, and means the same when it is written plainly.
 */
#include <stdio.h>

#include "rd_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The command as the documentation writes it; the length */
static size_t plainly(const struct rdsk_command *cmd, char *to, size_t room)
{
	static const char * const verbs[] = { "attach", "detach", "resize" };
	size_t n = snprintf(to, room, "rapiddisk %s %u", verbs[cmd->verb],
			    cmd->number);

	if (cmd->verb != RDSK_DETACH)
		n += snprintf(to + n, room - n, " %llu",
			      (unsigned long long)cmd->size);
	if (cmd->options.populate)
		n += snprintf(to + n, room - n, " populate");
	if (cmd->options.numa == RDSK_NUMA_NODE)
		n += snprintf(to + n, room - n, " node=%u", cmd->options.node);
	if (cmd->options.numa == RDSK_NUMA_INTERLEAVE)
		n += snprintf(to + n, room - n, " interleave");
	return n;
}

static bool same(const struct rdsk_command *a, const struct rdsk_command *b)
{
	return a->verb == b->verb && a->number == b->number &&
	       (a->verb == RDSK_DETACH || a->size == b->size) &&
	       a->options.numa == b->options.numa &&
	       (a->options.numa != RDSK_NUMA_NODE ||
		a->options.node == b->options.node) &&
	       a->options.populate == b->options.populate;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rdsk_command cmd, again;
	char text[RDSK_COMMAND_MAX];

	if (rdsk_parse_command((const char *)data, len, &cmd))
		return 0;
	if (cmd.number > RDSK_NUMBER_MAX)
		abort();
	if (cmd.verb != RDSK_DETACH && (!cmd.size || cmd.size % 512))
		abort();
	if (cmd.verb != RDSK_ATTACH && (cmd.options.populate || cmd.options.numa))
		abort();
	len = plainly(&cmd, text, sizeof(text));
	if (rdsk_parse_command(text, len, &again) || !same(&cmd, &again))
		abort();
	return 0;
}
