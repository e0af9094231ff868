// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_log: what a log of dm-log-writes says, and the disk as a power cut at
 * some point of it would have left it.
 *
 *   rdc_log list LOG                 one line an entry: number, what, byte, bytes
 *   rdc_log play LOG TARGET FROM TO  does entries FROM to TO, TO not included, on TARGET
 *
 * Exit status: 0; 2 on errors.
 */
#define _GNU_SOURCE
#include "dm_log.h"

#define PART (1u << 20)

static void list(struct dm_log *log) {
    struct dm_log_entry e;

    while (dm_log_next(log, &e))
        printf("%llu %s%s%s%s%s %llu %llu %s\n", (unsigned long long)log->number - 1, e.flags & DM_LOG_FLUSH ? "flush," : "",
               e.flags & DM_LOG_FUA ? "fua," : "", e.flags & DM_LOG_DISCARD ? "discard," : "",
               e.flags & DM_LOG_MARK ? "mark," : "", e.bytes ? "write" : "-", (unsigned long long)e.at,
               (unsigned long long)e.bytes, e.mark);
}

static void play(struct dm_log *log, int target, uint64_t from, uint64_t to) {
    static char data[PART];
    struct dm_log_entry e;

    while (log->number < to && dm_log_next(log, &e)) {
        if (log->number <= from || e.flags & DM_LOG_MARK) continue;
        for (uint64_t done = 0; done < e.bytes;) {
            size_t n = e.bytes - done < PART ? (size_t)(e.bytes - done) : PART;

            if (e.flags & DM_LOG_DISCARD)
                memset(data, 0, n);
            else
                dm_log_read(log->fd, data, n, e.data + (off_t)done);
            if (pwrite(target, data, n, (off_t)(e.at + done)) != (ssize_t)n) {
                perror("writing the target");
                exit(2);
            }
            done += n;
        }
    }
}

int main(int argc, char **argv) {
    struct dm_log log;
    int target;

    if (argc == 3 && !strcmp(argv[1], "list")) {
        log = dm_log_open(argv[2]);
        list(&log);
        return 0;
    }
    if (argc != 6 || strcmp(argv[1], "play")) {
        fputs("rdc_log list LOG | play LOG TARGET FROM TO\n", stderr);
        return 2;
    }
    log = dm_log_open(argv[2]);
    target = open(argv[3], O_RDWR);
    if (target < 0) {
        perror(argv[3]);
        return 2;
    }
    play(&log, target, strtoull(argv[4], NULL, 10), strtoull(argv[5], NULL, 10));
    return fsync(target) ? 2 : 0;
}
