/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * An index with its sets in user space, and what it must always look like.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdio.h>

#include "../../rdc_set.h"

struct model {
	struct rdc_index idx;
	struct rdc_set *sets;
};

#define CHECK(cond)							\
	do {								\
		if (!(cond)) {						\
			fprintf(stderr, "%s:%d: broken: %s\n",		\
				__FILE__, __LINE__, #cond);		\
			abort();					\
		}							\
	} while (0)

static inline void model_init(struct model *m, u64 blocks, u32 ways)
{
	struct rdc_index *i = &m->idx;
	size_t slots;

	rdc_index_shape(i, blocks, ways);
	slots = (size_t)i->sets * i->ways;
	i->word = calloc(slots, sizeof(*i->word));
	i->hnext = calloc(slots, sizeof(*i->hnext));
	i->qnext = calloc(slots, sizeof(*i->qnext));
	i->head = calloc((size_t)i->sets * i->heads, sizeof(*i->head));
	i->ghost = calloc((size_t)i->sets * i->ghosts, sizeof(*i->ghost));
	m->sets = calloc(i->sets, sizeof(*m->sets));
}

static inline void model_free(struct model *m)
{
	free(m->idx.word);
	free(m->idx.hnext);
	free(m->idx.qnext);
	free(m->idx.head);
	free(m->idx.ghost);
	free(m->sets);
}

/* Every slot is in one queue; found slots are found; counts are right. */
static inline void model_check_set(struct model *m, u32 setno)
{
	struct rdc_index *i = &m->idx;
	struct rdc_set *set = &m->sets[setno];
	const u64 base = rdc_slot(i, setno, 0);
	u8 *seen = calloc(i->ways + 1, 1);
	u32 valid = 0, used = 0, freed = 0, way;
	u16 s;
	int q;

	for (q = 0; q < 2; q++) {
		u32 n = 0;

		for (s = set->first[q]; s; s = i->qnext[base + s - 1]) {
			CHECK(s <= set->fresh);
			CHECK(!seen[s]);
			seen[s] = 1;
			CHECK(!!(i->word[base + s - 1] & RDC_MAIN) == q);
			n++;
			if (!i->qnext[base + s - 1])
				CHECK(set->last[q] == s);
		}
		CHECK(n == set->count[q]);
		CHECK(n || (!set->first[q] && !set->last[q]));
	}
	CHECK(set->count[0] + set->count[1] == set->fresh);
	for (s = set->free; s; s = i->hnext[base + s - 1]) {
		CHECK(rdc_word_state(i->word[base + s - 1]) == RDC_FREE);
		freed++;
		CHECK(freed <= i->ways);
	}
	for (way = 0; way < set->fresh; way++) {
		u64 w = i->word[base + way];
		struct rdc_key k;

		if (rdc_word_state(w) == RDC_FREE)
			continue;
		used++;
		valid += rdc_word_state(w) == RDC_VALID;
		k = rdc_key(i, rdc_word_block(w));
		CHECK(k.set == setno);
		CHECK(rdc_find(i, &k) == (int)way);
	}
	CHECK(valid == set->valid);
	CHECK(used + freed == set->fresh);
	free(seen);
}

static inline void model_check(struct model *m)
{
	u32 set;

	for (set = 0; set < m->idx.sets; set++)
		model_check_set(m, set);
}

#endif /* MODEL_H */
