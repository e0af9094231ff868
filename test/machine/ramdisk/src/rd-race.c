// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rd-race DEVICE SECONDS [erase]: many threads on one RAM disk. Writers put
 * stamped sectors anywhere, clearers discard and zero whole and odd ranges,
 * readers check that every sector is zeros or was written for its place. One
 * keeper owns pages that nobody else touches, and finds in them exactly what
 * it wrote last, zeros after its own discard. With "erase" one more thread
 * erases the disk by ioctl (and there is no keeper, for nothing stays).
 *
 * Prints how much was done.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096
#define CHUNK	(512 * PAGE)
#define ERASE	0x0531
#define MAGIC	0x52445354414d5021ull

struct stamp {
	uint64_t magic;
	uint64_t sector;
	uint64_t version;
	uint64_t sum;
};

static int fd;
static uint64_t size, kept;	/* the keeper's pages lie from kept on */
static volatile int stop;
static _Atomic uint64_t writes, reads, clears, erases, keeps;

static void fail(const char *what, uint64_t where)
{
	fprintf(stderr, "rd-race: %s at byte %llu: %s\n", what,
		(unsigned long long)where, strerror(errno));
	exit(1);
}

static uint64_t dice(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void *buffer(void)
{
	void *at;

	if (posix_memalign(&at, PAGE, 64 * PAGE))
		fail("no memory", 0);
	return at;
}

static void stamp(unsigned char *at, uint64_t pos, size_t len, uint64_t version)
{
	for (; len; at += 512, pos += 512, len -= 512) {
		struct stamp *s = (struct stamp *)at;
		int i;

		s->magic = MAGIC;
		s->sector = pos / 512;
		s->version = version;
		s->sum = MAGIC ^ s->sector ^ version;
		for (i = sizeof(*s); i < 512; i++)
			at[i] = version;
	}
}

/* A sector is whole zeros, or whole what some writer put into this place */
static int sound(const unsigned char *at, uint64_t pos)
{
	const struct stamp *s = (const struct stamp *)at;
	int i;

	if (s->magic)
		return s->magic == MAGIC && s->sector == pos / 512 &&
		       s->sum == (MAGIC ^ s->sector ^ s->version);
	for (i = 0; i < 32; i++)
		if (at[i])
			return 0;
	return 1;
}

static void *writer(void *arg)
{
	uint64_t seed = (uintptr_t)arg * 7919 + 1, version = 0;
	unsigned char *at = buffer();

	while (!stop) {
		uint64_t pos = dice(&seed) % (kept / 512 - 64) * 512;
		size_t len = (1 + dice(&seed) % 64) * 512;

		stamp(at, pos, len, ++version);
		if (pwrite(fd, at, len, pos) != (ssize_t)len)
			fail("write", pos);
		writes++;
	}
	return NULL;
}

/* A read beside a write may see a part of each; garbage stays garbage */
static void examine(unsigned char *at, uint64_t pos)
{
	int tries = 50;

	while (!sound(at, pos)) {
		errno = 0;
		if (!tries--)
			fail("foreign data", pos);
		usleep(500);
		if (pread(fd, at, 512, pos) != 512)
			fail("second read", pos);
	}
}

static void *reader(void *arg)
{
	uint64_t seed = (uintptr_t)arg * 104729 + 3;
	unsigned char *at = buffer();

	while (!stop) {
		uint64_t pos = dice(&seed) % (kept / 512 - 64) * 512, i;
		size_t len = (1 + dice(&seed) % 64) * 512;

		if (pread(fd, at, len, pos) != (ssize_t)len)
			fail("read", pos);
		for (i = 0; i < len; i += 512)
			examine(at + i, pos + i);
		reads++;
	}
	return NULL;
}

static void *clearer(void *arg)
{
	uint64_t seed = (uintptr_t)arg * 31337 + 7;

	while (!stop) {
		uint64_t range[2];
		unsigned long how = dice(&seed) % 3 ? BLKDISCARD : BLKZEROOUT;

		if (dice(&seed) % 2) {
			range[0] = dice(&seed) % (kept / CHUNK) * CHUNK;
			range[1] = CHUNK;
		} else {
			range[0] = dice(&seed) % (kept / 512 - 6000) * 512;
			range[1] = (1 + dice(&seed) % 5000) * 512;
		}
		if (ioctl(fd, how, range))
			fail("clear", range[0]);
		clears++;
	}
	return NULL;
}

static void keep_check(unsigned char *at, uint64_t pos, uint64_t version)
{
	static const unsigned char zeros[PAGE];
	unsigned char want[PAGE];

	if (pread(fd, at, PAGE, pos) != PAGE)
		fail("keeper's read", pos);
	errno = 0;
	if (version)
		stamp(want, pos, PAGE, version);
	else
		memcpy(want, zeros, PAGE);
	if (memcmp(at, want, PAGE))
		fail(version ? "keeper's data lost" : "discarded data back",
		     pos);
}

static void *keeper(void *arg)
{
	uint64_t pages = (size - kept) / PAGE, seed = 99, round = 0;
	uint64_t *version = calloc(pages, sizeof(*version));
	unsigned char *at = buffer();

	(void)arg;
	while (!stop) {
		uint64_t page = dice(&seed) % pages;
		uint64_t range[2] = { kept + page * PAGE, PAGE };

		keep_check(at, range[0], version[page]);
		if (dice(&seed) % 4) {
			version[page] = ++round;
			stamp(at, range[0], PAGE, round);
			if (pwrite(fd, at, PAGE, range[0]) != PAGE)
				fail("keeper's write", range[0]);
		} else {
			version[page] = 0;
			if (ioctl(fd, BLKDISCARD, range))
				fail("keeper's discard", range[0]);
		}
		keep_check(at, range[0], version[page]);
		keeps++;
	}
	return NULL;
}

static void *eraser(void *arg)
{
	(void)arg;
	while (!stop) {
		if (ioctl(fd, ERASE, 0) && errno != EBUSY)
			fail("erase", 0);
		erases++;
		usleep(20000);
	}
	return NULL;
}

int main(int argc, char **argv)
{
	void *(*work[])(void *) = { writer, writer, writer, writer, reader,
				    reader, clearer, clearer, keeper };
	size_t i, count = sizeof(work) / sizeof(*work);
	pthread_t thread[16];

	if (argc < 3) {
		fprintf(stderr, "rd-race DEVICE SECONDS [erase]\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0 || ioctl(fd, BLKGETSIZE64, &size))
		fail("open", 0);
	kept = size / CHUNK / 2 * CHUNK + CHUNK / 2 / PAGE * PAGE;
	if (kept < 4 * CHUNK)
		fail("the disk is too small", size);
	if (argc > 3)
		work[count - 1] = eraser;
	for (i = 0; i < count; i++)
		if (pthread_create(&thread[i], NULL, work[i], (void *)i))
			fail("no thread", i);
	sleep(atoi(argv[2]));
	stop = 1;
	for (i = 0; i < count; i++)
		pthread_join(thread[i], NULL);
	printf("writes %llu reads %llu clears %llu keeps %llu erases %llu\n",
	       (unsigned long long)writes, (unsigned long long)reads,
	       (unsigned long long)clears, (unsigned long long)keeps,
	       (unsigned long long)erases);
	return 0;
}
