// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Readers without a lock against writers, evictions and drops: the protocol of
 * rdc_hit(), with real threads. A copy that the protocol accepts is of the
 * block asked for, in one piece, and not older than what was acknowledged when
 * the read began.
 */
#include <pthread.h>
#include <time.h>

#include "model.h"

/* As in the kernel */
#define smp_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define WORDS 64
#define BLOCKS 48
#define CACHE 16

static struct model m;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static u64 pages[CACHE][WORDS];
static u64 acked[BLOCKS];
static pthread_mutex_t writer[BLOCKS];
static bool stop;
static u64 hits, retries;

static u64 rnd(u64 *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static u64 load(const u64 *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static void reader_once(u64 block)
{
	struct rdc_key k = rdc_key(&m.idx, block);
	u64 before = __atomic_load_n(&acked[block], __ATOMIC_SEQ_CST);
	int way = rdc_find(&m.idx, &k), i;
	u64 slot, word, copy[WORDS];

	if (way < 0)
		return;
	slot = rdc_slot(&m.idx, k.set, way);
	word = rdc_word(&m.idx, slot);
	if (rdc_word_state(word) != RDC_VALID || rdc_word_block(word) != block)
		return;
	/* As in rdc_hit(): the page after the word, */
	smp_rmb();
	for (i = 0; i < WORDS; i++)
		copy[i] = load(&pages[slot][i]);
	/* and the word again after the page. */
	smp_rmb();
	if (!rdc_word_same(word, rdc_word(&m.idx, slot))) {
		__atomic_fetch_add(&retries, 1, __ATOMIC_RELAXED);
		return;
	}
	rdc_touch(&m.idx, slot, word);
	for (i = 1; i < WORDS; i++)
		CHECK(copy[i] == copy[0]);
	CHECK(copy[0] % BLOCKS == block);
	CHECK(copy[0] / BLOCKS >= before);
	__atomic_fetch_add(&hits, 1, __ATOMIC_RELAXED);
}

static void *reader(void *arg)
{
	u64 s = 0x1234567 + (u64)(uintptr_t)arg;

	while (!READ_ONCE(stop))
		reader_once(rnd(&s) % BLOCKS);
	return NULL;
}

/* Owns the slot, or -1 when the block is busy or nothing is to be had. */
static int own(const struct rdc_key *k)
{
	struct rdc_set *set = &m.sets[k->set];
	bool evicted = false;
	int way;

	pthread_mutex_lock(&lock);
	way = rdc_find(&m.idx, k);
	if (way >= 0) {
		u64 slot = rdc_slot(&m.idx, k->set, way);

		if (rdc_word_state(rdc_word(&m.idx, slot)) == RDC_VALID)
			rdc_rewrite(&m.idx, set, slot);
		else
			way = -1;
	} else {
		way = rdc_reserve(&m.idx, set, k, RDC_WRITING, true, &evicted);
	}
	pthread_mutex_unlock(&lock);
	return way;
}

static void writer_once(u64 block, u64 *s)
{
	struct rdc_key k = rdc_key(&m.idx, block);
	struct rdc_set *set = &m.sets[k.set];
	u64 version, slot;
	int way, i;

	/* One writer per block, as a careful application has it. */
	pthread_mutex_lock(&writer[block]);
	version = acked[block] + 1;
	way = own(&k);
	if (way >= 0) {
		slot = rdc_slot(&m.idx, k.set, way);
		for (i = 0; i < WORDS; i++)
			__atomic_store_n(&pages[slot][i],
					 version * BLOCKS + block,
					 __ATOMIC_RELAXED);
		pthread_mutex_lock(&lock);
		if (rdc_word_state(rdc_word(&m.idx, slot)) == RDC_DOOMED)
			rdc_release(&m.idx, set, &k, way);
		else
			rdc_commit(&m.idx, set, slot);
		pthread_mutex_unlock(&lock);
	} else {
		/* Written around: the copy goes before the write is acked. */
		pthread_mutex_lock(&lock);
		way = rdc_find(&m.idx, &k);
		if (way >= 0)
			rdc_drop(&m.idx, set, &k, way);
		pthread_mutex_unlock(&lock);
	}
	__atomic_store_n(&acked[block], version, __ATOMIC_SEQ_CST);
	pthread_mutex_unlock(&writer[block]);
	if (!(rnd(s) % 8)) {
		pthread_mutex_lock(&lock);
		way = rdc_find(&m.idx, &k);
		if (way >= 0)
			rdc_drop(&m.idx, set, &k, way);
		pthread_mutex_unlock(&lock);
	}
}

static void *writers(void *arg)
{
	u64 s = 0x7654321 + (u64)(uintptr_t)arg;

	while (!READ_ONCE(stop))
		writer_once(rnd(&s) % BLOCKS, &s);
	return NULL;
}

int main(int argc, char **argv)
{
	struct timespec t = { argc > 1 ? atoi(argv[1]) : 2, 0 };
	pthread_t threads[8];
	int i;

	model_init(&m, CACHE, 8);
	for (i = 0; i < BLOCKS; i++)
		pthread_mutex_init(&writer[i], NULL);
	for (i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, i < 5 ? reader : writers,
			       (void *)(uintptr_t)i);
	nanosleep(&t, NULL);
	WRITE_ONCE(stop, true);
	for (i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	model_check(&m);
	CHECK(hits > 1000);
	printf("readers without a lock: %llu hits, %llu torn copies noticed\n",
	       (unsigned long long)hits, (unsigned long long)retries);
	model_free(&m);
	return 0;
}
