// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * fs-exercise: random operations on one file, each result held against a copy
 * in memory.
 *
 *   fs-exercise FILE SEED OPERATIONS
 *
 * Reads and writes, buffered, direct and through a mapping, at odd offsets;
 * truncation, punched holes, zeroed, removed and inserted ranges, fsync, and
 * dropping what the page cache holds of the file so that reads come from the
 * device. Several may run at once on files of their own.
 *
 * Exit status: 0; 1 at the first difference, with where and after what; 2 when
 * an operation fails that the file system has.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MOST (2u << 20) /* longest file */
#define LONGEST (96u << 10)
#define ALIGN 4096u

static unsigned char *model, *buf; /* buf is aligned, for direct I/O */
static size_t size;
static int fd, direct;
static uint64_t seed;
static unsigned long operation;

static uint64_t rnd(uint64_t below) {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return below ? seed % below : 0;
}

static void must(bool good, const char *what) {
    if (good) return;
    fprintf(stderr, "operation %lu, %s: %s\n", operation, what, strerror(errno));
    exit(2);
}

static void same(const unsigned char *got, size_t at, size_t n, const char *what) {
    size_t i = 0;

    if (!memcmp(got, model + at, n)) return;
    while (got[i] == model[at + i]) i++;
    printf("WRONG: operation %lu, %s: byte %zu of %zu is %02x, not %02x\n", operation, what, at + i, size, got[i],
           model[at + i]);
    exit(1);
}

/* A range inside the file, or for @grow also behind its end, but never beyond MOST */
static void pick(size_t unit, bool grow, size_t *at, size_t *n) {
    size_t end = grow ? MOST : size;

    *at = rnd(end) / unit * unit;
    *n = (1 + rnd(LONGEST)) / unit * unit;
    if (!*n) *n = unit;
    if (*at + *n > end) *n = (end - *at) / unit * unit;
}

static void grown(size_t end) {
    if (end <= size) return;
    size = end;
}

static void do_read(int file, size_t unit, const char *what) {
    size_t at, n;

    pick(unit, false, &at, &n);
    if (!n) return;
    must(pread(file, buf, n, (off_t)at) == (ssize_t)n, what);
    same(buf, at, n, what);
}

static void do_write(int file, size_t unit, const char *what) {
    size_t at, n;

    pick(unit, true, &at, &n);
    if (!n) return;
    for (size_t i = 0; i < n; i++) buf[i] = (unsigned char)(operation * 31 + (at + i) * 7 + (at + i) / 4096);
    must(pwrite(file, buf, n, (off_t)at) == (ssize_t)n, what);
    memcpy(model + at, buf, n);
    grown(at + n);
}

static void do_map(bool write) {
    const char *what = write ? "write through a mapping" : "read through a mapping";
    size_t at, n, base;
    unsigned char *map;

    pick(1, false, &at, &n);
    if (!n) return;
    base = at / ALIGN * ALIGN;
    map = mmap(NULL, at + n - base, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)base);
    must(map != MAP_FAILED, what);
    same(map + (at - base), at, n, what);
    if (write) {
        memset(map + (at - base), (int)(operation & 0xff), n);
        memset(model + at, (int)(operation & 0xff), n);
    }
    must(!munmap(map, at + n - base), what);
}

static void do_truncate(void) {
    size_t to = rnd(MOST);

    must(!ftruncate(fd, (off_t)to), "truncate");
    if (to < size) memset(model + to, 0, size - to);
    size = to;
}

static bool unsupported(int result) {
    return result && (errno == EOPNOTSUPP || errno == EINVAL);
}

static void do_range(int mode, const char *what) {
    const bool move = mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE);
    size_t at, n;
    int result;

    pick(move ? ALIGN : 1, false, &at, &n);
    if (!n || (move && at + n >= size) || (mode & FALLOC_FL_INSERT_RANGE && size + n > MOST)) return;
    result = fallocate(fd, mode, (off_t)at, (off_t)n);
    if (unsupported(result)) return;
    must(!result, what);
    if (mode & FALLOC_FL_COLLAPSE_RANGE) {
        memmove(model + at, model + at + n, size - at - n);
        size -= n;
        memset(model + size, 0, n);
    } else if (mode & FALLOC_FL_INSERT_RANGE) {
        memmove(model + at + n, model + at, size - at);
        memset(model + at, 0, n);
        size += n;
    } else {
        memset(model + at, 0, n);
    }
}

/* What the page cache has goes to the device and is forgotten. */
static void do_drop(void) {
    must(!fsync(fd), "fsync");
    must(!posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), "fadvise");
}

static void do_all(void) {
    for (size_t at = 0; at < size; at += LONGEST) {
        size_t n = size - at < LONGEST ? size - at : LONGEST;

        must(pread(fd, buf, n, (off_t)at) == (ssize_t)n, "last read");
        same(buf, at, n, "last read");
    }
}

static void one(void) {
    switch (rnd(16)) {
    case 0: case 1: case 2: do_read(fd, 1, "read"); break;
    case 3: case 4: case 5: do_write(fd, 1, "write"); break;
    case 6: do_read(direct, ALIGN, "direct read"); break;
    case 7: do_write(direct, ALIGN, "direct write"); break;
    case 8: do_map(false); break;
    case 9: do_map(true); break;
    case 10: do_truncate(); break;
    case 11: do_range(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "punch a hole"); break;
    case 12: do_range(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, "zero a range"); break;
    case 13: do_range(FALLOC_FL_COLLAPSE_RANGE, "remove a range"); break;
    case 14: do_range(FALLOC_FL_INSERT_RANGE, "insert a range"); break;
    default: do_drop(); break;
    }
}

int main(int argc, char **argv) {
    unsigned long operations = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;

    if (!operations) {
        fputs("fs-exercise FILE SEED OPERATIONS\n", stderr);
        return 2;
    }
    seed = 0x9e3779b97f4a7c15ULL * (strtoull(argv[2], NULL, 10) + 1);
    model = calloc(1, MOST);
    fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    direct = open(argv[1], O_RDWR | O_DIRECT);
    if (!model || posix_memalign((void **)&buf, ALIGN, LONGEST + ALIGN) || fd < 0 || direct < 0) {
        perror(argv[1]);
        return 2;
    }
    for (operation = 1; operation <= operations; operation++) one();
    do_drop();
    do_all();
    printf("%lu operations, %zu bytes in the end\n", operations, size);
    return 0;
}
