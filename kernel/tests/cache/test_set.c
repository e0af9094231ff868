// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Index and eviction, against a plain model of what each block's state must
 * be, and promises about who is kept.
 */
#include "model.h"

static u64 seed = 88172645463325252ULL;

static u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* A read as the target does it; true when it hit. */
static bool access_block(struct model *m, u64 block)
{
	struct rdc_key k = rdc_key(&m->idx, block);
	struct rdc_set *set = &m->sets[k.set];
	int way = rdc_find(&m->idx, &k);
	bool evicted = false;
	u64 slot;

	if (way >= 0) {
		slot = rdc_slot(&m->idx, k.set, way);
		rdc_touch(&m->idx, slot, rdc_word(&m->idx, slot));
		return true;
	}
	way = rdc_reserve(&m->idx, set, &k, RDC_FILLING, true, &evicted);
	CHECK(way >= 0);
	rdc_commit(&m->idx, set, rdc_slot(&m->idx, k.set, way));
	return false;
}

static void test_shape(void)
{
	static const u64 sizes[] = { 8, 9, 100, 511, 512, 513, 4096, 1 << 20,
				     1ULL << 28, 1ULL << 32 };
	static const u32 ways[] = { 1, 2, 8, 64, 512, 4096, 1u << 31 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		for (j = 0; j < ARRAY_SIZE(ways); j++) {
			struct rdc_index x = { 0 };
			u64 used;

			rdc_index_shape(&x, sizes[i], ways[j]);
			used = (u64)x.sets * x.ways;
			CHECK(x.sets >= 1 && x.ways >= 8);
			CHECK(used <= sizes[i]);
			CHECK(sizes[i] - used < x.ways);
			CHECK(is_power_of_2(x.heads) && is_power_of_2(x.ghosts));
			CHECK(x.small >= 1 && x.small < x.ways);
			/* Slots beyond 2^31 keep their number: 1 TiB and up. */
			CHECK(rdc_slot(&x, x.sets - 1, x.ways - 1) == used - 1);
		}
}

/* Random operations on few blocks; the model knows each block's state. */
static void test_random(u64 blocks, u32 ways, u64 universe, int steps)
{
	struct model m;
	u8 *state = calloc(universe, 1);
	int step;

	model_init(&m, blocks, ways);
	for (step = 0; step < steps; step++) {
		u64 block = rnd() % universe;
		struct rdc_key k = rdc_key(&m.idx, block);
		struct rdc_set *set = &m.sets[k.set];
		int way = rdc_find(&m.idx, &k);
		u64 slot = way < 0 ? 0 : rdc_slot(&m.idx, k.set, way);
		u64 word = way < 0 ? 0 : rdc_word(&m.idx, slot);
		bool evicted = false;

		/* Eviction takes valid ones only; the rest must be as left. */
		if (way < 0)
			CHECK(state[block] <= RDC_VALID);
		else
			CHECK(state[block] == rdc_word_state(word));
		if (way < 0) {
			way = rdc_reserve(&m.idx, set, &k,
					  rnd() & 1 ? RDC_FILLING : RDC_WRITING,
					  rnd() & 3, &evicted);
			state[block] = RDC_FREE;
			if (way >= 0)
				state[block] = rdc_word_state(rdc_word(&m.idx,
					rdc_slot(&m.idx, k.set, way)));
			continue;
		}
		switch (rnd() % 5) {
		case 0:
			rdc_touch(&m.idx, slot, word);
			if (state[block] == RDC_VALID)
				CHECK(rdc_word(&m.idx, slot) & RDC_REF);
			break;
		case 1:
			rdc_drop(&m.idx, set, &k, way);
			/* Anyone who was copying from it notices. */
			if (state[block] == RDC_VALID)
				CHECK(!rdc_word_same(word,
						     rdc_word(&m.idx, slot)));
			state[block] = state[block] == RDC_VALID ? RDC_FREE :
								   RDC_DOOMED;
			break;
		case 2:
			if (state[block] == RDC_VALID) {
				rdc_rewrite(&m.idx, set, slot);
				state[block] = RDC_WRITING;
				CHECK(!rdc_word_same(word,
						     rdc_word(&m.idx, slot)));
			}
			break;
		default:
			if (state[block] == RDC_DOOMED) {
				rdc_release(&m.idx, set, &k, way);
				state[block] = RDC_FREE;
			} else if (state[block] != RDC_VALID) {
				rdc_commit(&m.idx, set, slot);
				state[block] = RDC_VALID;
			}
		}
		if (!(step % 997))
			model_check(&m);
	}
	model_check(&m);
	model_free(&m);
	free(state);
}

/* A set whose every slot has I/O in flight gives none away, and says so. */
static void test_all_busy(void)
{
	struct model m;
	bool evicted = false;
	u64 b;

	model_init(&m, 8, 8);
	for (b = 0; b < 8; b++) {
		struct rdc_key k = rdc_key(&m.idx, b);

		CHECK(rdc_reserve(&m.idx, m.sets, &k, RDC_FILLING, true,
				  &evicted) >= 0);
	}
	for (; b < 100; b++) {
		struct rdc_key k = rdc_key(&m.idx, b);

		CHECK(rdc_reserve(&m.idx, m.sets, &k, RDC_FILLING, true,
				  &evicted) == -1);
	}
	CHECK(!evicted);
	model_check(&m);
	model_free(&m);
}

/* One long scan does not push out what is read again and again. */
static void test_scan(void)
{
	const u64 hot = 2000, cache = 4096;
	struct model m;
	u64 b, hits = 0;
	int round;

	model_init(&m, cache, 512);
	for (round = 0; round < 4; round++)
		for (b = 0; b < hot; b++)
			access_block(&m, b);
	for (b = 0; b < 10 * cache; b++)
		access_block(&m, 1000000 + b);
	for (b = 0; b < hot; b++)
		hits += access_block(&m, b);
	CHECK(hits >= hot * 9 / 10);
	model_free(&m);
}

/* What does not fit is refused when nobody may be evicted. */
static void test_no_evict(void)
{
	struct model m;
	u64 b, got = 0;

	model_init(&m, 512, 512);
	for (b = 0; b < 1000; b++) {
		struct rdc_key k = rdc_key(&m.idx, b);
		bool evicted = false;
		int way = rdc_reserve(&m.idx, m.sets, &k, RDC_FILLING, false,
				      &evicted);

		CHECK(!evicted);
		if (way >= 0) {
			got++;
			rdc_commit(&m.idx, m.sets, way);
		}
	}
	CHECK(got == 512);
	model_free(&m);
}

/* A block that went and came back into the same slot is another copy. */
static void test_generation(void)
{
	struct rdc_key k;
	struct model m;
	u64 before, slot;
	int way, round;

	model_init(&m, 8, 8);
	k = rdc_key(&m.idx, 5);
	for (round = 0; round < 100; round++) {
		access_block(&m, 5);
		way = rdc_find(&m.idx, &k);
		slot = rdc_slot(&m.idx, k.set, way);
		before = rdc_word(&m.idx, slot);
		if (round & 1) {
			rdc_rewrite(&m.idx, m.sets, slot);
			rdc_commit(&m.idx, m.sets, slot);
		} else {
			rdc_drop(&m.idx, m.sets, &k, way);
			access_block(&m, 5);
			CHECK(rdc_find(&m.idx, &k) == way);
		}
		CHECK(rdc_word_state(rdc_word(&m.idx, slot)) == RDC_VALID);
		CHECK(!rdc_word_same(before, rdc_word(&m.idx, slot)));
	}
	model_free(&m);
}

/* Block numbers up to the limit survive their trip through the word. */
static void test_large_blocks(void)
{
	static const u64 blocks[] = { 0, 1, 1ULL << 31, 1ULL << 32,
				      RDC_TAG_LIMIT - 1 };
	struct model m;
	unsigned int i;

	model_init(&m, 64, 8);
	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		CHECK(!access_block(&m, blocks[i]));
		CHECK(access_block(&m, blocks[i]));
	}
	model_check(&m);
	model_free(&m);
}

int main(void)
{
	test_shape();
	test_all_busy();
	test_scan();
	test_no_evict();
	test_large_blocks();
	test_generation();
	test_random(8, 8, 20, 200000);
	test_random(100, 512, 300, 300000);
	test_random(4096, 512, 10000, 1000000);
	test_random(64, 8, 200, 300000);
	puts("index and eviction: all promises kept");
	return 0;
}
