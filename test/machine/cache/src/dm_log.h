/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Reading what dm-log-writes wrote down: every write, discard, flush and mark
 * in the order in which they became durable. The format is that of
 * Documentation/admin-guide/device-mapper/log-writes.rst and the target's
 * source: a superblock in the first sector; then entries, one sector each,
 * followed by their data.
 */
#ifndef DM_LOG_H
#define DM_LOG_H

#include <endian.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DM_LOG_MAGIC 0x6a736677736872ULL
#define DM_LOG_VERSION 1

enum { DM_LOG_FLUSH = 1, DM_LOG_FUA = 2, DM_LOG_DISCARD = 4, DM_LOG_MARK = 8, DM_LOG_METADATA = 16 };

struct dm_log_entry {
    uint64_t at;    /* byte of the device that was written to */
    uint64_t bytes; /* how many; 0 for a mere flush or mark */
    uint64_t flags;
    char mark[256]; /* a mark's text */
    off_t data;     /* where the data is in the log; a discard has none */
};

struct dm_log {
    int fd;
    uint32_t sector; /* bytes of a sector: unit of the log and its numbers */
    uint64_t entries, number;
    off_t next;
};

static inline void dm_log_read(int fd, void *to, size_t bytes, off_t at) {
    if (pread(fd, to, bytes, at) == (ssize_t)bytes) return;
    perror("reading the log");
    exit(2);
}

static inline struct dm_log dm_log_open(const char *path) {
    struct {
        uint64_t magic, version, entries;
        uint32_t sector;
    } __attribute__((packed)) super;
    struct dm_log log = {.fd = open(path, O_RDONLY)};

    if (log.fd < 0) {
        perror(path);
        exit(2);
    }
    dm_log_read(log.fd, &super, sizeof(super), 0);
    log.sector = le32toh(super.sector);
    log.entries = le64toh(super.entries);
    log.next = log.sector;
    if (le64toh(super.magic) != DM_LOG_MAGIC || le64toh(super.version) != DM_LOG_VERSION || !log.sector) {
        fprintf(stderr, "%s holds no log of dm-log-writes\n", path);
        exit(2);
    }
    return log;
}

/* The next entry; false at the end. */
static inline bool dm_log_next(struct dm_log *log, struct dm_log_entry *entry) {
    uint64_t raw[4]; /* sector, sectors, flags, length of a mark */
    size_t length;

    if (log->number >= log->entries) return false;
    log->number++;
    dm_log_read(log->fd, raw, sizeof(raw), log->next);
    *entry = (struct dm_log_entry){
        .at = le64toh(raw[0]) * log->sector,
        .bytes = le64toh(raw[1]) * log->sector,
        .flags = le64toh(raw[2]),
        .data = log->next + log->sector,
    };
    length = (size_t)le64toh(raw[3]);
    if (entry->flags & DM_LOG_MARK) {
        if (length >= sizeof(entry->mark)) length = sizeof(entry->mark) - 1;
        dm_log_read(log->fd, entry->mark, length, log->next + (off_t)sizeof(raw));
    }
    log->next += log->sector;
    if (!(entry->flags & DM_LOG_DISCARD)) log->next += (off_t)entry->bytes;
    return true;
}

#endif /* DM_LOG_H */
