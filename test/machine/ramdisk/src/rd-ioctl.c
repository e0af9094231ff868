// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rd-ioctl DEVICE MODE NUMBER...: opens DEVICE (MODE: ro, wo, rw or excl) and
 * makes each ioctl, handing it a 64 bit number. Prints that number for each, or
 * the name of the error, and fails when the last one failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static int open_mode(const char *name)
{
	if (!strcmp(name, "ro"))
		return O_RDONLY;
	if (!strcmp(name, "wo"))
		return O_WRONLY;
	if (!strcmp(name, "rw"))
		return O_RDWR;
	if (!strcmp(name, "excl"))
		return O_RDWR | O_EXCL;
	fprintf(stderr, "rd-ioctl: no mode %s\n", name);
	exit(2);
}

int main(int argc, char **argv)
{
	int fd, i, err = 0;

	if (argc < 4) {
		fprintf(stderr, "rd-ioctl DEVICE ro|wo|rw|excl NUMBER...\n");
		return 2;
	}
	fd = open(argv[1], open_mode(argv[2]));
	if (fd < 0) {
		fprintf(stderr, "rd-ioctl: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	for (i = 3; i < argc; i++) {
		unsigned long number = strtoul(argv[i], NULL, 0);
		uint64_t value = 0;

		err = ioctl(fd, number, &value);
		if (err)
			fprintf(stderr, "rd-ioctl: %s: %s\n", argv[i],
				strerror(errno));
		else
			printf("%llu\n", (unsigned long long)value);
	}
	return err ? 1 : 0;
}
