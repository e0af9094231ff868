#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright (C) 2026 The RapidDisk Manager authors
#
# Every static check that needs no virtual machine. Runs all of them, then fails if one failed.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1

failed=()

check() {
    local name=$1
    shift
    printf '%-12s ' "$name"
    local started=$SECONDS
    if output=$("$@" 2>&1); then
        printf 'ok (%d s)\n' $((SECONDS - started))
    else
        printf 'FAILED\n%s\n' "$output"
        failed+=("$name")
    fi
}

shell_scripts() {
    git ls-files -z --cached --others --exclude-standard | xargs -0 grep -lIE '^#!.*\b(ba)?sh\b' --
}

# sources PATTERN...: files of the tree, those not yet added included, each ended by a NUL
sources() {
    local file
    git ls-files -z --cached --others --exclude-standard -- "$@" |
        while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done
}

spdx() {
    local missing
    # One awk for all of them: a process for each file took a minute.
    missing=$(sources '*.ts' '*.tsx' '*.mjs' '*.c' '*.h' '*.sh' '*.xml' '*.mk' '*.css' 'Makefile' | xargs -0 awk '
        FNR == 1 { files[FILENAME] }
        FNR <= 5 && /SPDX-License-Identifier/ { delete files[FILENAME] }
        END { for (file in files) print file }')
    [ -z "$missing" ] || {
        printf 'No SPDX line in:\n%s\n' "$missing"
        return 1
    }
}

long_files() {
    local found
    found=$(sources '*.ts' '*.tsx' '*.c' '*.h' '*.sh' ':!service/src/generated' | xargs -0 awk 'FNR == 501 { print FILENAME }')
    [ -z "$found" ] || {
        printf 'Over 500 lines, so to be split:\n%s\n' "$found"
        return 1
    }
}

# A mistake in a module may cost its own work, never the machine.
no_panic() {
    ! grep -nE '\b(BUG|BUG_ON|panic|VM_BUG_ON[A-Z_]*)[[:space:]]*\(' kernel/*.c kernel/*.h
}

check types npx tsc --noEmit
check page-types npx tsc --noEmit -p cockpit-plugin
check eslint npx eslint --max-warnings 0 .
check cycles npx depcruise --config tools/lint/cycles.mjs --output-type err service/src cockpit-plugin tools test bench
check format npx prettier --log-level warn --check .
mapfile -t scripts < <(shell_scripts)
check shellcheck shellcheck -x -P SCRIPTDIR "${scripts[@]}"
check xml xmllint --noout --nonet --nowarning dbus/*.xml polkit/*.policy
check appstream appstreamcli validate --no-net cockpit-plugin/*.metainfo.xml
check spdx spdx
check no-panic no_panic
check long-files long_files
check words tools/lint/words
check commits tools/lint/commits

[ ${#failed[@]} = 0 ] || {
    printf 'lint failed: %s\n' "${failed[*]}"
    exit 1
}
