// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * /sys/block/rdN/rapiddisk: one disk's statistics and controls.
 */
#include <linux/capability.h>
#include <linux/kstrtox.h>
#include <linux/sysfs.h>

#include "rd.h"

static struct rdsk *to_rdsk(struct device *dev)
{
	return dev_to_disk(dev)->private_data;
}

static ssize_t used_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%llu\n", rdsk_used_bytes(to_rdsk(dev)));
}
static DEVICE_ATTR_RO(used);

static u64 highest_bytes(struct rdsk *rd)
{
	return READ_ONCE(rd->highest) << SECTOR_SHIFT;
}

static ssize_t highest_written_show(struct device *dev,
				    struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", highest_bytes(to_rdsk(dev)));
}
static DEVICE_ATTR_RO(highest_written);

static ssize_t errors_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%lld\n",
			  (long long)atomic64_read(&to_rdsk(dev)->errors));
}
static DEVICE_ATTR_RO(errors);

static ssize_t populated_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%d\n", to_rdsk(dev)->options.populate);
}
static DEVICE_ATTR_RO(populated);

static ssize_t numa_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	const struct rdsk_options *options = &to_rdsk(dev)->options;

	switch (options->numa) {
	case RDSK_NUMA_NODE:
		return sysfs_emit(buf, "node=%u\n", options->node);
	case RDSK_NUMA_INTERLEAVE:
		return sysfs_emit(buf, "interleave\n");
	default:
		return sysfs_emit(buf, "local\n");
	}
}
static DEVICE_ATTR_RO(numa);

/* For udev: such a disk holds copies of the blocks of another one */
static ssize_t in_cache_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	return sysfs_emit(buf, "%d\n", !!READ_ONCE(to_rdsk(dev)->stores));
}
static DEVICE_ATTR_RO(in_cache);

/* Everything that a manager needs to know of a disk, in one read */
static ssize_t summary_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct gendisk *disk = dev_to_disk(dev);
	struct rdsk *rd = disk->private_data;

	return sysfs_emit(buf,
			  "size %llu\nused %llu\nhighest_written %llu\n"
			  "errors %lld\nread_only %d\nopeners %u\n"
			  "populated %d\n",
			  rdsk_size(rd), rdsk_used_bytes(rd), highest_bytes(rd),
			  (long long)atomic64_read(&rd->errors),
			  get_disk_ro(disk), disk_openers(disk),
			  rd->options.populate);
}
static DEVICE_ATTR_RO(summary);

static ssize_t erase_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t len)
{
	bool yes;
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	err = kstrtobool(buf, &yes);
	if (err)
		return err;
	if (!yes)
		return -EINVAL;
	err = rdsk_erase(to_rdsk(dev), 0);
	return err ? err : len;
}
static DEVICE_ATTR_WO(erase);

static struct attribute *rdsk_disk_attrs[] = {
	&dev_attr_used.attr,
	&dev_attr_highest_written.attr,
	&dev_attr_errors.attr,
	&dev_attr_populated.attr,
	&dev_attr_numa.attr,
	&dev_attr_in_cache.attr,
	&dev_attr_summary.attr,
	&dev_attr_erase.attr,
	NULL
};

static const struct attribute_group rdsk_disk_group = {
	.name = RDSK_NAME,
	.attrs = rdsk_disk_attrs,
};

const struct attribute_group *rdsk_disk_groups[] = {
	&rdsk_disk_group,
	NULL
};
