// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Parsers, block arithmetic, stream detection and the memory of bad blocks.
 */
#include "model.h"

#include "../../rdc_bad.h"
#include "../../rdc_parse.h"
#include "../../rdc_range.h"
#include "../../rdc_stream.h"

#define ARGS(...) ((char *[]){ __VA_ARGS__ })

static int options(struct rdc_options *o, unsigned int argc, char **argv)
{
	const char *why = NULL;
	int err = rdc_parse_options(argc, argv, o, &why);

	CHECK(!err == !why);
	return err;
}

static void test_options(void)
{
	struct rdc_options o;

	CHECK(!options(&o, 0, NULL));
	CHECK(!o.sectors && o.mode == RDC_WRITE_THROUGH && o.assoc == 512);
	CHECK(!options(&o, 3, ARGS("4096", "0", "512")));
	CHECK(o.sectors == 4096 && o.mode == RDC_WRITE_THROUGH);
	CHECK(!options(&o, 3, ARGS("64", "1", "8")));
	CHECK(o.sectors == 64 && o.mode == RDC_WRITE_AROUND && o.assoc == 8);
	CHECK(!options(&o, 2, ARGS("64", "-7")) && o.mode == RDC_WRITE_AROUND);
	CHECK(!options(&o, 2, ARGS("64", "passthrough")) &&
	      o.mode == RDC_PASSTHROUGH);
	CHECK(options(&o, 4, ARGS("64", "0", "8", "x")));
	CHECK(options(&o, 1, ARGS("0")));
	CHECK(options(&o, 1, ARGS("64x")));
	CHECK(options(&o, 1, ARGS("-64")));
	CHECK(options(&o, 1, ARGS("")));
	CHECK(options(&o, 1, ARGS("18446744073709551616")));
	CHECK(options(&o, 2, ARGS("64", "sometimes")));
	CHECK(options(&o, 3, ARGS("64", "0", "0")));
	CHECK(options(&o, 3, ARGS("64", "0", "3")));
	CHECK(options(&o, 3, ARGS("64", "0", "128")));
	CHECK(options(&o, 3, ARGS("64", "0", "4294967296")));
}

static int msg(struct rdc_msg *m, unsigned int argc, char **argv)
{
	const char *why = NULL;
	int err = rdc_parse_msg(argc, argv, m, &why);

	CHECK(!err == !why);
	return err;
}

static void test_messages(void)
{
	struct rdc_msg m;

	CHECK(!msg(&m, 1, ARGS("invalidate")) && !m.sectors);
	CHECK(!msg(&m, 3, ARGS("invalidate", "8", "16")) && m.sector == 8 &&
	      m.sectors == 16);
	CHECK(msg(&m, 2, ARGS("invalidate", "8")));
	CHECK(msg(&m, 3, ARGS("invalidate", "8", "0")));
	CHECK(msg(&m, 3, ARGS("invalidate", "18446744073709551615", "2")));
	CHECK(!msg(&m, 2, ARGS("mode", "wa")) && m.mode == RDC_WRITE_AROUND);
	CHECK(!msg(&m, 2, ARGS("mode", "passthrough")));
	CHECK(!msg(&m, 2, ARGS("mode", "write-through")));
	CHECK(msg(&m, 1, ARGS("mode")));
	CHECK(msg(&m, 2, ARGS("mode", "wb")));
	CHECK(!msg(&m, 2, ARGS("seq_cutoff", "0")) && !m.cutoff);
	CHECK(msg(&m, 2, ARGS("seq_cutoff", "4M")));
	CHECK(!msg(&m, 1, ARGS("stats")) && m.verb == RDC_MSG_STATS);
	CHECK(!msg(&m, 1, ARGS("stats_reset")));
	CHECK(msg(&m, 2, ARGS("stats", "now")));
	CHECK(msg(&m, 1, ARGS("Stats")));
	CHECK(msg(&m, 0, NULL));
}

static void test_ranges(void)
{
	struct rdc_range r;
	struct rdc_piece p;

	r = rdc_range_touched(0, 0);
	CHECK(r.first == r.end);
	r = rdc_range_touched(0, 8);
	CHECK(r.first == 0 && r.end == 1);
	r = rdc_range_touched(7, 2);
	CHECK(r.first == 0 && r.end == 2);
	r = rdc_range_touched(1ULL << 54, 1ULL << 54);
	CHECK(r.first == 1ULL << 51 && r.end == 1ULL << 52);

	p = rdc_piece(9, 16384);
	CHECK(p.block == 1 && p.offset == 512 && p.len == 3584);
	CHECK(!rdc_piece_whole(&p));
	p = rdc_piece(16, 16384);
	CHECK(p.block == 2 && rdc_piece_whole(&p));
	p = rdc_piece(16, 512);
	CHECK(p.offset == 0 && p.len == 512 && !rdc_piece_whole(&p));
}

static void test_streams(void)
{
	struct rdc_streams st = { 0 };
	u64 i;

	for (i = 0; i < 100; i++)
		CHECK(rdc_stream_note(&st, 1000 + i * 32, 32) == (i + 1) * 32);
	CHECK(rdc_stream_note(&st, 5, 1) == 1);
	/* Going back is no stream. */
	CHECK(rdc_stream_note(&st, 1000, 32) == 32);
	/* Lengths stop growing, they never wrap. */
	for (i = 0; i < 70000; i++)
		rdc_stream_note(&st, 1ULL << 30 | i * 2048, 2048);
	CHECK(rdc_stream_note(&st, 1ULL << 30 | i * 2048, 2048) ==
	      RDC_STREAM_LEN_MAX);
}

static void test_bad(void)
{
	struct rdc_bad bad = { 0 };
	u64 now = 1, i;

	CHECK(!rdc_bad_known(&bad, 0, now));
	rdc_bad_note(&bad, 0, now);
	rdc_bad_note(&bad, RDC_TAG_LIMIT - 1, now);
	CHECK(rdc_bad_known(&bad, 0, now));
	CHECK(rdc_bad_known(&bad, RDC_TAG_LIMIT - 1, now));
	CHECK(!rdc_bad_known(&bad, 1, now));
	CHECK(rdc_bad_known(&bad, 0, now + RDC_BAD_SECONDS - 1));
	CHECK(!rdc_bad_known(&bad, 0, now + RDC_BAD_SECONDS));
	/* Found again, remembered again. */
	rdc_bad_note(&bad, 0, now + RDC_BAD_SECONDS);
	CHECK(rdc_bad_known(&bad, 0, now + RDC_BAD_SECONDS + 1));
	/* The kept time wraps; the age does not. */
	now = RDC_BAD_TIME_MASK;
	rdc_bad_note(&bad, 7, now);
	CHECK(rdc_bad_known(&bad, 7, now + 2));
	CHECK(!rdc_bad_known(&bad, 7, now + RDC_BAD_SECONDS));
	/* Many blocks push each other out; none is mistaken for another. */
	for (i = 0; i < 10000; i++)
		rdc_bad_note(&bad, i * 3, now);
	for (i = 0; i < 10000; i++)
		CHECK(!rdc_bad_known(&bad, i * 3 + 1, now));
	CHECK(rdc_bad_known(&bad, 9999 * 3, now));
}

int main(void)
{
	test_bad();
	test_options();
	test_messages();
	test_ranges();
	test_streams();
	puts("parsers, ranges, streams and bad blocks: all promises kept");
	return 0;
}
