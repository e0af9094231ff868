// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rd-odd DEVICE: direct I/O from and to memory at every 4 byte offset into a
 * page, and scattered over vectors that are no multiple of a sector (which
 * older kernels refuse before any driver sees them), all compared with a copy
 * in memory. The device's first MiB is overwritten.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define AREA	(1 << 20)

static unsigned char *model, *memory;
static unsigned long tried, refused;

static void fail(const char *what, long where)
{
	fprintf(stderr, "rd-odd: %s at %ld: %s\n", what, where,
		strerror(errno));
	exit(1);
}

static void *area(void)
{
	void *at = mmap(NULL, AREA + 65536, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		fail("no memory", 0);
	return at;
}

static void randomize(unsigned char *at, size_t len)
{
	while (len--)
		*at++ = random();
}

/* One write and one read of @len bytes at @pos, memory @shift into a page */
static void straight(int fd, off_t pos, size_t len, size_t shift)
{
	randomize(memory + shift, len);
	tried++;
	if (pwrite(fd, memory + shift, len, pos) != (ssize_t)len)
		fail("write", pos);
	memcpy(model + pos, memory + shift, len);
	memset(memory, 0xA5, AREA);
	if (pread(fd, memory + shift, len, pos) != (ssize_t)len)
		fail("read", pos);
	errno = 0;
	if (memcmp(memory + shift, model + pos, len))
		fail("data differ after a straight read", pos);
}

/* The same in four vectors whose lengths are multiples of 4 only */
static void scattered(int fd, off_t pos)
{
	static const size_t part[] = { 516, 1020, 2052, 508 };
	struct iovec vec[4];
	size_t len = 0, i;
	unsigned char *at = memory + 12;

	for (i = 0; i < 4; i++) {
		vec[i].iov_base = at;
		vec[i].iov_len = part[i];
		randomize(at, part[i]);
		at += part[i] + 8192 - part[i] % 4096;
		len += part[i];
	}
	tried++;
	if (pwritev(fd, vec, 4, pos) != (ssize_t)len) {
		if (errno == EINVAL) {
			refused++;
			return;
		}
		fail("scattered write", pos);
	}
	for (i = 0, len = 0; i < 4; len += part[i++])
		memcpy(model + pos + len, vec[i].iov_base, part[i]);
	for (i = 0; i < 4; i++)
		memset(vec[i].iov_base, 0x5A, part[i]);
	if (preadv(fd, vec, 4, pos) != (ssize_t)len)
		fail("scattered read", pos);
	errno = 0;
	for (i = 0, len = 0; i < 4; len += part[i++])
		if (memcmp(vec[i].iov_base, model + pos + len, part[i]))
			fail("data differ after a scattered read", pos);
}

int main(int argc, char **argv)
{
	unsigned int round;
	size_t shift;
	int fd;

	if (argc != 2) {
		fprintf(stderr, "rd-odd DEVICE\n");
		return 2;
	}
	fd = open(argv[1], O_RDWR | O_DIRECT);
	if (fd < 0)
		fail("open", 0);
	model = area();
	memory = area();
	if (pwrite(fd, model, AREA, 0) != AREA)
		fail("first write", 0);
	for (shift = 0; shift < 4096; shift += 4)
		straight(fd, 512 * (random() % 1024), 512 * (1 + random() % 24),
			 shift);
	for (round = 0; round < 500; round++)
		scattered(fd, 512 * (random() % 1024));
	if (pread(fd, memory, AREA, 0) != AREA)
		fail("last read", 0);
	errno = 0;
	if (memcmp(memory, model, AREA))
		fail("data differ at the end", 0);
	printf("%lu tried, %lu of the scattered refused by the kernel\n", tried, refused);
	return 0;
}
