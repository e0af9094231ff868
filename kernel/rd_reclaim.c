// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Frees pages after an RCU grace period, many of them after the same one:
 * while one batch waits for its grace period, the pages that are queued
 * meanwhile form the next batch. The lists are shared by all disks, so that the
 * removal of a disk does not have to wait until its pages are freed.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "rd.h"
#include "rd_reclaim.h"

static struct {
	spinlock_t lock;		/* everything below */
	struct list_head waiting;	/* page->lru; for the next grace period */
	struct list_head expiring;	/* page->lru; for the current one */
	unsigned long count;		/* pages on both lists */
	bool busy;			/* work is queued or runs */
	struct rcu_work work;
	struct workqueue_struct *queue;
} rdsk_reclaim;

/* Makes the waiting pages the next batch; false: none. Under the lock. */
static bool rdsk_reclaim_advance(void)
{
	if (list_empty(&rdsk_reclaim.waiting))
		return false;
	list_splice_init(&rdsk_reclaim.waiting, &rdsk_reclaim.expiring);
	return true;
}

static void rdsk_reclaim_free(struct work_struct *work)
{
	struct page *page, *next;
	unsigned long freed = 0;
	LIST_HEAD(expired);
	bool more;

	spin_lock(&rdsk_reclaim.lock);
	list_splice_init(&rdsk_reclaim.expiring, &expired);
	spin_unlock(&rdsk_reclaim.lock);

	list_for_each_entry_safe(page, next, &expired, lru) {
		list_del(&page->lru);
		put_page(page);
		if (!(++freed % 1024))
			cond_resched();
	}

	spin_lock(&rdsk_reclaim.lock);
	WRITE_ONCE(rdsk_reclaim.count, rdsk_reclaim.count - freed);
	more = rdsk_reclaim_advance();
	rdsk_reclaim.busy = more;
	spin_unlock(&rdsk_reclaim.lock);
	if (more)
		queue_rcu_work(rdsk_reclaim.queue, &rdsk_reclaim.work);
}

/**
 * rdsk_reclaim_queue() - free pages after a grace period
 * @pages: linked by page->lru, unreachable for new readers; empty afterwards
 * @count: how many
 *
 * Does not sleep.
 */
void rdsk_reclaim_queue(struct list_head *pages, unsigned long count)
{
	bool start;

	if (list_empty(pages))
		return;
	spin_lock(&rdsk_reclaim.lock);
	list_splice_tail_init(pages, &rdsk_reclaim.waiting);
	/* rdsk_reclaim_flush() reads it without the lock */
	WRITE_ONCE(rdsk_reclaim.count, rdsk_reclaim.count + count);
	start = !rdsk_reclaim.busy && rdsk_reclaim_advance();
	if (start)
		rdsk_reclaim.busy = true;
	spin_unlock(&rdsk_reclaim.lock);
	if (start)
		queue_rcu_work(rdsk_reclaim.queue, &rdsk_reclaim.work);
}

/**
 * rdsk_reclaim_flush() - wait until at least one batch has been freed
 *
 * Return: true when there was something to wait for.
 */
bool rdsk_reclaim_flush(void)
{
	if (!READ_ONCE(rdsk_reclaim.count))
		return false;
	flush_rcu_work(&rdsk_reclaim.work);
	return true;
}

int rdsk_reclaim_init(void)
{
	spin_lock_init(&rdsk_reclaim.lock);
	INIT_LIST_HEAD(&rdsk_reclaim.waiting);
	INIT_LIST_HEAD(&rdsk_reclaim.expiring);
	INIT_RCU_WORK(&rdsk_reclaim.work, rdsk_reclaim_free);
	rdsk_reclaim.queue = alloc_workqueue(RDSK_NAME,
					     WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return rdsk_reclaim.queue ? 0 : -ENOMEM;
}

/* Frees everything; the caller makes sure that nothing more is queued */
void rdsk_reclaim_exit(void)
{
	while (rdsk_reclaim_flush())
		;
	rcu_barrier();
	destroy_workqueue(rdsk_reclaim.queue);
}
