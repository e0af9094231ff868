// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * uml-faults WHAT [ARGUMENTS]: does one thing again and again, and lets its
 * first, second, third ... allocation fail (/proc/thread-self/fail-nth), until
 * it needs no more of them. What fails must have changed nothing, and must
 * work right after.
 *
 *   attach N BYTES [WORD...]	a RAM disk
 *   detach N BYTES		the same, back
 *   resize N BYTES		of rdN, which is attached, and back
 *   erase N			rdN
 *   text FILE			reads a file to its end
 *   map NAME TABLE		makes a mapping: create, load, resume
 *   reload NAME TABLE		gives it a new table
 *   message NAME TEXT		sends it a message
 *   status NAME
 *   read|write|discard|zero DEVICE BYTES [PLAIN-DEVICE]
 *			a new 64 KiB range each time; content is checked, on
 *			the plain device below too
 *
 * Prints how many allocations failed, and how often the thing was done all the
 * same. Exit status 1 when a promise was broken.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define RANGE	65536
#define MGMT	"/sys/kernel/rapiddisk/mgmt"
#define POINTS	2000	/* more allocations than anything here may need */

struct thing {
	const char *name;
	int args;			/* at least */
	void (*prepare)(void);		/* before each try */
	int (*act)(void);		/* 0 or an errno; allocations fail */
	void (*undo)(void);		/* after an act that worked */
	void (*unchanged)(void);	/* after one that did not */
};

static char **arg;
static int nth_fd, target_fd, plain_fd = -1, dm_fd;
static unsigned int turn;
static char command[512], before[65536];
static unsigned char *buffer, *expected;

static void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
static void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "uml-faults: ");
	vfprintf(stderr, format, ap);
	fprintf(stderr, " (turn %u)\n", turn);
	exit(1);
}

static void arm(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_fd, text, len, 0) != len)
		die("fail-nth: %s", strerror(errno));
}

/* Whether the fault came; no more faults */
static bool disarm(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 1)
		die("fail-nth: %s", strerror(errno));
	arm(0);
	return atoi(text) == 0;
}

static int put(int fd, const char *text)
{
	return pwrite(fd, text, strlen(text), 0) < 0 ? errno : 0;
}

static void must(const char *what, int err)
{
	if (err)
		die("%s without a fault: %s", what, strerror(err));
}

static void slurp(const char *path, char *to, size_t room)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, to, room - 1);

	if (n < 0)
		die("%s: %s", path, strerror(errno));
	to[n] = 0;
	close(fd);
}

/* RAM disks ------------------------------------------------------------- */

static void devices_before(void)
{
	slurp("/sys/kernel/rapiddisk/devices", before, sizeof(before));
}

static void devices_unchanged(void)
{
	static char now[sizeof(before)];

	slurp("/sys/kernel/rapiddisk/devices", now, sizeof(now));
	if (strcmp(now, before))
		die("a refused command changed the disks from\n%sto\n%s", before, now);
}

static bool disk_there(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/block/rd%s", arg[0]);
	return !access(path, F_OK);
}

static void attach_text(void)
{
	int n = snprintf(command, sizeof(command), "rapiddisk attach");

	for (char **word = arg; *word; word++)
		n += snprintf(command + n, sizeof(command) - n, " %s", *word);
}

static void attach_prepare(void)
{
	devices_before();
	attach_text();
}

static int mgmt_act(void)
{
	return put(target_fd, command);
}

static void attach_undo(void)
{
	snprintf(command, sizeof(command), "rapiddisk detach %s", arg[0]);
	must("detach", mgmt_act());
}

static void attach_unchanged(void)
{
	devices_unchanged();
	if (disk_there())
		die("rd%s is there although attach failed", arg[0]);
}

static void detach_prepare(void)
{
	if (!disk_there()) {
		attach_text();
		must("attach", mgmt_act());
	}
	devices_before();
	snprintf(command, sizeof(command), "rapiddisk detach %s", arg[0]);
}

static void detach_undo(void)
{
	if (disk_there())
		die("rd%s is there although it was detached", arg[0]);
}

static void resize_to(uint64_t bytes)
{
	snprintf(command, sizeof(command), "rapiddisk resize %s %llu", arg[0],
		 (unsigned long long)bytes);
}

static void resize_prepare(void)
{
	devices_before();
	resize_to(strtoull(arg[1], NULL, 0));
}

static void resize_undo(void)
{
	resize_to(1048576);
	must("shrink", mgmt_act());
}

static int one_act(void)
{
	return put(target_fd, "1");
}

static int text_act(void)
{
	static char text[65536];

	return pread(target_fd, text, sizeof(text), 0) < 0 ? errno : 0;
}

/* mappings --------------------------------------------------------------- */

static int dm(unsigned long request, const char *text, uint32_t flags)
{
	static uint64_t space[8192 / 8];
	struct dm_ioctl *io = (void *)space;
	char *data = (char *)(io + 1);

	memset(space, 0, sizeof(space));
	io->version[0] = 4;
	io->data_size = sizeof(space);
	io->data_start = sizeof(*io);
	io->flags = flags;
	snprintf(io->name, sizeof(io->name), "%s", arg[0]);
	if (request == DM_TABLE_LOAD) {
		struct dm_target_spec *spec = (void *)data;

		io->target_count = 1;
		spec->length = strtoull(text, NULL, 0);
		snprintf(spec->target_type, sizeof(spec->target_type), "rapiddisk-cache");
		snprintf((char *)(spec + 1), 1024, "%s", strchr(text, ' ') + 1);
	} else if (request == DM_TARGET_MSG) {
		snprintf(((struct dm_target_msg *)data)->message, 1024, "%s", text);
	}
	return ioctl(dm_fd, request, io) ? errno : 0;
}

static void map_undo(void)
{
	must("remove", dm(DM_DEV_REMOVE, NULL, 0));
}

static int map_act(void)
{
	int err = dm(DM_DEV_CREATE, NULL, 0);

	if (!err)
		err = dm(DM_TABLE_LOAD, arg[1], 0);
	if (!err)
		err = dm(DM_DEV_SUSPEND, NULL, 0);
	return err;
}

/* device-mapper itself keeps what worked: the name, or the table not resumed */
static void map_unchanged(void)
{
	dm(DM_DEV_REMOVE, NULL, 0);
}

static int reload_act(void)
{
	int err = dm(DM_TABLE_LOAD, arg[1], 0);

	return err ? err : dm(DM_DEV_SUSPEND, NULL, 0);
}

static void reload_unchanged(void)
{
	dm(DM_DEV_SUSPEND, NULL, 0);
}

static int message_act(void)
{
	return dm(DM_TARGET_MSG, arg[1], 0);
}

static int status_act(void)
{
	int err = dm(DM_TABLE_STATUS, NULL, 0);

	return err ? err : dm(DM_TABLE_STATUS, NULL, DM_STATUS_TABLE_FLAG);
}

/* I/O -------------------------------------------------------------------- */

static uint64_t place(void)
{
	uint64_t ranges = strtoull(arg[1], NULL, 0) / RANGE;

	return (turn * 7 + 3) % ranges * RANGE;
}

static void same(int fd, const char *what)
{
	memset(buffer, 0x5a, RANGE);
	if (pread(fd, buffer, RANGE, place()) != RANGE)
		die("reading %s without a fault: %s", what, strerror(errno));
	if (memcmp(buffer, expected, RANGE))
		die("wrong data in %s at %llu", what, (unsigned long long)place());
}

static void check_content(void)
{
	same(target_fd, arg[0]);
	same(target_fd, arg[0]);
	if (plain_fd >= 0)
		same(plain_fd, arg[2]);
}

/* Content that no other turn had, put there without faults */
static void io_fill(unsigned char salt)
{
	for (int i = 0; i < RANGE; i++)
		expected[i] = turn * 31 + i / 512 + salt;
}

static void io_prepare(void)
{
	io_fill(0);
	memcpy(buffer, expected, RANGE);
	if (pwrite(plain_fd >= 0 ? plain_fd : target_fd, buffer, RANGE, place()) != RANGE)
		die("writing without a fault: %s", strerror(errno));
}

static int read_act(void)
{
	return pread(target_fd, buffer, RANGE, place()) == RANGE ? 0 : errno ?: EIO;
}

static void read_undo(void)
{
	if (memcmp(buffer, expected, RANGE))
		die("wrong data read at %llu", (unsigned long long)place());
	check_content();
}

/* Nothing is there yet, so that pages are needed */
static void write_prepare(void)
{
	uint64_t range[2] = {place(), RANGE};

	if (ioctl(target_fd, BLKDISCARD, range))
		die("discard without a fault: %s", strerror(errno));
	io_fill(99);
	memcpy(buffer, expected, RANGE);
}

static int write_act(void)
{
	return pwrite(target_fd, buffer, RANGE, place()) == RANGE ? 0 : errno ?: EIO;
}

/* A write that failed may have been done in part; the next one is whole */
static void write_again(void)
{
	memcpy(buffer, expected, RANGE);
	must("write", write_act());
	check_content();
}

static int clear_act(unsigned long request)
{
	uint64_t range[2] = {place(), RANGE};

	return ioctl(target_fd, request, range) ? errno : 0;
}

static int discard_act(void)
{
	return clear_act(BLKDISCARD);
}

static int zero_act(void)
{
	return clear_act(BLKZEROOUT);
}

static void zero_undo(void)
{
	memset(expected, 0, RANGE);
	check_content();
}

static void zero_again(void)
{
	must("zeroing", zero_act());
	zero_undo();
}

static const struct thing things[] = {
	{"attach", 2, attach_prepare, mgmt_act, attach_undo, attach_unchanged},
	{"detach", 2, detach_prepare, mgmt_act, detach_undo, devices_unchanged},
	{"resize", 2, resize_prepare, mgmt_act, resize_undo, devices_unchanged},
	{"erase", 1, devices_before, one_act, NULL, NULL},
	{"text", 1, NULL, text_act, NULL, NULL},
	{"map", 2, NULL, map_act, map_undo, map_unchanged},
	{"reload", 2, NULL, reload_act, NULL, reload_unchanged},
	{"message", 2, NULL, message_act, NULL, NULL},
	{"status", 1, NULL, status_act, NULL, NULL},
	{"read", 2, io_prepare, read_act, read_undo, check_content},
	{"write", 2, write_prepare, write_act, check_content, write_again},
	{"discard", 2, io_prepare, discard_act, NULL, NULL},
	{"zero", 2, io_prepare, zero_act, zero_undo, zero_again},
};

static void open_all(const char *what)
{
	char path[64] = "";
	int flags = O_RDWR;

	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		die("this kernel has no fail-nth");
	dm_fd = open("/dev/mapper/control", O_RDWR | O_CLOEXEC);
	if (strstr("attach detach resize", what))
		strcpy(path, MGMT);
	else if (!strcmp(what, "erase"))
		snprintf(path, sizeof(path), "/sys/block/rd%s/rapiddisk/erase", arg[0]);
	else if (!strcmp(what, "text"))
		flags = O_RDONLY;
	else if (strstr("map reload message status", what))
		return;
	else
		flags |= O_DIRECT;
	target_fd = open(*path ? path : arg[0], (strcmp(what, "erase") ? flags : O_WRONLY) | O_CLOEXEC);
	if (target_fd < 0)
		die("%s: %s", *path ? path : arg[0], strerror(errno));
	if ((flags & O_DIRECT) && arg[2]) {
		plain_fd = open(arg[2], O_RDWR | O_DIRECT | O_CLOEXEC);
		if (plain_fd < 0)
			die("%s: %s", arg[2], strerror(errno));
	}
}

int main(int argc, char **argv)
{
	const struct thing *thing = NULL;
	unsigned int failed = 0, borne = 0;

	for (size_t i = 0; argc > 1 && i < sizeof(things) / sizeof(*things); i++)
		if (!strcmp(argv[1], things[i].name))
			thing = &things[i];
	if (!thing || argc < 2 + thing->args)
		die("unknown thing, or arguments are missing");
	arg = argv + 2;
	if (posix_memalign((void **)&buffer, 4096, RANGE) ||
	    posix_memalign((void **)&expected, 4096, RANGE))
		die("no memory");
	open_all(thing->name);
	for (turn = 1; turn <= POINTS; turn++) {
		bool came;
		int err;

		if (thing->prepare)
			thing->prepare();
		arm(turn);
		errno = 0;
		err = thing->act();
		came = disarm();
		if (err && !came)
			die("%s failed without a fault: %s", thing->name, strerror(err));
		if (err && err != ENOMEM && err != ENOSPC && err != EIO && err != EAGAIN)
			die("%s failed with another error than for want of memory: %s",
			    thing->name, strerror(err));
		if (!err && thing->undo)
			thing->undo();
		if (err && thing->unchanged)
			thing->unchanged();
		if (!came)
			break;
		if (err)
			failed++;
		else
			borne++;
	}
	if (turn > POINTS)
		die("%s never came to an end", thing->name);
	printf("%s: %u allocations failed one by one: refused %u, done all the same %u\n",
	       thing->name, turn - 1, failed, borne);
	return 0;
}
