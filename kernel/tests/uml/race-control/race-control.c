// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright (C) 2026 The RapidDisk Manager authors
 *
 * Races on purpose, for as long as it is loaded: what KCSAN must report before
 * its silence about the other modules says anything.
 *
 * Two threads, one on each CPU, have a race of each kind that it is to find
 * there: a plain counter, and a message whose flag is set without a barrier. No
 * name here begins with kcsan_, since KCSAN leaves such functions out of a trace.
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>

static struct task_struct *race_control_task[2];
static unsigned long race_control_counter;
static unsigned long race_control_message;
static unsigned long race_control_flag;

static noinline void race_control_count(void)
{
	race_control_counter++;
}

/* Sends without the release that the other side's acquire asks for. */
static noinline void race_control_send(void)
{
	if (READ_ONCE(race_control_flag))
		return;
	race_control_message++;
	WRITE_ONCE(race_control_flag, 1);
}

static noinline void race_control_receive(void)
{
	/* Would pair with a release in race_control_send(), which lacks it. */
	if (!smp_load_acquire(&race_control_flag))
		return;
	race_control_message++;
	/* Would pair with an acquire in race_control_send(), which lacks it. */
	smp_store_release(&race_control_flag, 0);
}

static int race_control_run(void *which)
{
	while (!kthread_should_stop()) {
		race_control_count();
		if (which)
			race_control_send();
		else
			race_control_receive();
		cond_resched();
	}
	return 0;
}

static void race_control_stop(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(race_control_task); i++) {
		if (!IS_ERR_OR_NULL(race_control_task[i]))
			kthread_stop(race_control_task[i]);
	}
}

static int __init race_control_init(void)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(race_control_task); i++) {
		struct task_struct *task;

		task = kthread_create_on_cpu(race_control_run,
					     (void *)(long)i, i,
					     "race-control/%u");
		race_control_task[i] = task;
		if (IS_ERR(task)) {
			race_control_stop();
			return PTR_ERR(task);
		}
		wake_up_process(task);
	}
	return 0;
}

static void __exit race_control_exit(void)
{
	race_control_stop();
}

module_init(race_control_init);
module_exit(race_control_exit);
MODULE_DESCRIPTION("Races for KCSAN to find");
MODULE_LICENSE("GPL");
