# SPDX-License-Identifier: GPL-2.0-only
# Copyright (C) 2026 The RapidDisk Manager authors
# shellcheck shell=bash
#
# What KCSAN reported: which of it is about the modules, which is the rest of the kernel's. Sourced by ./run.

# Where the modules' locks, index and pages are met from several CPUs. What the others add is in one task.
# shellcheck disable=SC2034 # for run
kcsan_tests=(
    cache/races.sh cache/hits.sh cache/faults.sh cache/storm.sh ramdisk/commands.sh ramdisk/discard.sh
    uml/storm.sh uml/reload.sh uml/interrupts.sh
)

# kcsan_reports ours|others FILE: the reports in a console's log, one after another. Ours has a frame of the modules in one of
# its two traces.
kcsan_reports() {
    awk -v wanted="$1" '
        /begin of the tests/ { begun = 1 }
        begun && /BUG: KCSAN: / { report = ""; open = 1 }
        open && /^(\[[^]]*\] )?=====/ {
            print_report()
            open = 0
        }
        open { report = report $0 "\n" }
        END { if (open) print_report() }
        function print_report() {
            ours = report ~ /\[rapiddisk(_cache)?\]/
            if ((wanted == "ours") == ours) printf "%s\n", report
        }' "$2"
}

# kcsan_verdict FILE: prints every race of the modules once, with how often it was seen; 1 when there was one. What is the rest of
# the kernel's is only counted, and named.
kcsan_verdict() {
    local titles others
    titles=$(kcsan_reports ours "$1" | sed -n 's/.*BUG: KCSAN: //p' | sort | uniq -c | sort -rn)
    others=$(kcsan_reports others "$1" | sed -n 's/.*BUG: KCSAN: //p' | sort | uniq -c | sort -rn)
    printf '# KCSAN reported %d races of the rest of the kernel, %d different ones: not ours\n' \
        "$(awk '{ sum += $1 } END { print sum + 0 }' <<<"$others")" "$(grep -c . <<<"$others")"
    [ -n "$titles" ] || return 0
    # shellcheck disable=SC2001 # every line
    sed 's/^/# /' <<<"$titles"
    # Of each race the first report, whole.
    kcsan_reports ours "$1" | awk -v RS= '{ title = $0; sub(/\n.*/, "", title); sub(/.*BUG: KCSAN: /, "", title) } !seen[title]++ { print $0 "\n" }' |
        head -n 400 | sed 's/^/# /'
    return 1
}
