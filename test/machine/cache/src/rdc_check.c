// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_check: many threads read and write few sectors, and every read is
 * checked against what it may return.
 *
 * Each 512-byte sector carries the version that wrote it. For each sector the
 * program knows when every version's write began and ended. A read that
 * returns version v is right unless another write, begun after v's ended,
 * was itself acknowledged before the read began: then v was gone. A failed
 * write may have happened or not, but replaces nothing for certain.
 *
 * A disk promises no more than that for a sector that is read while it is
 * written: a virtual disk over a file may return a part of each. Such a torn
 * sector is counted; torn without a write beside the read, it is wrong. Of
 * two writes of a sector at the same time a RAM disk may keep a part of each
 * (brd as well), until it is written again: over one, --one-writer.
 *
 * At the end the device is read twice and compared with the origin, sector by
 * sector, and with the model.
 *
 * Exit status: 0 all right; 1 a wrong read, a difference or an I/O error that
 * was not allowed; 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SECTOR 512u
#define MAGIC 0x7264632d63686563ULL
#define NEVER UINT64_MAX
#define HISTORY 256
#define MAX_SECTORS_IO 256u
#define FIRST_TRIES 200u /* below HISTORY: what failed stays in doubt */
#define ZERO_VERSION_BIT (1ULL << 63)

struct content {
    uint64_t magic;
    uint64_t sector;
    uint64_t version;
    uint64_t check;
    uint64_t fill[60];
};

struct entry {
    uint64_t version; /* ZERO_VERSION_BIT set: zeros were written */
    uint64_t start;
    uint64_t end;
    bool ok;
};

struct sector {
    pthread_mutex_t lock;
    uint32_t count;
    struct entry history[HISTORY];
};

static struct {
    const char *device, *origin;
    uint64_t first;     /* sector where the tested span begins */
    uint64_t sectors;   /* its length */
    unsigned threads, seconds, zero_percent, write_percent, align;
    bool errors_ok, nowait, one_writer;
    uint64_t seed;
} opt = {.sectors = 512, .threads = 16, .seconds = 5, .write_percent = 40, .zero_percent = 0, .align = 0, .seed = 1};

static struct sector *sectors;
static _Atomic uint64_t lclock = 1;
static _Atomic uint64_t versions = 1;
static _Atomic uint64_t reads, writes, zeroes, errors, wrong, again, torn;
static _Atomic bool stop;
static pthread_mutex_t writer_lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t tick(void) { return atomic_fetch_add(&lclock, 1); }

static uint64_t next(uint64_t *s) {
    *s ^= *s << 13;
    *s ^= *s >> 7;
    *s ^= *s << 17;
    return *s;
}

static void begin_write(uint64_t at, unsigned n, uint64_t version, uint64_t now) {
    for (unsigned i = 0; i < n; i++) {
        struct sector *s = &sectors[at + i];
        pthread_mutex_lock(&s->lock);
        s->history[s->count++ % HISTORY] = (struct entry){version, now, NEVER, false};
        pthread_mutex_unlock(&s->lock);
    }
}

static void end_write(uint64_t at, unsigned n, uint64_t version, uint64_t now, bool ok) {
    for (unsigned i = 0; i < n; i++) {
        struct sector *s = &sectors[at + i];
        pthread_mutex_lock(&s->lock);
        for (unsigned j = 0; j < HISTORY; j++) {
            if (s->history[j].version == version) {
                s->history[j].end = now;
                s->history[j].ok = ok;
            }
        }
        pthread_mutex_unlock(&s->lock);
    }
}

/* One entry replaced for certain before the read began? */
static bool superseded(const struct sector *s, const struct entry *e, uint64_t began) {
    for (unsigned j = 0; j < HISTORY; j++) {
        const struct entry *w = &s->history[j];
        if (w->version && w->ok && w->start > e->end && w->end < began) return true;
    }
    return false;
}

/* Was a write of the sector under way while it was read? */
static bool written_beside(struct sector *s, uint64_t began) {
    bool beside = false;

    pthread_mutex_lock(&s->lock);
    for (unsigned j = 0; j < HISTORY && !beside; j++) beside = s->history[j].version && s->history[j].end > began;
    pthread_mutex_unlock(&s->lock);
    return beside;
}

static bool is_torn(const struct content *c) {
    if (c->check != (c->version ^ c->sector ^ MAGIC)) return true;
    for (unsigned i = 0; i < 60; i++)
        if (c->fill[i] != c->version + i) return true;
    return false;
}

static const char *sector_fault(struct sector *s, uint64_t number, const struct content *c, uint64_t began) {
    static const struct content zero;
    bool zeros = !memcmp(c, &zero, sizeof(zero));
    const char *fault = "a version that was never written or long gone";

    if (!zeros) {
        if (c->magic != MAGIC) return "neither zeros nor data of ours";
        if (c->sector != number) return "data of another sector";
        if (is_torn(c)) {
            if (!written_beside(s, began)) return "a torn sector";
            atomic_fetch_add(&torn, 1);
            return NULL;
        }
    }
    pthread_mutex_lock(&s->lock);
    for (unsigned j = 0; j < HISTORY && fault; j++) {
        const struct entry *e = &s->history[j];
        if (!e->version) continue;
        if (zeros ? !(e->version & ZERO_VERSION_BIT) : e->version != c->version) continue;
        fault = superseded(s, e, began) ? "a version that had been overwritten" : NULL;
    }
    pthread_mutex_unlock(&s->lock);
    return fault;
}

static void check_sectors(const char *who, uint64_t at, unsigned n, const struct content *buf, uint64_t began) {
    for (unsigned i = 0; i < n; i++) {
        const char *fault = sector_fault(&sectors[at + i], opt.first + at + i, &buf[i], began);
        if (fault && atomic_fetch_add(&wrong, 1) < 10)
            printf("WRONG: %s: sector %llu holds %s (version %llu)\n", who, (unsigned long long)(opt.first + at + i),
                   fault, (unsigned long long)buf[i].version);
    }
}

static void io_error(const char *what, uint64_t at, int err) {
    if (atomic_fetch_add(&errors, 1) < 5 && !opt.errors_ok)
        printf("ERROR: %s at sector %llu: %s\n", what, (unsigned long long)(opt.first + at), strerror(err));
    /* What failed may stay forever in doubt: do not flood the history. */
    usleep(5000);
}

/* With RWF_NOWAIT first when asked for: EAGAIN is then a fine answer. */
static ssize_t transfer(int fd, void *buf, size_t len, uint64_t at, bool write) {
    struct iovec iov = {buf, len};
    off_t off = (off_t)((opt.first + at) * SECTOR);
    if (opt.nowait) {
        ssize_t n = write ? pwritev2(fd, &iov, 1, off, RWF_NOWAIT) : preadv2(fd, &iov, 1, off, RWF_NOWAIT);
        if (n == (ssize_t)len) return n;
        if (n < 0 && errno != EAGAIN) return n;
        atomic_fetch_add(&again, 1);
    }
    return write ? pwrite(fd, buf, len, off) : pread(fd, buf, len, off);
}

static bool do_write(int fd, uint64_t at, unsigned n, struct content *buf) {
    uint64_t version = atomic_fetch_add(&versions, 1);
    ssize_t got;
    for (unsigned i = 0; i < n; i++) {
        struct content *c = &buf[i];
        c->magic = MAGIC;
        c->sector = opt.first + at + i;
        c->version = version;
        c->check = c->version ^ c->sector ^ MAGIC;
        for (unsigned j = 0; j < 60; j++) c->fill[j] = version + j;
    }
    if (opt.one_writer) pthread_mutex_lock(&writer_lock);
    begin_write(at, n, version, tick());
    got = transfer(fd, buf, n * SECTOR, at, true);
    if (got != (ssize_t)(n * SECTOR)) io_error("write", at, got < 0 ? errno : EIO);
    end_write(at, n, version, tick(), got == (ssize_t)(n * SECTOR));
    if (opt.one_writer) pthread_mutex_unlock(&writer_lock);
    atomic_fetch_add(&writes, 1);
    return got == (ssize_t)(n * SECTOR);
}

static void do_zero(int fd, uint64_t at, unsigned n) {
    uint64_t version = atomic_fetch_add(&versions, 1) | ZERO_VERSION_BIT;
    uint64_t range[2] = {(opt.first + at) * SECTOR, n * SECTOR};
    int err;
    begin_write(at, n, version, tick());
    err = ioctl(fd, BLKZEROOUT, range);
    if (err) io_error("zeroout", at, errno);
    end_write(at, n, version, tick(), !err);
    atomic_fetch_add(&zeroes, 1);
}

static void do_read(int fd, uint64_t at, unsigned n, struct content *buf) {
    uint64_t began = tick();
    ssize_t got = transfer(fd, buf, n * SECTOR, at, false);
    atomic_fetch_add(&reads, 1);
    if (got != (ssize_t)(n * SECTOR)) {
        io_error("read", at, got < 0 ? errno : EIO);
        return;
    }
    check_sectors("read", at, n, buf, began);
}

/* Mostly whole blocks, sometimes parts, sometimes long. */
static void pick(uint64_t *s, uint64_t *at, unsigned *n) {
    unsigned kind = next(s) % 10, unit = opt.align ? opt.align : (kind < 6 ? 8 : 1);
    unsigned most = kind == 9 ? MAX_SECTORS_IO : kind < 6 ? 16 : 20;
    if (most > opt.sectors) most = (unsigned)opt.sectors;
    *n = (unsigned)(next(s) % (most / unit ? most / unit : 1) + 1) * unit;
    *at = next(s) % ((opt.sectors - *n) / unit + 1) * unit;
}

static void *worker(void *arg) {
    uint64_t s = opt.seed * 7919 + (uint64_t)(uintptr_t)arg * 104729 + 88172645463325252ULL;
    int fd = open(opt.device, O_RDWR | O_DIRECT);
    struct content *buf;
    if (fd < 0 || posix_memalign((void **)&buf, 4096, MAX_SECTORS_IO * SECTOR)) {
        perror(opt.device);
        exit(2);
    }
    while (!atomic_load(&stop)) {
        unsigned n, dice = next(&s) % 100;
        uint64_t at;
        pick(&s, &at, &n);
        if (dice < opt.write_percent)
            do_write(fd, at, n, buf);
        else if (dice < opt.write_percent + opt.zero_percent)
            do_zero(fd, at, n);
        else
            do_read(fd, at, n, buf);
    }
    free(buf);
    close(fd);
    return NULL;
}

static void read_span(const char *path, struct content *buf) {
    int fd = open(path, O_RDONLY | O_DIRECT);
    size_t done = 0, len = opt.sectors * SECTOR;
    int patience = opt.errors_ok ? 200 : 0;
    if (fd < 0) {
        perror(path);
        exit(2);
    }
    while (done < len) {
        size_t part = len - done < 65536 ? len - done : 65536;
        ssize_t got = pread(fd, (char *)buf + done, part, (off_t)(opt.first * SECTOR + done));
        if (got < 0 && patience-- > 0) {
            usleep(50000); /* the device comes and goes */
            continue;
        }
        if (got <= 0) {
            fprintf(stderr, "final read of %s: %s\n", path, got ? strerror(errno) : "end");
            atomic_fetch_add(&wrong, 1);
            break;
        }
        done += (size_t)got;
    }
    close(fd);
}

static void compare_origin(const struct content *mine, const struct content *origin) {
    for (uint64_t i = 0; i < opt.sectors; i++)
        if (memcmp(&mine[i], &origin[i], SECTOR) && atomic_fetch_add(&wrong, 1) < 10)
            printf("WRONG: sector %llu: cache has version %llu, origin %llu\n", (unsigned long long)(opt.first + i),
                   (unsigned long long)mine[i].version, (unsigned long long)origin[i].version);
}

static void final_check(void) {
    struct content *once, *twice, *origin;
    size_t len = opt.sectors * SECTOR;
    if (posix_memalign((void **)&once, 4096, len) || posix_memalign((void **)&twice, 4096, len) ||
        posix_memalign((void **)&origin, 4096, len))
        exit(2);
    read_span(opt.device, once);
    check_sectors("final read", 0, (unsigned)opt.sectors, once, tick());
    read_span(opt.device, twice);
    check_sectors("second final read", 0, (unsigned)opt.sectors, twice, tick());
    if (opt.origin) {
        read_span(opt.origin, origin);
        compare_origin(once, origin);
        compare_origin(twice, origin);
    }
}

static void usage(void) {
    fputs("rdc_check [options] DEVICE\n"
          "  --origin DEV      compare with this device at the end\n"
          "  --first N         first sector (0); --sectors N: length in sectors (512)\n"
          "  --threads N (16)  --seconds N (5)  --seed N\n"
          "  --writes PERCENT (40)  --zeroes PERCENT (0)\n"
          "  --align N         sectors every I/O is a multiple of (mixed, from 1)\n"
          "  --errors-ok       I/O errors are allowed, wrong data is not\n"
          "  --nowait          try each I/O with RWF_NOWAIT first\n"
          "  --one-writer      one write at a time; zeroing is not held back\n",
          stderr);
    exit(2);
}

static void parse(int argc, char **argv) {
    static const struct option longs[] = {{"origin", 1, 0, 'o'},  {"first", 1, 0, 'f'},     {"sectors", 1, 0, 'n'},
                                          {"threads", 1, 0, 't'}, {"seconds", 1, 0, 's'},   {"seed", 1, 0, 'S'},
                                          {"writes", 1, 0, 'w'},  {"zeroes", 1, 0, 'z'},    {"align", 1, 0, 'a'},
                                          {"errors-ok", 0, 0, 'e'}, {"nowait", 0, 0, 'W'},
                                          {"one-writer", 0, 0, '1'}, {0, 0, 0, 0}};
    int c;
    while ((c = getopt_long(argc, argv, "", longs, NULL)) != -1) {
        switch (c) {
        case 'o': opt.origin = optarg; break;
        case 'f': opt.first = strtoull(optarg, NULL, 10); break;
        case 'n': opt.sectors = strtoull(optarg, NULL, 10); break;
        case 't': opt.threads = (unsigned)atoi(optarg); break;
        case 's': opt.seconds = (unsigned)atoi(optarg); break;
        case 'S': opt.seed = strtoull(optarg, NULL, 10); break;
        case 'w': opt.write_percent = (unsigned)atoi(optarg); break;
        case 'z': opt.zero_percent = (unsigned)atoi(optarg); break;
        case 'a': opt.align = (unsigned)atoi(optarg); break;
        case 'e': opt.errors_ok = true; break;
        case 'W': opt.nowait = true; break;
        case '1': opt.one_writer = true; break;
        default: usage();
        }
    }
    if (optind != argc - 1 || !opt.sectors || !opt.threads) usage();
    opt.device = argv[optind];
}

int main(int argc, char **argv) {
    pthread_t *threads;
    struct content *buf;
    int fd;

    setvbuf(stdout, NULL, _IOLBF, 0);
    parse(argc, argv);
    sectors = calloc(opt.sectors, sizeof(*sectors));
    threads = calloc(opt.threads, sizeof(*threads));
    fd = open(opt.device, O_RDWR | O_DIRECT);
    if (fd < 0 || !sectors || !threads || posix_memalign((void **)&buf, 4096, MAX_SECTORS_IO * SECTOR)) {
        perror(opt.device);
        return 2;
    }
    for (uint64_t i = 0; i < opt.sectors; i++) pthread_mutex_init(&sectors[i].lock, NULL);
    for (uint64_t at = 0; at < opt.sectors; at += MAX_SECTORS_IO) {
        uint64_t left = opt.sectors - at;
        unsigned n = left < MAX_SECTORS_IO ? (unsigned)left : MAX_SECTORS_IO;
        /* A disk that fails now and then may do so at once: try again, as long as it does not fail always. */
        unsigned tries = opt.errors_ok ? FIRST_TRIES : 1;
        while (!do_write(fd, at, n, buf)) {
            if (--tries == 0) {
                puts("the first writes failed");
                return 1;
            }
            usleep(50000);
        }
    }
    for (unsigned i = 0; i < opt.threads; i++) pthread_create(&threads[i], NULL, worker, (void *)(uintptr_t)i);
    sleep(opt.seconds);
    atomic_store(&stop, true);
    for (unsigned i = 0; i < opt.threads; i++) pthread_join(threads[i], NULL);
    final_check();
    printf("reads %llu writes %llu zeroes %llu errors %llu again %llu torn %llu wrong %llu\n", (unsigned long long)reads,
           (unsigned long long)writes, (unsigned long long)zeroes, (unsigned long long)errors,
           (unsigned long long)again, (unsigned long long)torn, (unsigned long long)wrong);
    return wrong || (errors && !opt.errors_ok);
}
