// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * rdc_part: makes and removes a partition of a disk, through a descriptor
 * that can only read, and without a partition table: addpart(8), which is not
 * everywhere.
 *
 * Exit status: 0 done; 1 refused; 2 bad usage.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct blkpg_partition part = {0};
    struct blkpg_ioctl_arg arg = {.datalen = sizeof(part), .data = &part};
    int fd;

    if (argc == 6 && !strcmp(argv[1], "add")) {
        arg.op = BLKPG_ADD_PARTITION;
        part.start = atoll(argv[4]) * 512;
        part.length = atoll(argv[5]) * 512;
    } else if (argc == 4 && !strcmp(argv[1], "del")) {
        arg.op = BLKPG_DEL_PARTITION;
    } else {
        fputs("rdc_part add DISK NUMBER FIRST SECTORS | del DISK NUMBER\n", stderr);
        return 2;
    }
    part.pno = atoi(argv[3]);
    fd = open(argv[2], O_RDONLY);
    if (fd < 0 || ioctl(fd, BLKPG, &arg)) {
        fprintf(stderr, "%s: %s\n", argv[2], strerror(errno));
        return 1;
    }
    close(fd);
    return 0;
}
