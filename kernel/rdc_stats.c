// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Counters; see rdc_stats.h.
 */
#include "rdc_stats.h"

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/string.h>

/**
 * rdc_stats_init() - counters at zero
 * @st: the counters
 *
 * Return: 0 or -ENOMEM.
 */
int rdc_stats_init(struct rdc_stats *st)
{
	mutex_init(&st->lock);
	memset(&st->base, 0, sizeof(st->base));
	st->cpu = alloc_percpu(struct rdc_counters);
	return st->cpu ? 0 : -ENOMEM;
}

/**
 * rdc_stats_exit() - free the counters
 * @st: the counters, also when rdc_stats_init() failed
 */
void rdc_stats_exit(struct rdc_stats *st)
{
	free_percpu(st->cpu);
	st->cpu = NULL;
}

static void rdc_stats_total(struct rdc_stats *st, struct rdc_counters *sum)
{
	int cpu, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		for (i = 0; i < RDC_S_COUNT; i++) {
			u64 *v = &per_cpu_ptr(st->cpu, cpu)->v[i];

			/* The other CPUs go on counting. */
			sum->v[i] += data_race(READ_ONCE(*v));
		}
	}
}

/**
 * rdc_stats_sum() - counts since the last reset
 * @st: the counters
 * @sum: filled in
 */
void rdc_stats_sum(struct rdc_stats *st, struct rdc_counters *sum)
{
	int i;

	mutex_lock(&st->lock);
	rdc_stats_total(st, sum);
	for (i = 0; i < RDC_S_COUNT; i++)
		sum->v[i] -= st->base.v[i];
	mutex_unlock(&st->lock);
}

/**
 * rdc_stats_reset() - count from zero again
 * @st: the counters
 */
void rdc_stats_reset(struct rdc_stats *st)
{
	mutex_lock(&st->lock);
	rdc_stats_total(st, &st->base);
	mutex_unlock(&st->lock);
}
