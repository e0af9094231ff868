# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What the sanitizer kernel may say that a stock kernel cannot. Added to vm/lib/verdict.sh.

# shellcheck disable=SC2034 # for machine.sh
UML_COMPLAINTS='ODEBUG:|INFO: trying to register|MAX_LOCK|MAX_STACK_TRACE|turning off the locking correctness'
UML_COMPLAINTS+='|kmemleak: .*([Mm]emory pool empty|disabled)|possible (irq lock inversion|unsafe locking)'
UML_COMPLAINTS+='|INFO: (SOFTIRQ|HARDIRQ|RECLAIM_FS)|held lock freed|bad unlock balance|still held|nested lock'
UML_COMPLAINTS+='|rcu_read_(un)?lock|Voluntary context switch within RCU|workqueue: .* lockup|percpu ref .* <= 0'
