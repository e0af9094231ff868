// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { getopt } from "./getopt.js";

/** Letters that choose what is done; the last one on the command line wins. */
export type ActionLetter =
    | "a"
    | "d"
    | "e"
    | "f"
    | "h"
    | "i"
    | "L"
    | "l"
    | "m"
    | "N"
    | "n"
    | "q"
    | "R"
    | "r"
    | "s"
    | "U"
    | "u"
    | "V"
    | "v"
    | "X"
    | "x";

/** The question mark with an argument, which never does anything, is rapiddisk 9's too. */
const SHAPE = "?:a:b:c:d:ef:gH:hi:jL:lm:NnP:p:qRr:s:t:U:u:VvXx";
const ACTIONS = "adefiLlmNnqRrsUuXx";
const ENDS = "?hVv";

/** A command line in the notation of rapiddisk 7 to 9. */
export interface UpstreamInvocation {
    /** What to do; V also stands for "nothing was asked for". */
    action: ActionLetter;
    /** Argument of the action, when it has one. */
    name: string;
    /** -a and -c write to one place: the later one wins. */
    size?: string;
    /** -b */
    device?: string;
    /** -p */
    policy?: string;
    /** -P: number of an NVMe port. */
    port?: string;
    /** -H: NQN of a host. */
    host?: string;
    /** -t */
    transport?: string;
    json: boolean;
    banner: boolean;
    /** What getopt complained of; the action is then V. */
    complaint?: string;
}

/** Whether a command line is in the old notation: nothing at all, or an option of one letter in front, for it had no other. */
export function isUpstreamNotation(words: readonly string[]): boolean {
    const first = words[0];
    return first === undefined || first === "--" || (first.startsWith("-") && !first.startsWith("--"));
}

/**
 * Reads a command line in the old notation. Help and version end it where they stand, with a banner whatever stood before;
 * otherwise the last action counts. Never throws: what is wrong is for the action to say.
 */
export function readInvocation(words: readonly string[]): UpstreamInvocation {
    const { options, complaint } = getopt(words, SHAPE);
    const invocation: UpstreamInvocation = { action: "V", name: "", json: false, banner: true };
    for (const { letter, argument } of options) {
        if (ENDS.includes(letter)) {
            return {
                ...invocation,
                action: letter === "h" || letter === "v" ? letter : "V",
                json: false,
                banner: true,
            };
        }
        if (ACTIONS.includes(letter)) {
            invocation.action = letter as ActionLetter;
            invocation.name = argument ?? "";
        }
        switch (letter) {
            case "a":
            case "c":
                invocation.size = argument!;
                break;
            case "b":
                invocation.device = argument!;
                break;
            case "p":
                invocation.policy = argument!;
                break;
            case "P":
                invocation.port = argument!;
                break;
            case "H":
                invocation.host = argument!;
                break;
            case "t":
                invocation.transport = argument!;
                break;
            case "j":
                invocation.json = true;
                invocation.banner = false;
                break;
            case "g":
                invocation.banner = false;
                break;
        }
    }
    if (complaint !== undefined) {
        return { ...invocation, action: "V", banner: true, complaint };
    }
    return invocation.action === "V" ? { ...invocation, banner: true } : invocation;
}
