// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Command, Completion } from "../../../service/src/cli/commands/command.js";
import { COMMON_OPTIONS, GROUPS } from "../../../service/src/cli/commands/index.js";
import { commandWords, HEADER, OLD_OPTIONS, optionsOf, valueOptions } from "./common.js";

/** Completion for bash; needs nothing of the bash-completion package. */
export function bashCompletion(commands: readonly Command[]): string {
    const groupNames = Object.keys(GROUPS).join("|");
    const options = Object.keys(COMMON_OPTIONS)
        .map((name) => `--${name}`)
        .join(" ");
    const groups = Object.keys(GROUPS).map((group) => {
        const members = commands.filter(({ words }) => words.length === 2 && words[0] === group);
        const offered = members.map(({ words }) => words[1]).join(" ");
        return `        ${group}) offer='${offered}' options='${options}' ;;\n`;
    });
    const cases = commands.map((command) => {
        const operands = command.operands.map(({ completes, many }, index) => {
            const pattern = many ? `${index}*|[1-9]*` : String(index);
            return completes === undefined ? "" : `                ${pattern}) ${offer(completes)} ;;\n`;
        });
        const filled = operands.join("");
        const body = filled === "" ? "" : `            case $count in\n${filled}            esac\n`;
        return (
            `        '${command.words.join(" ")}')\n` +
            `            options='${optionsOf(command).join(" ")}'\n${body}            ;;\n`
        );
    });
    const values = valueOptions(commands).map(
        ([name, completes]) => `        --${name}) value=1; ${completes === undefined ? ":" : offer(completes)} ;;\n`,
    );
    const old = OLD_OPTIONS.map(([letters, completes]) => {
        const pattern = [...letters].map((letter) => `-${letter}`).join("|");
        return `        ${pattern}) value=1; ${offer(completes)} ;;\n`;
    });
    return `${HEADER}
_rapiddisk() {
    local index word command='' about='' count=0 value='' skip='' kind='' offer='' options='' files=''
    # A colon is a word of its own for bash, and an NQN has some: what stands together in the line is one word.
    local line=$COMP_LINE blank=1
    local -a words=()
    for ((index = 0; index <= COMP_CWORD; index++)); do
        word=\${COMP_WORDS[index]}
        if [[ -z $blank && ( $word == :* || \${words[-1]} == *: ) ]]; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        line=\${line#"$word"} blank=''
        if [[ $line == [[:space:]]* ]]; then
            blank=1 line=\${line#"\${line%%[![:space:]]*}"}
        fi
    done
    local last=$((\${#words[@]} - 1))
    local current=\${words[last]} previous=''
    if ((last > 0)); then previous=\${words[last-1]}; fi
    COMPREPLY=()
    for ((index = 1; index < last; index++)); do
        word=\${words[index]}
        if [[ -n $skip ]]; then skip=''; continue; fi
        case $word in
            ${valueOptions(commands)
                .map(([name]) => `--${name}`)
                .join("|")}) skip=1 ;;
            -*) ;;
            *)
                case $command in
                    '') if [[ $word == help ]]; then about=1; else command=$word; fi ;;
                    ${groupNames}) command+=" $word" ;;
                    *) count=$((count + 1)) ;;
                esac ;;
        esac
    done
    case $previous in
${values.join("")}${old.join("")}    esac
    if [[ -z $value ]]; then
        case $command in
        '') offer='${commandWords(commands).join(" ")}' options='${options} --version' ;;
${groups.join("")}${cases.join("")}        esac
        if [[ -n $about ]]; then
            # Of a command that is to be explained there is nothing more to say.
            case $command in
            '') offer=\${offer/% help/} ;;
            ${groupNames}) ;;
            *) offer='' kind='' files='' ;;
            esac
        elif [[ $current == -* ]]; then
            offer=$options kind='' files=''
        fi
    fi
    if [[ -n $kind ]]; then
        offer=$(rapiddisk __complete "$kind" 2>/dev/null)
    fi
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$offer" -- "$current")
    fi
    # What bash puts in replaces only what follows the last colon.
    if [[ $current == *:* && $COMP_WORDBREAKS == *:* ]]; then
        COMPREPLY=("\${COMPREPLY[@]#"\${current%"\${current##*:}"}"}")
    fi
}
complete -F _rapiddisk rapiddisk
`;
}

function offer(completes: Completion): string {
    if (typeof completes !== "string") {
        return `offer='${completes.join(" ")}'`;
    }
    return completes === "files" ? "files=1" : `kind=${completes}`;
}
