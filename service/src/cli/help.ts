// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Command } from "./commands/command.js";
import { COMMANDS, COMMON_OPTIONS, GROUPS } from "./commands/index.js";
import { usageOf } from "./parse.js";
import { UsageError } from "./units.js";

const WIDTH = 80;

/**
 * Help as text.
 * @param about words of a command or a group; nothing: an overview
 * @throws UsageError when there is no such command
 */
export function helpText(about: readonly string[], version: string): string {
    if (about.length === 0) {
        return overview(version);
    }
    const command = COMMANDS.find((one) => one.words.join(" ") === about.join(" "));
    if (command) {
        return commandHelp(command);
    }
    const group = about.length === 1 && Object.hasOwn(GROUPS, about[0]!) ? about[0]! : undefined;
    if (group === undefined) {
        throw new UsageError(`There is no command "${about.join(" ")}"; see rapiddisk --help.`);
    }
    return `rapiddisk ${group}: ${GROUPS[group]}\n\n${summaries(group)}\n`;
}

function overview(version: string): string {
    const groups = Object.entries(GROUPS).map(([group, about]) => `${capital(about)}:\n${summaries(group)}\n`);
    const others = COMMANDS.filter((command) => command.words.length === 1 && !command.hidden).map(summaryPair);
    return (
        `rapiddisk ${version}: RAM disks and RAM caches\n\n` +
        `Usage: rapiddisk COMMAND [WORDS] [OPTIONS]\n\n` +
        `General:\n${pairs(others)}\n${groups.join("\n")}\n` +
        `Options of every command:\n${optionPairs(COMMON_OPTIONS)}\n` +
        wrap(
            "rapiddisk help COMMAND tells more of one command. The short options of rapiddisk 7 to 9 " +
                "(rapiddisk -a 64, rapiddisk -l -j, ...) work as they did: see rapiddisk -h as root.",
            0,
        )
    );
}

function commandHelp(command: Command): string {
    const operands = command.operands.map(({ name, doc }): [string, string] => [name, doc]);
    const parts = [`Usage: ${usageOf(command)}\n`, wrap([command.summary, command.details ?? ""].join(" ").trim(), 0)];
    if (operands.length > 0) {
        parts.push(pairs(operands));
    }
    parts.push(`Options:\n${optionPairs({ ...command.options, ...COMMON_OPTIONS })}`);
    if (command.examples) {
        parts.push(`Examples:\n${command.examples.map((example) => `  ${example}\n`).join("")}`);
    }
    return parts.join("\n");
}

function summaries(group: string): string {
    return pairs(COMMANDS.filter((command) => command.words[0] === group).map(summaryPair));
}

function summaryPair(command: Command): [string, string] {
    return [command.words.join(" "), command.summary];
}

function optionPairs(options: Command["options"]): string {
    return pairs(
        Object.entries(options).map(([name, { value, optionalValue, doc }]): [string, string] => [
            value === undefined ? `--${name}` : optionalValue ? `--${name} [${value}]` : `--${name} ${value}`,
            doc,
        ]),
    );
}

/** Writes two columns: names, and texts wrapped beside them. */
function pairs(items: readonly (readonly [string, string])[]): string {
    const column = Math.min(24, Math.max(...items.map(([name]) => name.length))) + 4;
    return items
        .map(([name, text]) => {
            const body = wrap(text, column);
            const head = `  ${name}`;
            return head.length + 2 > column ? `${head}\n${body}` : head.padEnd(column) + body.slice(column);
        })
        .join("");
}

/** Breaks a text into lines of at most {@link WIDTH} columns, each indented. */
function wrap(text: string, indent: number): string {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
        if (line !== "" && indent + line.length + 1 + word.length > WIDTH) {
            lines.push(line);
            line = word;
        } else {
            line = line === "" ? word : `${line} ${word}`;
        }
    }
    return [...lines, line].map((one) => `${" ".repeat(indent)}${one}\n`).join("");
}

function capital(text: string): string {
    return text[0]!.toUpperCase() + text.slice(1);
}
