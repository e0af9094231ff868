// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * /sys/kernel/rapiddisk: the control file, the list of disks, and the memory
 * that they hold together.
 */
#include <linux/capability.h>
#include <linux/kobject.h>
#include <linux/sysfs.h>

#include "rd.h"
#include "rd_memory.h"

static struct kobject *rdsk_kobj;

static ssize_t mgmt_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf,
			  "RapidDisk %s\n\n"
			  "Maximum Number of Attachable Devices: %lu\n"
			  "Number of Attached Devices: %u\n"
			  "Max Sectors (KB): %d\n"
			  "Number of Requests: %d\n",
			  RAPIDDISK_VERSION, rdsk_max_nr, rdsk_attached(),
			  rdsk_max_sectors, rdsk_nr_requests);
}

static ssize_t mgmt_store(struct kobject *kobj, struct kobj_attribute *attr,
			  const char *buf, size_t len)
{
	struct rdsk_command cmd;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = rdsk_parse_command(buf, len, &cmd);
	if (err)
		return err;
	switch (cmd.verb) {
	case RDSK_ATTACH:
		err = rdsk_attach(cmd.number, cmd.size, &cmd.options);
		break;
	case RDSK_DETACH:
		err = rdsk_detach(cmd.number);
		break;
	case RDSK_RESIZE:
		err = rdsk_resize(cmd.number, cmd.size);
		break;
	}
	return err ? err : len;
}

/* Where the next line of the list goes */
struct rdsk_listing {
	char *buf;
	int at;
};

/* One line, or none: the file ends with a whole line when it is full */
static bool devices_line(struct rdsk *rd, void *data)
{
	struct rdsk_listing *list = data;
	char line[80];
	int len;

	len = scnprintf(line, sizeof(line), "rd%u\t%llu\t%lld\t%llu\n",
			rd->number, rdsk_size(rd),
			(long long)atomic64_read(&rd->errors),
			rdsk_used_bytes(rd));
	if (list->at + len >= PAGE_SIZE)
		return false;
	list->at += sysfs_emit_at(list->buf, list->at, "%s", line);
	return true;
}

static ssize_t devices_show(struct kobject *kobj, struct kobj_attribute *attr,
			    char *buf)
{
	struct rdsk_listing list = { .buf = buf };

	list.at = sysfs_emit(buf, "Device\tSize\tErrors\tUsed\n");
	rdsk_for_each(devices_line, &list);
	return list.at;
}

static ssize_t memory_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf,
			  "limit %llu\nused %llu\nreserve %llu\nmax_size %llu\n",
			  rdsk_memory_limit(), rdsk_memory_used(),
			  rdsk_memory_reserve(), rdsk_memory_max_size());
}

static struct kobj_attribute mgmt_attr = __ATTR_RW(mgmt);
static struct kobj_attribute devices_attr = __ATTR_RO(devices);
static struct kobj_attribute memory_attr = __ATTR_RO(memory);

static struct attribute *rdsk_attrs[] = {
	&mgmt_attr.attr,
	&devices_attr.attr,
	&memory_attr.attr,
	NULL
};

static const struct attribute_group rdsk_group = { .attrs = rdsk_attrs };

int rdsk_sysfs_init(void)
{
	int err;

	rdsk_kobj = kobject_create_and_add(RDSK_NAME, kernel_kobj);
	if (!rdsk_kobj)
		return -ENOMEM;
	err = sysfs_create_group(rdsk_kobj, &rdsk_group);
	if (err)
		kobject_put(rdsk_kobj);
	return err;
}

/* No command runs any more when this returns */
void rdsk_sysfs_exit(void)
{
	sysfs_remove_group(rdsk_kobj, &rdsk_group);
	kobject_put(rdsk_kobj);
}
