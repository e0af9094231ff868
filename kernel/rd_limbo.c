// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * One grace period for many pages: while a batch waits for its own, further
 * pages collect for the next. All disks share it, so that no disk has to wait
 * for its pages when it goes.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "rd.h"
#include "rd_limbo.h"

static struct {
	spinlock_t lock;		/* everything below */
	struct list_head waiting;	/* page->lru; for the next grace period */
	struct list_head ripening;	/* page->lru; for the current one */
	unsigned long count;		/* pages on both lists */
	bool busy;			/* work is queued or runs */
	struct rcu_work work;
	struct workqueue_struct *queue;
} rdsk_limbo;

/* Begin a grace period for what waits. Under the lock; false: nothing waits. */
static bool rdsk_limbo_advance(void)
{
	if (list_empty(&rdsk_limbo.waiting))
		return false;
	list_splice_init(&rdsk_limbo.waiting, &rdsk_limbo.ripening);
	return true;
}

static void rdsk_limbo_free(struct work_struct *work)
{
	struct page *page, *next;
	unsigned long freed = 0;
	LIST_HEAD(ripe);
	bool more;

	spin_lock(&rdsk_limbo.lock);
	list_splice_init(&rdsk_limbo.ripening, &ripe);
	spin_unlock(&rdsk_limbo.lock);

	list_for_each_entry_safe(page, next, &ripe, lru) {
		list_del(&page->lru);
		put_page(page);
		if (!(++freed % 1024))
			cond_resched();
	}

	spin_lock(&rdsk_limbo.lock);
	WRITE_ONCE(rdsk_limbo.count, rdsk_limbo.count - freed);
	more = rdsk_limbo_advance();
	rdsk_limbo.busy = more;
	spin_unlock(&rdsk_limbo.lock);
	if (more)
		queue_rcu_work(rdsk_limbo.queue, &rdsk_limbo.work);
}

/**
 * rdsk_limbo_add() - free pages after a grace period
 * @pages: linked by page->lru, unreachable for new readers; empty afterwards
 * @count: how many
 *
 * Does not sleep.
 */
void rdsk_limbo_add(struct list_head *pages, unsigned long count)
{
	bool start;

	if (list_empty(pages))
		return;
	spin_lock(&rdsk_limbo.lock);
	list_splice_tail_init(pages, &rdsk_limbo.waiting);
	/* rdsk_limbo_drain() looks without the lock */
	WRITE_ONCE(rdsk_limbo.count, rdsk_limbo.count + count);
	start = !rdsk_limbo.busy && rdsk_limbo_advance();
	if (start)
		rdsk_limbo.busy = true;
	spin_unlock(&rdsk_limbo.lock);
	if (start)
		queue_rcu_work(rdsk_limbo.queue, &rdsk_limbo.work);
}

/**
 * rdsk_limbo_drain() - wait until at least one batch has been freed
 *
 * Return: true when there was something to wait for.
 */
bool rdsk_limbo_drain(void)
{
	if (!READ_ONCE(rdsk_limbo.count))
		return false;
	flush_rcu_work(&rdsk_limbo.work);
	return true;
}

int rdsk_limbo_init(void)
{
	spin_lock_init(&rdsk_limbo.lock);
	INIT_LIST_HEAD(&rdsk_limbo.waiting);
	INIT_LIST_HEAD(&rdsk_limbo.ripening);
	INIT_RCU_WORK(&rdsk_limbo.work, rdsk_limbo_free);
	rdsk_limbo.queue = alloc_workqueue(RDSK_NAME,
					   WQ_UNBOUND | WQ_MEM_RECLAIM, 1);
	return rdsk_limbo.queue ? 0 : -ENOMEM;
}

/* Everything is freed when this returns; nothing may be added meanwhile */
void rdsk_limbo_exit(void)
{
	while (rdsk_limbo_drain())
		;
	rcu_barrier();
	destroy_workqueue(rdsk_limbo.queue);
}
