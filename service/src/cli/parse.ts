// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { parseArgs } from "node:util";
import type { Command, Input, Option } from "./commands/command.js";
import { COMMANDS, COMMON_OPTIONS, GROUP_DEFAULT, GROUPS, LEADING_OPTIONS } from "./commands/index.js";
import { suggest } from "./suggest.js";
import { UsageError } from "./units.js";

/** What a command line asks for. */
export type Invocation =
    | { kind: "version" }
    | { kind: "help"; about: readonly string[] }
    | { kind: "command"; command: Command; input: Input; json: boolean; explain: boolean; ask: boolean };

/**
 * Reads a command line in words.
 * @param line the command line without the program name
 * @throws UsageError saying what is wrong and what would be right
 */
export function parseCommandLine(line: readonly string[]): Invocation {
    let start = 0;
    while (start < line.length && line[start]!.startsWith("-")) {
        if (!LEADING_OPTIONS.includes(line[start]!)) {
            throw wrongLeadingOption(line[start]!);
        }
        start++;
    }
    const leading = line.slice(0, start);
    if (leading.includes("--version")) {
        return { kind: "version" };
    }
    const words = line.slice(start);
    if (words[0] === "help") {
        return { kind: "help", about: words.slice(1) };
    }
    if (words.length === 0) {
        if (leading.includes("--help")) {
            return { kind: "help", about: [] };
        }
        throw new UsageError("A command is missing; see rapiddisk --help.");
    }
    const { command, named, rest } = findCommand(words);
    const input = parseInput(command, [...leading, ...rest]);
    const { options } = input;
    if (options.help !== undefined) {
        return { kind: "help", about: named };
    }
    checkOperands(command, input.operands);
    return {
        kind: "command",
        command,
        input,
        json: options.json !== undefined,
        explain: options.explain !== undefined,
        ask: options["no-ask-password"] === undefined,
    };
}

/** Writes in one line how a command is called. */
export function usageOf(command: Command): string {
    const operands = command.operands.map(({ name, optional, many }) => {
        const shown = many ? `${name}...` : name;
        return optional ? `[${shown}]` : shown;
    });
    const options = Object.entries(command.options).map(([name, { value, optionalValue }]) =>
        value === undefined ? `[--${name}]` : optionalValue ? `[--${name} [${value}]]` : `[--${name} ${value}]`,
    );
    return ["rapiddisk", ...command.words, ...operands, ...options].join(" ");
}

/** Finds the command of a line. @returns with the words that name it or its group, and those after them */
function findCommand(words: readonly string[]): {
    command: Command;
    named: readonly string[];
    rest: readonly string[];
} {
    const [first, second] = words as [string, string | undefined];
    const single = COMMANDS.find((command) => command.words.length === 1 && command.words[0] === first);
    if (single) {
        return { command: single, named: [first], rest: words.slice(1) };
    }
    if (!Object.hasOwn(GROUPS, first)) {
        const known = [
            ...new Set(COMMANDS.filter((command) => !command.hidden).map((command) => command.words[0]!)),
            "help",
        ];
        throw unknownWord(`"${first}" is not a command`, suggest(first, known), "rapiddisk --help");
    }
    const members = COMMANDS.filter((command) => command.words[0] === first);
    const wanted = second === undefined || second.startsWith("-") ? GROUP_DEFAULT : second;
    const command = members.find((member) => member.words[1] === wanted);
    if (!command) {
        const near = suggest(
            wanted,
            members.map((member) => member.words[1]!),
        );
        throw unknownWord(
            `"${wanted}" is not a command about ${first}`,
            near && `${first} ${near}`,
            `rapiddisk help ${first}`,
        );
    }
    const count = wanted === second ? 2 : 1;
    return { command, named: words.slice(0, count), rest: words.slice(count) };
}

/** An option of some command is in the wrong place; what no command has is a slip. */
function wrongLeadingOption(word: string): UsageError {
    const name = word.split("=", 1)[0]!;
    if (LEADING_OPTIONS.includes(name)) {
        return new UsageError(`${name} takes no value.`);
    }
    if (COMMANDS.some(({ options }) => Object.hasOwn(options, name.replace(/^--/, "")))) {
        return new UsageError(`Options of a command follow it: rapiddisk COMMAND ${word} ...`);
    }
    return unknownWord(`${name} is not an option of rapiddisk`, suggest(name, LEADING_OPTIONS), "rapiddisk --help");
}

function unknownWord(complaint: string, near: string | undefined, help: string): UsageError {
    return new UsageError(near ? `${complaint}; did you mean "${near}"?` : `${complaint}; see ${help}.`);
}

/** Splits what follows the command into operands and options. */
function parseInput(command: Command, words: readonly string[]): Input {
    const known: Record<string, Option> = { ...command.options, ...COMMON_OPTIONS };
    const { tokens } = parseArgs({
        args: [...words],
        strict: false,
        tokens: true,
        options: Object.fromEntries(
            Object.entries(known).map(([name, option]) => [
                name,
                {
                    type: option.value !== undefined && !option.optionalValue ? "string" : "boolean",
                    ...(name === "help" ? { short: "h" } : {}),
                },
            ]),
        ),
    });
    const operands: string[] = [];
    const options: Record<string, string> = {};
    let waiting: { name: string; pattern: RegExp } | undefined;
    for (const token of tokens) {
        if (token.kind === "positional") {
            if (waiting?.pattern.test(token.value)) {
                options[waiting.name] = token.value;
            } else {
                operands.push(token.value);
            }
            waiting = undefined;
        } else if (token.kind === "option") {
            const option = Object.hasOwn(known, token.name) ? known[token.name] : undefined;
            if (!option) {
                const near = suggest(token.name, Object.keys(known));
                throw unknownWord(
                    `${token.rawName} is not an option of rapiddisk ${command.words.join(" ")}`,
                    near && `--${near}`,
                    `rapiddisk help ${command.words.join(" ")}`,
                );
            }
            options[token.name] = optionValue(token.name, option, token.value, token.inlineValue === true);
            waiting =
                option.optionalValue && token.value === undefined
                    ? { name: token.name, pattern: option.optionalValue }
                    : undefined;
        }
    }
    return { operands, options };
}

function optionValue(name: string, option: Option, value: string | undefined, inline: boolean): string {
    if (option.value === undefined) {
        if (value !== undefined) {
            throw new UsageError(`--${name} takes no value.`);
        }
        return "";
    }
    if (option.optionalValue) {
        return value ?? "";
    }
    if (value === undefined || (!inline && value.startsWith("--"))) {
        throw new UsageError(`--${name} needs a value: --${name} ${option.value}.`);
    }
    return value;
}

function checkOperands(command: Command, given: readonly string[]): void {
    const wanted = command.operands;
    const missing = wanted.find((operand, index) => !operand.optional && given[index] === undefined);
    if (missing) {
        throw new UsageError(`${missing.name} is missing: ${usageOf(command)}`);
    }
    if (given.length > wanted.length && !wanted.at(-1)?.many) {
        throw new UsageError(`"${given[wanted.length]}" is one word too many: ${usageOf(command)}`);
    }
}
