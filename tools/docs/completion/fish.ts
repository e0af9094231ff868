// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Command, Completion, Option } from "../../../service/src/cli/commands/command.js";
import { COMMON_OPTIONS, GROUPS } from "../../../service/src/cli/commands/index.js";
import { HEADER, HELP_SUMMARY } from "./common.js";

/** Completion for fish. */
export function fishCompletion(commands: readonly Command[]): string {
    const lines: string[] = [];
    for (const [group, about] of Object.entries(GROUPS)) {
        lines.push(entry("__rapiddisk_at", ["-a", group, "-d", quote(about)]));
    }
    for (const command of commands) {
        const [group, member] = command.words as [string, string | undefined];
        const at = member === undefined ? "__rapiddisk_at" : `__rapiddisk_at ${group}`;
        lines.push(entry(at, ["-a", member ?? group, "-d", quote(command.summary)]));
        const inside = `__rapiddisk_in ${command.words.join(" ")}`;
        const kinds = [...new Set(command.operands.map(({ completes }) => completes))];
        lines.push(...kinds.filter((kind) => kind !== undefined).map((kind) => entry(inside, offer(kind))));
        lines.push(...Object.entries(command.options).map((option) => entry(inside, optionWords(option))));
    }
    lines.push(entry("test (count (commandline -opc)) -eq 1", ["-a", "help", "-d", quote(HELP_SUMMARY)]));
    lines.push(...Object.entries(COMMON_OPTIONS).map((option) => entry("true", optionWords(option))));
    return `${HEADER}
# Whether exactly these words were typed, options and a first word "help" left out.
function __rapiddisk_at
    set -l words (commandline -opc)[2..]
    set words (string match -v -- '-*' $words)
    if test "$words[1]" = help
        set -e words[1]
    end
    test "$words" = "$argv"
end

# Whether these words were typed first, options left out.
function __rapiddisk_in
    set -l words (commandline -opc)[2..]
    set words (string match -v -- '-*' $words)
    test (count $words) -ge (count $argv); and test "$words[1..$(count $argv)]" = "$argv"
end

complete -c rapiddisk -f
${lines.join("\n")}
`;
}

function entry(condition: string, words: readonly string[]): string {
    return `complete -c rapiddisk -n ${quote(condition)} ${words.join(" ")}`;
}

function optionWords([name, { doc, value, optionalValue, completes }]: [string, Option]): string[] {
    const takes =
        value !== undefined && !optionalValue ? (completes === undefined ? ["-x"] : offer(completes, "-r")) : [];
    return ["-l", name, ...takes, "-d", quote(doc)];
}

function offer(completes: Completion, required?: string): string[] {
    const flags = required === undefined ? [] : [required];
    if (typeof completes !== "string") {
        return [...flags, "-a", quote(completes.join(" "))];
    }
    return completes === "files"
        ? [...flags, "-F"]
        : [...flags, "-a", quote(`(rapiddisk __complete ${completes} 2>/dev/null)`)];
}

function quote(text: string): string {
    return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
