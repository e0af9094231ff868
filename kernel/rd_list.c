// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * The list of RAM disks, the state of each, and who may use one: a change of
 * state, an opener, a cache.
 */
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched/signal.h>

#include "rd.h"

static DEFINE_MUTEX(rdsk_lock);
static LIST_HEAD(rdsk_disks);
static unsigned int rdsk_count;

static struct rdsk *rdsk_find(unsigned int number)
{
	struct rdsk *rd;

	list_for_each_entry(rd, &rdsk_disks, link)
		if (rd->number == number)
			return rd;
	return NULL;
}

/* The disk that was attached first; for a caller that acts alone */
struct rdsk *rdsk_first(void)
{
	return list_first_entry_or_null(&rdsk_disks, struct rdsk, link);
}

/* Number of attached disks */
unsigned int rdsk_attached(void)
{
	return READ_ONCE(rdsk_count);
}

/**
 * rdsk_for_each() - visit the disks in attach order
 * @visit: false ends the walk; must not attach or detach
 * @data: for @visit
 */
void rdsk_for_each(bool (*visit)(struct rdsk *rd, void *data), void *data)
{
	struct rdsk *rd;

	mutex_lock(&rdsk_lock);
	list_for_each_entry(rd, &rdsk_disks, link)
		if (rd->state != RDSK_ATTACHING && !visit(rd, data))
			break;
	mutex_unlock(&rdsk_lock);
}

/**
 * rdsk_reserve() - take the number, so that nobody else can while a disk is made
 * @rd: with its number, in state RDSK_ATTACHING
 *
 * Return: 0; -EEXIST; -EDQUOT when rd_max_nr disks are attached; -ENODEV when
 * the module is being unloaded.
 */
int rdsk_reserve(struct rdsk *rd)
{
	int err = 0;

	mutex_lock(&rdsk_lock);
	if (rdsk_find(rd->number))
		err = -EEXIST;
	else if (rdsk_count >= rdsk_max_nr)
		err = -EDQUOT;
	else if (!try_module_get(THIS_MODULE))
		err = -ENODEV;
	if (!err) {
		list_add_tail(&rd->link, &rdsk_disks);
		WRITE_ONCE(rdsk_count, rdsk_count + 1);
	}
	mutex_unlock(&rdsk_lock);
	return err;
}

/**
 * rdsk_unreserve() - give the number back
 * @rd: from rdsk_reserve()
 */
void rdsk_unreserve(struct rdsk *rd)
{
	mutex_lock(&rdsk_lock);
	list_del(&rd->link);
	WRITE_ONCE(rdsk_count, rdsk_count - 1);
	mutex_unlock(&rdsk_lock);
	module_put(THIS_MODULE);
}

/**
 * rdsk_retry_busy() - wait a moment before another try at what is in use
 * @since: 0 before the first call
 *
 * Programs that look at every disk, as udev does, have it open for a moment.
 * They are not users.
 *
 * Other signals than fatal ones do not cut the wait short: a shell whose child
 * ends meanwhile would see a failure that is none.
 *
 * Return: false when busy_grace_ms is over, or the caller is to die.
 */
bool rdsk_retry_busy(unsigned long *since)
{
	if (!*since)
		*since = jiffies;
	if (time_after(jiffies, *since +
		       msecs_to_jiffies(READ_ONCE(rdsk_busy_grace_ms))))
		return false;
	schedule_timeout_killable(msecs_to_jiffies(10));
	return !fatal_signal_pending(current);
}

/**
 * rdsk_begin() - take a disk for a change of its state
 * @number: which
 * @state: RDSK_RESIZING or RDSK_DETACHING
 *
 * Waits a moment for another change to end.
 *
 * Return: the disk, which stays until rdsk_end(); ERR_PTR(-ENODEV) when there
 * is none, ERR_PTR(-EBUSY) when another change goes on.
 */
struct rdsk *rdsk_begin(unsigned int number, enum rdsk_state state)
{
	unsigned long since = 0;
	struct rdsk *rd;

	do {
		mutex_lock(&rdsk_lock);
		rd = rdsk_find(number);
		if (!rd)
			rd = ERR_PTR(-ENODEV);
		else if (rd->state != RDSK_LIVE)
			rd = ERR_PTR(-EBUSY);
		else
			rd->state = state;
		mutex_unlock(&rdsk_lock);
	} while (rd == ERR_PTR(-EBUSY) && rdsk_retry_busy(&since));
	return rd;
}

/**
 * rdsk_end() - the change has been made or given up
 * @rd: from rdsk_begin()
 */
void rdsk_end(struct rdsk *rd)
{
	mutex_lock(&rdsk_lock);
	rd->state = RDSK_LIVE;
	mutex_unlock(&rdsk_lock);
}

/**
 * rdsk_claim() - refuse opens from now on, if nobody has the disk open
 * @rd: from rdsk_begin()
 *
 * Waits a moment for openers that do not hold the disk for themselves, for
 * such are those who only look.
 *
 * Return: 0 or -EBUSY.
 */
int rdsk_claim(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;
	unsigned long since = 0;
	bool open, held;

	do {
		mutex_lock(&disk->open_mutex);
		open = disk_openers(disk);
		held = READ_ONCE(disk->part0->bd_holder);
		rd->claimed = !open;
		mutex_unlock(&disk->open_mutex);
	} while (open && !held && rdsk_retry_busy(&since));
	return open ? -EBUSY : 0;
}

/**
 * rdsk_unclaim() - allow opens again
 * @rd: from rdsk_claim()
 */
void rdsk_unclaim(struct rdsk *rd)
{
	mutex_lock(&rd->disk->open_mutex);
	rd->claimed = false;
	mutex_unlock(&rd->disk->open_mutex);
}

/**
 * rdsk_claim_store() - let nobody but the caller write to a disk or hold it
 * @rd: a disk that the caller has open for writing, once
 *
 * Waits a moment for others who can write. Who of several openers can is not
 * known for sure: a disk that somebody reads counts as open for writing while
 * an earlier writer may still have it open, and an open partition does, since
 * its openers after the first are not seen on every kernel. A disk that is
 * claimed already is claimed by the same caller, which is about to replace one
 * user by another and has it open once for both.
 *
 * Udev is told when the first claim is made: what is on the disk then says
 * nothing of the disk any more.
 *
 * Return: 0 or -EBUSY.
 */
int rdsk_claim_store(struct rdsk *rd)
{
	struct gendisk *disk = rd->disk;
	unsigned long since = 0;
	bool alone, first = false;

	do {
		mutex_lock(&disk->open_mutex);
		alone = rd->stores || disk_openers(disk) <= 1 ||
			(rd->write_opens <= 1 && !disk->open_partitions);
		if (alone) {
			first = !rd->stores;
			WRITE_ONCE(rd->stores, rd->stores + 1);
		}
		mutex_unlock(&disk->open_mutex);
	} while (!alone && rdsk_retry_busy(&since));
	if (first)
		kobject_uevent(&disk_to_dev(disk)->kobj, KOBJ_CHANGE);
	return alone ? 0 : -EBUSY;
}

/**
 * rdsk_release_store() - end one rdsk_claim_store()
 * @rd: the disk
 * @served: whether copies of an origin may have been put on the disk
 *
 * With the last claim go the copies, and their memory: they would give the disk
 * the identity of the origin, and let its data be read for as long as the disk
 * is there. A disk that was claimed and never used stays as it is.
 */
void rdsk_release_store(struct rdsk *rd, bool served)
{
	bool last;

	mutex_lock(&rd->disk->open_mutex);
	rd->store_served |= served;
	last = rd->stores == 1;
	if (last && rd->store_served) {
		rdsk_drop_contents(rd);
		rd->store_served = false;
	}
	WRITE_ONCE(rd->stores, rd->stores - 1);
	mutex_unlock(&rd->disk->open_mutex);
	if (last)
		kobject_uevent(&disk_to_dev(rd->disk)->kobj, KOBJ_CHANGE);
}
