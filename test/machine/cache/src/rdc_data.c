// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_data: fill and compare devices, past the page cache.
 *
 *   rdc_data fill DEVICE [SEED]        cheap noise over the whole device
 *   rdc_data cmp A B [BYTES [A-SKIP]]  the first BYTES (all of B) of both are the same;
 *                                      A is read from byte A-SKIP on
 *
 * Exit status: 0; 1 when they differ, with the first difference; 2 on errors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PART (256u << 10)

static int must_open(const char *path, int flags) {
    int fd = open(path, flags | O_DIRECT);
    if (fd < 0) {
        perror(path);
        exit(2);
    }
    return fd;
}

static char *buffer(void) {
    void *p;
    if (posix_memalign(&p, 4096, PART)) exit(2);
    return p;
}

static int fill(const char *path, uint64_t seed) {
    int fd = must_open(path, O_WRONLY);
    off_t size = lseek(fd, 0, SEEK_END);
    uint64_t *buf = (uint64_t *)buffer(), x = seed * 2654435761u + 88172645463325252ULL;
    for (off_t at = 0; at < size; at += PART) {
        size_t n = size - at < PART ? (size_t)(size - at) : PART;
        for (size_t i = 0; i < PART / 8; i++) {
            x ^= x << 13;
            x ^= x >> 7;
            x ^= x << 17;
            buf[i] = x;
        }
        if (pwrite(fd, buf, n, at) != (ssize_t)n) {
            perror(path);
            return 2;
        }
    }
    return fsync(fd) ? 2 : 0;
}

static void get(int fd, char *buf, size_t n, off_t at, const char *path) {
    if (pread(fd, buf, n, at) == (ssize_t)n) return;
    perror(path);
    exit(2);
}

static int compare(const char *a, const char *b, off_t bytes, off_t skip) {
    int fa = must_open(a, O_RDONLY), fb = must_open(b, O_RDONLY);
    char *ba = buffer(), *bb = buffer();
    if (bytes <= 0) bytes = lseek(fb, 0, SEEK_END);
    for (off_t at = 0; at < bytes; at += PART) {
        size_t n = bytes - at < PART ? (size_t)(bytes - at) : PART, i = 0;
        get(fa, ba, n, at + skip, a);
        get(fb, bb, n, at, b);
        if (!memcmp(ba, bb, n)) continue;
        while (ba[i] == bb[i]) i++;
        printf("%s and %s differ from byte %lld on\n", a, b, (long long)at + (long long)i);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc >= 3 && argc <= 4 && !strcmp(argv[1], "fill")) return fill(argv[2], argc > 3 ? strtoull(argv[3], 0, 10) : 1);
    if (argc >= 4 && argc <= 6 && !strcmp(argv[1], "cmp"))
        return compare(argv[2], argv[3], argc > 4 ? atoll(argv[4]) : 0, argc > 5 ? atoll(argv[5]) : 0);
    fputs("rdc_data fill DEVICE [SEED] | cmp A B [BYTES [A-SKIP]]\n", stderr);
    return 2;
}
