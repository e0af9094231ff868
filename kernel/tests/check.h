/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Two macros for tests in C: CHECK counts and tells, DONE sums up.
 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>

static unsigned int checked, broken;

#define CHECK(promise, holds) do {					\
	checked++;							\
	if (!(holds)) {							\
		broken++;						\
		printf("%s:%d: broken: %s\n", __FILE__, __LINE__,	\
		       promise);					\
	}								\
} while (0)

#define DONE(name) (printf("%s: %u checked, %u broken\n", name, checked, \
			   broken), broken ? 1 : 0)

#endif /* CHECK_H */
