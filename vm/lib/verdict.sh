# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What a kernel must never say while we use it.

KERNEL_COMPLAINTS='WARNING:|BUG:|kernel BUG at|Oops|Kernel panic|general protection fault|Unable to handle kernel'
KERNEL_COMPLAINTS+='|INFO: task .* blocked|blocked for more than|possible (recursive locking|circular locking)|lockdep'
KERNEL_COMPLAINTS+='|suspicious RCU usage|inconsistent lock state|sleeping function called from invalid context'
KERNEL_COMPLAINTS+='|scheduling while atomic|rcu.*(detected|self-detected).* stall|soft lockup|hard LOCKUP|hung task'
KERNEL_COMPLAINTS+='|KASAN|KFENCE: .*(invalid|use-after-free|out-of-bounds|corruption)|BUG kmalloc|Object .*freed'
KERNEL_COMPLAINTS+='|Slab .*corrupt|list_(add|del) corruption|refcount_t:|UBSAN:|Bad page state|page allocation failure'
KERNEL_COMPLAINTS+='|Internal error: |double fault|unregister_netdevice: waiting|------------\[ cut here \]'

# kernel_complaints DIRECTORY: prints the lines in the logs there that no test run may cause; status 0 when there are any, or no
# log that could have them.
kernel_complaints() {
    local files=() name
    for name in console.log kernel.log dmesg.log; do
        [ -e "$1/$name" ] && files+=("$1/$name")
    done
    if [ "${#files[@]}" = 0 ]; then
        echo "there is no log of the kernel in $1"
        return 0
    fi
    # The same line in two logs is one complaint: the time stamps differ in form, so they are dropped.
    cat "${files[@]}" | tr -d '\r' | grep -a -E "$KERNEL_COMPLAINTS" |
        sed -E 's/^(<[0-9]+>)?\[ *[0-9.]+\]( [^ ]+ kernel:)? ?//' | awk '!seen[$0]++' | grep -a .
}
