// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * libFuzzer: whatever is written to mgmt, a command that is understood keeps
 * what its parser promises.
 */
#include "rd_command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rdsk_command cmd;

	if (rdsk_parse_command((const char *)data, len, &cmd))
		return 0;
	if (cmd.number > RDSK_NUMBER_MAX)
		abort();
	if (cmd.verb != RDSK_DETACH && (!cmd.size || cmd.size % 512))
		abort();
	return 0;
}
