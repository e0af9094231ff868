// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_repeat: writers put values into one block, each value once; readers
 * look at it again and again. What a reader saw replaced by another value
 * must not come back, also while the writes that brought the two are still in
 * flight: a disk has one content at a time.
 *
 * Writes of both kinds are in flight: with RWF_DSYNC, a disk without FUA
 * shows the data as soon as they are written, and ends the write after the
 * flush.
 *
 * Exit status: 0 no value came back; 1 one did, or an I/O error; 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define BLOCK 4096u
#define WORDS (BLOCK / sizeof(uint64_t))
#define VALUES (1u << 22) /* where the writers stop at the latest */

static struct {
    const char *device;
    uint64_t block;
    unsigned writers, readers, seconds;
} opt = {.writers = 3, .readers = 4, .seconds = 5};

static _Atomic uint64_t values = 1, writes, reads, changes, torn, repeated, errors;
static _Atomic bool stop;

static uint64_t *open_block(int *fd, int mode) {
    void *buf;

    *fd = open(opt.device, mode | O_DIRECT);
    if (*fd < 0 || posix_memalign(&buf, BLOCK, BLOCK)) {
        perror(opt.device);
        exit(2);
    }
    return buf;
}

static void io_error(const char *what) {
    if (atomic_fetch_add(&errors, 1) < 5) printf("ERROR: %s: %s\n", what, strerror(errno));
}

static void *writer(void *arg) {
    off_t at = (off_t)(opt.block * BLOCK);
    bool sync = (uintptr_t)arg % 2;
    int fd;
    uint64_t *buf = open_block(&fd, O_RDWR);
    struct iovec iov = {buf, BLOCK};

    while (!atomic_load(&stop)) {
        uint64_t value = atomic_fetch_add(&values, 1);

        if (value >= VALUES) break;
        for (unsigned i = 0; i < WORDS; i++) buf[i] = value;
        if (pwritev2(fd, &iov, 1, at, sync ? RWF_DSYNC : 0) != BLOCK) io_error("write");
        sync = !sync;
        atomic_fetch_add(&writes, 1);
    }
    close(fd);
    free(buf);
    return NULL;
}

static bool whole(const uint64_t *buf) {
    for (unsigned i = 1; i < WORDS; i++)
        if (buf[i] != buf[0]) return false;
    return true;
}

static void *reader(void *arg) {
    off_t at = (off_t)(opt.block * BLOCK);
    bool *gone = calloc(VALUES, sizeof(*gone));
    uint64_t last = 0; /* which is no value: what was there before */
    int fd;
    uint64_t *buf = open_block(&fd, O_RDONLY);

    (void)arg;
    if (!gone) exit(2);
    while (!atomic_load(&stop)) {
        atomic_fetch_add(&reads, 1);
        if (pread(fd, buf, BLOCK, at) != BLOCK) {
            io_error("read");
            continue;
        }
        /* A disk may mix what it reads with what is written meanwhile. */
        if (!whole(buf) || buf[0] >= VALUES) {
            atomic_fetch_add(&torn, 1);
            continue;
        }
        if (buf[0] == last) continue;
        atomic_fetch_add(&changes, 1);
        gone[last] = true;
        last = buf[0];
        if (gone[last] && atomic_fetch_add(&repeated, 1) < 10)
            printf("REPEATED: value %llu came back after another had replaced it\n", (unsigned long long)last);
    }
    close(fd);
    free(buf);
    free(gone);
    return NULL;
}

static void usage(void) {
    fputs("rdc_repeat [options] DEVICE\n"
          "  --block N (0)     the block of 4 KiB\n"
          "  --writers N (3)   --readers N (4)   --seconds N (5)\n",
          stderr);
    exit(2);
}

static void parse(int argc, char **argv) {
    static const struct option longs[] = {
        {"block", 1, 0, 'b'}, {"writers", 1, 0, 'w'}, {"readers", 1, 0, 'r'}, {"seconds", 1, 0, 's'}, {0, 0, 0, 0}};
    int c;

    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'b': opt.block = strtoull(optarg, NULL, 10); break;
        case 'w': opt.writers = (unsigned)atoi(optarg); break;
        case 'r': opt.readers = (unsigned)atoi(optarg); break;
        case 's': opt.seconds = (unsigned)atoi(optarg); break;
        default: usage();
        }
    }
    if (optind != argc - 1 || !opt.writers || !opt.readers) usage();
    opt.device = argv[optind];
}

/* The block holds no value yet: what an earlier run left there would be taken for one of ours. */
static void clear_block(void) {
    int fd;
    uint64_t *buf = open_block(&fd, O_RDWR);

    memset(buf, 0, BLOCK);
    if (pwrite(fd, buf, BLOCK, (off_t)(opt.block * BLOCK)) != BLOCK) {
        perror(opt.device);
        exit(2);
    }
    close(fd);
    free(buf);
}

int main(int argc, char **argv) {
    pthread_t *threads;

    setvbuf(stdout, NULL, _IOLBF, 0);
    parse(argc, argv);
    clear_block();
    threads = calloc(opt.writers + opt.readers, sizeof(*threads));
    if (!threads) return 2;
    for (uintptr_t i = 0; i < opt.writers + opt.readers; i++)
        if (pthread_create(&threads[i], NULL, i < opt.writers ? writer : reader, (void *)i)) return 2;
    sleep(opt.seconds);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < opt.writers + opt.readers; i++) pthread_join(threads[i], NULL);
    printf("reads %llu writes %llu changes %llu torn %llu errors %llu repeated %llu\n", (unsigned long long)reads,
           (unsigned long long)writes, (unsigned long long)changes, (unsigned long long)torn, (unsigned long long)errors,
           (unsigned long long)repeated);
    return repeated || errors;
}
