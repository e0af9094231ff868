// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Request } from "../../client/index.js";
import type { Plain } from "../output/json.js";
import type { Paper } from "../output/table.js";

/** What shell completion may offer for a word. */
export type Completion = "volumes" | "caches" | "ports" | "exports" | "jobs" | "names" | "files" | readonly string[];

/** A word that a command takes. */
export interface Operand {
    /** As shown in the help, for example SIZE. */
    name: string;
    doc: string;
    completes?: Completion;
    optional?: boolean;
    /** Takes all words that are left; only for the last operand. */
    many?: boolean;
}

/** An option of a command. */
export interface Option {
    doc: string;
    /** What its value is called, for example NUMBER; absent for a switch. */
    value?: string;
    /** The value may be left out; a word after it counts as the value when it matches. */
    optionalValue?: RegExp;
    completes?: Completion;
}

/** The words and options that a person gave, checked against the command's table. */
export interface Input {
    operands: readonly string[];
    /** By long name; "" for a switch and for an optional value that was left out. */
    options: Readonly<Record<string, string | undefined>>;
}

/** Sends reading requests while a plan is made. */
export interface Reader {
    read<T>(request: Request<T>): Promise<T>;
}

/** What a command has to say: `value` for --json, `text` for people. */
export interface Outcome {
    value: Plain;
    /** Something was not done, though the service answered: the program then ends with status 1. */
    failed?: boolean;
    /** @param before for a repeated command: the value shown last, and how many seconds ago that was */
    text(paper: Paper, before?: { value: Plain; seconds: number }): string;
}

/** What a command does on the bus, and how its answer is shown. */
export interface Plan {
    /** Sent one after the other when they change something, together when they only read. */
    requests: readonly Request[];
    /** Reads what the outcome is compared with, before anything is sent; not where the plan is only shown. */
    prepare?(): Promise<void>;
    /** An object that has gone since the plan was made is no error: its answer is undefined. */
    mayVanish?: boolean;
    /** Makes the outcome of the answers, in the order of the requests. */
    outcome(answers: readonly unknown[], reader: Reader): Outcome | Promise<Outcome>;
}

/** One command: its table for parsing, help, completion and the manual page, and its plan. */
export interface Command {
    /** Its words, for example volume create. */
    words: readonly string[];
    summary: string;
    /** More to say, in sentences. */
    details?: string;
    operands: readonly Operand[];
    options: Readonly<Record<string, Option>>;
    examples?: readonly string[];
    /** Not for people: left out of help, manual page and completion. */
    hidden?: boolean;
    /** Makes the plan. @throws UsageError when a word cannot be understood */
    plan(input: Input, reader: Reader): Plan | Promise<Plan>;
    /** Seconds after which the plan is made and shown again; undefined: shown once. @throws UsageError */
    repeat?(input: Input): { seconds: number; times: number } | undefined;
}

/** A plan of one request; the types of request and answer go together. */
export function single<T>(
    request: Request<T>,
    outcome: (answer: T, reader: Reader) => Outcome | Promise<Outcome>,
): Plan {
    return { requests: [request], outcome: ([answer], reader) => outcome(answer as T, reader) };
}

/** A plan of one request for each of several objects, none of which answers anything but "done". */
export function forEach(
    names: readonly string[],
    requests: readonly Request[],
    sentence: (name: string) => string,
): Plan {
    return {
        requests,
        outcome: () => ({ value: [...names], text: () => names.map((name) => `${sentence(name)}\n`).join("") }),
    };
}
