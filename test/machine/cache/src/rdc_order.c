// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_order: is what was flushed there after a power cut?
 *
 *   rdc_order [--mute|--one-flush] write DEVICE LOGGER STATE   needs an origin under dm-log-writes, LOGGER being its
 *                                                              mapping's name
 *   rdc_order [--one-flush] check LOG STATE                    the log, when the mapping is gone
 *
 * write: threads write to parts of the device, each to sectors of its own, of
 * blocks that are shared in one zone; in one zone with RWF_DSYNC, which asks
 * for durability of each write, in the others with fdatasync() now and then.
 * When the kernel has promised that what a thread wrote is durable, a mark
 * goes into the log, and what that thread's sectors must hold from then on
 * until they are written again goes into STATE.
 *
 * check: does the log's writes in its order, which is that in which they
 * became durable, and compares at each mark. --mute asks for no durability at
 * all, so that the check must fail: proof that it can.
 *
 * dm-log-writes notes what a flush made durable when the flush ends, but takes
 * it from what was written when the flush begins. Of two flushes at the same
 * time the later may end first, and then the log has older writes after newer
 * ones though the disk had not. So with flushes at the same time the newest
 * version in the log counts: its absence is a loss, its place is not. With
 * --one-flush, given to both, there is one flush at a time, and the place counts.
 *
 * Exit status: 0; 1 when something promised was not there; 2 on errors.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include "dm_log.h"

#define SECTOR 512u
#define BLOCK 8u /* sectors */
#define THREADS 4u
#define ROUNDS 4u
#define WRITES 16u /* a round */
#define MAGIC 0x7264632d6f726472ULL

/* Zones, in sectors: blocks of one thread each; blocks shared sector by sector; blocks written durably one by one */
enum zone { OWN, SHARED, DURABLE, ZONES };
static const struct {
    uint64_t first, sectors;
    unsigned unit;
} zones[ZONES] = {{0, 512, BLOCK}, {512, 64, 1}, {576, 192, BLOCK}};
#define SECTORS 768u
#define MARKS (THREADS * ROUNDS * 2)

extern char **environ;
static const char *device, *logger;
static bool mute, one_flush;
static FILE *state;
static pthread_mutex_t state_lock = PTHREAD_MUTEX_INITIALIZER, flush_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic uint64_t versions = 1;

static void die(const char *what) {
    perror(what);
    exit(2);
}

static bool owned(enum zone zone, uint64_t sector, unsigned thread) {
    return (sector - zones[zone].first) / zones[zone].unit % THREADS == thread;
}

static uint64_t next(uint64_t *s) {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

/* What flushes, a write that asks to be durable included, does so alone where it is to. */
static void flush_begins(void) {
    if (one_flush) pthread_mutex_lock(&flush_lock);
}

static void flush_ended(void) {
    if (one_flush) pthread_mutex_unlock(&flush_lock);
}

static void write_one(int fd, enum zone zone, unsigned thread, uint64_t *seed, uint64_t *buf, uint64_t *model) {
    const unsigned unit = zones[zone].unit;
    uint64_t nth = next(seed) % (zones[zone].sectors / unit / THREADS);
    uint64_t sector = zones[zone].first + (nth * THREADS + thread) * unit;
    unsigned n = unit > 1 && next(seed) % 4 == 0 ? 1 + (unsigned)(next(seed) % unit) : unit; /* sometimes a part */
    uint64_t version = atomic_fetch_add(&versions, 1);
    struct iovec iov = {buf, n * SECTOR};
    off_t at = (off_t)(sector * SECTOR);

    /* Sometimes it is in the cache before. */
    if (next(seed) % 3 == 0 && pread(fd, buf, BLOCK * SECTOR, at / 4096 * 4096) < 0) die("read");
    for (unsigned i = 0; i < n; i++) {
        uint64_t *s = buf + i * SECTOR / 8;

        for (unsigned j = 0; j < SECTOR / 8; j++) s[j] = version * 1000 + j;
        s[0] = MAGIC;
        s[1] = sector + i;
        s[2] = version;
        model[sector + i] = version;
    }
    if (zone != DURABLE || mute) {
        if (pwritev2(fd, &iov, 1, at, 0) != (ssize_t)iov.iov_len) die("write");
    } else {
        flush_begins();
        if (pwritev2(fd, &iov, 1, at, RWF_DSYNC) != (ssize_t)iov.iov_len) die("write");
        flush_ended();
    }
}

static void mark(const char *text) {
    char *argv[] = {"dmsetup", "message", (char *)logger, "0", "mark", (char *)text, NULL};
    pid_t pid;
    int status;

    if (posix_spawnp(&pid, "dmsetup", NULL, NULL, argv, environ) || waitpid(pid, &status, 0) < 0 || status)
        die("dmsetup message");
}

/* Marks the moment, and notes what the thread's sectors of zones @from to @to must hold at it. */
static void promise(unsigned thread, unsigned round, enum zone from, enum zone to, const uint64_t *model) {
    char text[64];

    snprintf(text, sizeof(text), "t%u-r%u-z%u", thread, round, from);
    mark(text);
    pthread_mutex_lock(&state_lock);
    for (enum zone zone = from; zone <= to; zone++)
        for (uint64_t s = zones[zone].first; s < zones[zone].first + zones[zone].sectors; s++)
            if (owned(zone, s, thread) && model[s])
                fprintf(state, "%s %llu %llu\n", text, (unsigned long long)s, (unsigned long long)model[s]);
    pthread_mutex_unlock(&state_lock);
}

static void *writer(void *arg) {
    unsigned thread = (unsigned)(uintptr_t)arg;
    uint64_t seed = 0x9e3779b97f4a7c15ULL * (thread + 1), *model = calloc(SECTORS, sizeof(*model)), *buf;
    int fd = open(device, O_RDWR | O_DIRECT);

    if (fd < 0 || !model || posix_memalign((void **)&buf, 4096, BLOCK * SECTOR)) die(device);
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (unsigned i = 0; i < WRITES; i++) {
            write_one(fd, OWN, thread, &seed, buf, model);
            write_one(fd, SHARED, thread, &seed, buf, model);
        }
        if (!mute) {
            flush_begins();
            if (fdatasync(fd)) die("fdatasync");
            flush_ended();
        }
        promise(thread, round, OWN, SHARED, model);
        for (unsigned i = 0; i < WRITES / 4; i++) write_one(fd, DURABLE, thread, &seed, buf, model);
        promise(thread, round, DURABLE, DURABLE, model);
    }
    close(fd);
    return NULL;
}

static int write_all(const char *path) {
    pthread_t threads[THREADS];

    state = fopen(path, "w");
    if (!state) die(path);
    for (unsigned i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, writer, (void *)(uintptr_t)i);
    for (unsigned i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    return fclose(state) ? 2 : 0;
}

/* The promises made at a mark, against the disk as the log has it so far; how many sectors there are */
static unsigned compare(const char *text, FILE *promises, const uint64_t *disk, unsigned *wrong) {
    char line[128], which[64];
    unsigned long long sector, version;
    unsigned seen = 0;

    rewind(promises);
    while (fgets(line, sizeof(line), promises)) {
        const uint64_t *s;

        if (sscanf(line, "%63s %llu %llu", which, &sector, &version) != 3 || strcmp(which, text)) continue;
        seen++;
        s = disk + sector * (SECTOR / 8);
        if ((s[0] != MAGIC || s[1] != sector || s[2] != version) && (*wrong)++ < 5)
            printf("LOST: at mark %s sector %llu is not version %llu but %llu\n", text, sector, version,
                   s[0] == MAGIC ? (unsigned long long)s[2] : 0ULL);
    }
    return seen;
}

/* A write of the log, done to @disk, @bytes long there. */
static void do_write(const struct dm_log *log, const struct dm_log_entry *e, uint64_t *disk, uint64_t bytes) {
    uint64_t n = e->at + e->bytes > bytes ? bytes - e->at : e->bytes, now[SECTOR / 8];

    for (uint64_t done = 0; done < n; done += SECTOR) {
        uint64_t *there = disk + (e->at + done) / 8;

        dm_log_read(log->fd, now, SECTOR, e->data + (off_t)done);
        if (!one_flush && there[0] == MAGIC && now[0] == MAGIC && there[2] > now[2]) continue;
        memcpy(there, now, SECTOR);
    }
}

static int check(const char *log_path, const char *state_path) {
    static uint64_t disk[SECTORS * SECTOR / 8];
    struct dm_log log = dm_log_open(log_path);
    FILE *promises = fopen(state_path, "r");
    unsigned marks = 0, seen = 0, wrong = 0, flushes = 0, fua = 0;
    struct dm_log_entry e;

    if (!promises) die(state_path);
    while (dm_log_next(&log, &e)) {
        flushes += !!(e.flags & DM_LOG_FLUSH);
        fua += !!(e.flags & DM_LOG_FUA);
        if (e.flags & DM_LOG_MARK) {
            unsigned found = compare(e.mark, promises, disk, &wrong);

            marks += found > 0; /* the target adds a mark of its own */
            seen += found;
        } else if (!(e.flags & DM_LOG_DISCARD) && e.at < sizeof(disk)) {
            do_write(&log, &e, disk, sizeof(disk));
        }
    }
    printf("entries %llu flushes %u fua %u marks %u promises %u lost %u\n", (unsigned long long)log.entries, flushes, fua,
           marks, seen, wrong);
    if (marks != MARKS) {
        puts("the log is not complete");
        return 2;
    }
    return wrong != 0;
}

int main(int argc, char **argv) {
    mute = argc > 1 && !strcmp(argv[1], "--mute");
    one_flush = argc > 1 && !strcmp(argv[1], "--one-flush");
    if (mute || one_flush) {
        argc--;
        argv++;
    }
    if (argc == 5 && !strcmp(argv[1], "write")) {
        device = argv[2];
        logger = argv[3];
        return write_all(argv[4]);
    }
    if (argc == 4 && !strcmp(argv[1], "check")) return check(argv[2], argv[3]);
    fputs("rdc_order [--mute|--one-flush] write DEVICE LOGGER STATE | check LOG STATE\n", stderr);
    return 2;
}
