// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Command, Completion, Option } from "../../../service/src/cli/commands/command.js";
import { COMMON_OPTIONS, GROUPS } from "../../../service/src/cli/commands/index.js";
import { HEADER, HELP_SUMMARY } from "./common.js";

/** Completion for zsh. */
export function zshCompletion(commands: readonly Command[]): string {
    const singles = commands.filter(({ words }) => words.length === 1);
    const first = [
        ...Object.entries(GROUPS).map(([group, about]) => description(group, about)),
        ...singles.map(({ words, summary }) => description(words[0]!, summary)),
    ];
    const help = description("help", HELP_SUMMARY);
    const groups = Object.keys(GROUPS).map((group) => {
        const members = commands.filter(({ words }) => words.length === 2 && words[0] === group);
        const described = members.map(({ words, summary }) => `            ${description(words[1]!, summary)}\n`);
        const cases = members.map((command) => `                ${command.words[1]}) ${specification(command)} ;;\n`);
        return (
            `        ${group})\n` +
            `            if (( CURRENT == 2 )); then\n` +
            `                local -a members=(\n${described.map((line) => `        ${line}`).join("")}                )\n` +
            `                _describe -t commands 'command' members\n` +
            `                return\n            fi\n` +
            `            [[ -z $about ]] || return\n` +
            `            local member=$words[2]\n            shift words; (( CURRENT-- ))\n` +
            `            case $member in\n${cases.join("")}            esac ;;\n`
        );
    });
    const others = singles.map(
        (command) => `        ${command.words[0]}) [[ -n $about ]] || ${specification(command)} ;;\n`,
    );
    return `#compdef rapiddisk
${HEADER}
_rapiddisk_names() {
    local -a names=(\${(f)"$(rapiddisk __complete $1 2>/dev/null)"})
    compadd -a names
}

_rapiddisk() {
    local about=''
    if (( CURRENT > 2 )) && [[ $words[2] == help ]]; then
        # The words that follow name what is to be explained, and nothing follows them.
        about=1; words[2]=(); (( CURRENT-- ))
    fi
    if (( CURRENT == 2 )); then
        local -a first=(
${first.map((line) => `            ${line}\n`).join("")}        )
        [[ -n $about ]] || first+=(${help})
        _describe -t commands 'command' first
        return
    fi
    local command=$words[2]
    shift words; (( CURRENT-- ))
    case $command in
${groups.join("")}${others.join("")}    esac
}

_rapiddisk "$@"
`;
}

/** One _arguments call for a command. */
function specification(command: Command): string {
    const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(optionSpecification);
    const operands = command.operands.map(({ name, completes, many, optional }, index) => {
        const place = many ? "*" : `${index + 1}${optional ? ":" : ""}`;
        return quote(`${place}:${colonFree(name)}:${action(completes)}`);
    });
    return `_arguments ${[...options, ...operands].join(" ")}`;
}

function optionSpecification([name, { doc, value, optionalValue, completes }]: [string, Option]): string {
    const argument = value === undefined ? "" : `${optionalValue ? "::" : ":"}${colonFree(value)}:${action(completes)}`;
    return quote(`--${name}[${doc.replace(/[[\]\\]/g, "\\$&")}]${argument}`);
}

function action(completes: Completion | undefined): string {
    if (completes === undefined) {
        return " ";
    }
    if (typeof completes !== "string") {
        return `(${completes.join(" ")})`;
    }
    // Without the blank, _arguments would put options of compadd before the kind.
    return completes === "files" ? "_files" : ` _rapiddisk_names ${completes}`;
}

function description(word: string, text: string): string {
    return quote(`${word}:${text}`);
}

function colonFree(text: string): string {
    return text.replaceAll(":", "\\:");
}

function quote(text: string): string {
    return `'${text.replaceAll("'", "'\\''")}'`;
}
