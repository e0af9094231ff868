/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The bit of kernel that the cache's pure logic needs, for user space.
 */
#ifndef RDC_SHIM_H
#define RDC_SHIM_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define U32_MAX UINT32_MAX
#define SECTOR_SHIFT 9
#define BIT_ULL(n) (1ULL << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define READ_ONCE(x) (*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, v) (*(volatile typeof(x) *)&(x) = (v))
#define smp_store_release(p, v) __atomic_store_n((p), (v), __ATOMIC_RELEASE)
#ifdef __aarch64__
/*
 * The kernel's own instruction, which orders stores only: the fence that C has
 * would be a stronger one, and hide what ../arm64 looks for.
 */
#ifndef RDC_NO_WMB
#define smp_wmb() __asm__ volatile("dmb ishst" ::: "memory")
#else
#define smp_wmb() __asm__ volatile("" ::: "memory")
#endif
#else
#define smp_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif
#define cmpxchg(p, o, n) __sync_val_compare_and_swap((p), (o), (n))

#define min_t(t, a, b) ((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define max_t(t, a, b) ((t)(a) > (t)(b) ? (t)(a) : (t)(b))
#define clamp_t(t, v, lo, hi) min_t(t, max_t(t, v, lo), hi)

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

static inline unsigned long roundup_pow_of_two(unsigned long n)
{
	unsigned long p = 1;

	while (p < n)
		p <<= 1;
	return p;
}

/* As the kernel's: the whole string must be a number; one newline may follow. */
static inline int shim_number_end(const char *s, const char *end)
{
	if (end == s)
		return -EINVAL;
	if (*end == '\n')
		end++;
	return *end ? -EINVAL : 0;
}

static inline int kstrtou64(const char *s, unsigned int base, u64 *out)
{
	unsigned long long v;
	char *end;

	if (*s == '+')
		s++;
	if (*s < '0' || *s > '9')
		return -EINVAL;
	errno = 0;
	v = strtoull(s, &end, (int)base);
	if (errno)
		return -ERANGE;
	if (shim_number_end(s, end))
		return -EINVAL;
	*out = v;
	return 0;
}

static inline int kstrtou32(const char *s, unsigned int base, u32 *out)
{
	u64 v;
	int err = kstrtou64(s, base, &v);

	if (err)
		return err;
	if (v > UINT32_MAX)
		return -ERANGE;
	*out = (u32)v;
	return 0;
}

static inline int kstrtoll(const char *s, unsigned int base, long long *out)
{
	const char *digits = *s == '-' || *s == '+' ? s + 1 : s;
	long long v;
	char *end;

	if (*digits < '0' || *digits > '9')
		return -EINVAL;
	errno = 0;
	v = strtoll(s, &end, (int)base);
	if (errno)
		return -ERANGE;
	if (shim_number_end(s, end))
		return -EINVAL;
	*out = v;
	return 0;
}

#endif /* RDC_SHIM_H */
