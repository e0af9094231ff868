// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 */
#include "check.h"
#include "rd_command.h"

static struct rdsk_command cmd;

/* The text in memory of exactly its length, so that ASan sees a step beyond */
static int parse_bytes(const char *text, size_t len)
{
	char *exact = malloc(len ? len : 1);
	int err;

	memcpy(exact, text, len);
	memset(&cmd, 0xee, sizeof(cmd));
	err = rdsk_parse_command(exact, len, &cmd);
	free(exact);
	return err;
}

static int parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static void understood(void)
{
	CHECK("attach", !parse("rapiddisk attach 5 1048576") &&
	      cmd.verb == RDSK_ATTACH && cmd.number == 5 &&
	      cmd.size == 1048576 && !cmd.options.populate &&
	      cmd.options.numa == RDSK_NUMA_LOCAL);
	CHECK("a newline may end it", !parse("rapiddisk attach 5 1048576\n"));
	CHECK("detach", !parse("rapiddisk detach 7\n") &&
	      cmd.verb == RDSK_DETACH && cmd.number == 7);
	CHECK("resize", !parse("rapiddisk resize 0 512") &&
	      cmd.verb == RDSK_RESIZE && !cmd.number && cmd.size == 512);
	CHECK("hexadecimal", !parse("rapiddisk attach 0x10 0x100000") &&
	      cmd.number == 16 && cmd.size == 1048576);
	CHECK("octal", !parse("rapiddisk attach 010 01000") &&
	      cmd.number == 8 && cmd.size == 512);
	CHECK("highest number",
	      !parse("rapiddisk attach 1048575 512") && cmd.number == 1048575);
	CHECK("largest size",
	      !parse("rapiddisk attach 1 18446744073709551104") &&
	      cmd.size == 18446744073709551104ull);
	CHECK("populate", !parse("rapiddisk attach 1 512 populate") &&
	      cmd.options.populate);
	CHECK("node", !parse("rapiddisk attach 1 512 node=3 populate\n") &&
	      cmd.options.numa == RDSK_NUMA_NODE && cmd.options.node == 3 &&
	      cmd.options.populate);
	CHECK("interleave", !parse("rapiddisk attach 1 512 interleave") &&
	      cmd.options.numa == RDSK_NUMA_INTERLEAVE);
	CHECK("more than one blank", !parse("rapiddisk  attach\t1   512 "));
}

static void refused(void)
{
	static const char * const invalid[] = {
		"", "\n", " ", "rapiddisk", "rapiddisk ", "rapiddisk attach",
		"rapiddisk attach 1", "rapiddisk attach 1 ",
		"rapiddisk attach x 512", "rapiddisk attach 1 x",
		"rapiddisk attach 1 512x", "rapiddisk attach 1x 512",
		"rapiddisk attach -1 512", "rapiddisk attach 1 -512",
		"rapiddisk attach +1 512", "rapiddisk attach 1 +512",
		"rapiddisk attach 1 0", "rapiddisk attach 1 1000",
		"rapiddisk attach 1 511", "rapiddisk attach 1,512",
		"rapiddisk attach 1 512 junk", "rapiddisk attach 1 512 node=",
		"rapiddisk attach 1 512 node=x", "rapiddisk attach 1 512 node",
		"rapiddisk attach 1 512 populate=1", "rapiddisk attach 1 0x",
		"rapiddisk attach 08 512", "rapiddisk detach",
		"rapiddisk detach 1 2", "rapiddisk detach rd1",
		"rapiddisk resize 1", "rapiddisk resize 1 512 populate",
		"rapiddisk remove 1", "Rapiddisk attach 1 512",
		"rapiddiskattach 1 512", "attach 1 512",
	};
	size_t i;

	for (i = 0; i < sizeof(invalid) / sizeof(*invalid); i++)
		CHECK(invalid[i], parse(invalid[i]) == -EINVAL);
	CHECK("number too high",
	      parse("rapiddisk attach 1048576 512") == -ERANGE);
	CHECK("number of 65 bits",
	      parse("rapiddisk detach 18446744073709551616") == -ERANGE);
	CHECK("size of 65 bits",
	      parse("rapiddisk attach 1 18446744073709551616") == -ERANGE);
	CHECK("node too high",
	      parse("rapiddisk attach 1 512 node=9999999") == -ERANGE);
	CHECK("a NUL inside",
	      parse_bytes("rapiddisk detach 1\0 2", 21) == -EINVAL);
}

static void bounded(void)
{
	char line[8192];
	size_t len;

	for (len = 1; len < sizeof(line); len++) {
		memset(line, len % 3 ? '1' : ' ', len);
		memcpy(line, "rapiddisk detach 1", len < 18 ? len : 18);
		parse_bytes(line, len);
	}
	memset(line, ' ', sizeof(line));
	memcpy(line, "rapiddisk detach 1", 18);
	CHECK("the longest", !parse_bytes(line, RDSK_COMMAND_MAX - 1));
	CHECK("longer", parse_bytes(line, RDSK_COMMAND_MAX) == -EINVAL);
	CHECK("a page", parse_bytes(line, 4096) == -EINVAL);
}

int main(void)
{
	understood();
	refused();
	bounded();
	return DONE("command");
}
