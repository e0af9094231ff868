// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * libFuzzer: any words as table line options and as a message. What is
 * understood is within its bounds, what is not is explained.
 */
#include "model.h"

#include "../../rdc_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *argv[8], *at = text;
	const char *why = NULL;
	struct rdc_options opt;
	struct rdc_msg msg;
	unsigned int argc = 0;

	memcpy(text, data, size);
	text[size] = 0;
	while (argc < ARRAY_SIZE(argv) && at < text + size) {
		argv[argc++] = at;
		at += strcspn(at, " ");
		if (at < text + size)
			*at++ = 0;
	}
	if (!rdc_parse_options(argc, argv, &opt, &why)) {
		CHECK(!opt.sectors || is_power_of_2(opt.assoc));
		CHECK(opt.mode <= RDC_PASSTHROUGH);
		CHECK(!argc || opt.sectors);
	} else {
		CHECK(why);
	}
	why = NULL;
	memset(&msg, 0, sizeof(msg));
	if (rdc_parse_msg(argc, argv, &msg, &why)) {
		CHECK(why);
	} else if (msg.verb == RDC_MSG_MODE) {
		enum rdc_mode mode = RDC_PASSTHROUGH;

		CHECK(!rdc_parse_mode_word(rdc_mode_word(msg.mode), &mode));
		CHECK(mode == msg.mode);
	} else if (msg.verb == RDC_MSG_INVALIDATE && msg.sectors) {
		CHECK(msg.sector + msg.sectors > msg.sector);
	}
	free(text);
	return 0;
}
