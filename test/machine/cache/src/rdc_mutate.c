// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_mutate: change the buffer while the I/O is in flight, which O_DIRECT
 * allows, and see whether the cache then holds what the origin holds.
 *
 *   rdc_mutate read|write CACHE ORIGIN BLOCKS
 *
 * read: each block of CACHE is read into a buffer that a thread scribbles on;
 * write: each is written from such a buffer. Then every block is read through
 * CACHE and from ORIGIN and compared. Prints "blocks N different N"; exit
 * status 1 when some differ.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BLOCK 4096

static _Atomic bool stop;
static unsigned char *shared;

static void *scribble(void *arg) {
    unsigned x = 1;
    (void)arg;
    while (!atomic_load(&stop)) {
        x = x * 1664525u + 1013904223u;
        ((volatile unsigned char *)shared)[x % BLOCK] = (unsigned char)(x >> 24);
    }
    return NULL;
}

static int must_open(const char *path, int flags) {
    int fd = open(path, flags | O_DIRECT);
    if (fd < 0) {
        perror(path);
        exit(2);
    }
    return fd;
}

static void *buffer(void) {
    void *p;
    if (posix_memalign(&p, BLOCK, BLOCK)) exit(2);
    return p;
}

static void must(ssize_t got, const char *what) {
    if (got == BLOCK) return;
    perror(what);
    exit(2);
}

int main(int argc, char **argv) {
    int cache, origin, different = 0, blocks = argc == 5 ? atoi(argv[4]) : 0;
    bool write = argc == 5 && !strcmp(argv[1], "write");
    unsigned char *a = buffer(), *b = buffer();
    pthread_t t;

    if (blocks <= 0) {
        fputs("rdc_mutate read|write CACHE ORIGIN BLOCKS\n", stderr);
        return 2;
    }
    cache = must_open(argv[2], O_RDWR);
    origin = must_open(argv[3], O_RDONLY);
    shared = buffer();
    memset(shared, 0x5a, BLOCK);
    pthread_create(&t, NULL, scribble, NULL);
    for (int i = 0; i < blocks; i++)
        must(write ? pwrite(cache, shared, BLOCK, (off_t)i * BLOCK) : pread(cache, shared, BLOCK, (off_t)i * BLOCK),
             argv[1]);
    atomic_store(&stop, true);
    pthread_join(t, NULL);
    for (int i = 0; i < blocks; i++) {
        must(pread(cache, a, BLOCK, (off_t)i * BLOCK), "read of the cache");
        must(pread(origin, b, BLOCK, (off_t)i * BLOCK), "read of the origin");
        different += memcmp(a, b, BLOCK) != 0;
    }
    printf("blocks %d different %d\n", blocks, different);
    return different != 0;
}
