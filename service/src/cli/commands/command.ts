// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BusRequest } from "../../client/index.js";
import { getProperties } from "../../client/index.js";
import type { Plain } from "../../client/json.js";
import type { OutputStyle } from "../output/table.js";
import { printable } from "../output/text.js";

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
export interface PlanReader {
    read<T>(request: BusRequest<T>): Promise<T>;
}

/** What a command has to say: `value` for --json, `text` for people. */
export interface Outcome {
    /** Or what asks for it, where the text needs no more than was answered already. */
    value: Plain | (() => Promise<Plain>);
    /** Something was not done, though the service answered: the program then ends with status 1. */
    failed?: boolean;
    /** @param before for a repeated command: the value shown last, and how many seconds ago that was */
    text(style: OutputStyle, before?: { value: Plain; seconds: number }): string;
}

/** A call that is made after the requests of a plan, in order to tell their outcome. */
export interface FollowUp {
    request: BusRequest;
    /** On which answer it depends whether or where it is sent; absent: it is always this call. */
    when?: string;
}

/** What a command does on the bus, and how its answer is shown. */
export interface Plan {
    /** Sent one after the other when they change something, together when they only read. */
    requests: readonly BusRequest[];
    /** Sentences about what was given that is unusual but no error; shown on standard error, not with --json. */
    advice?: readonly string[];
    /** Reads what the outcome is compared with, before anything is sent; not where the plan is only shown. */
    prepare?(): Promise<void>;
    /** What `prepare` sends, for --explain. */
    beforehand?: readonly BusRequest[];
    /** What `outcome` sends, for --explain. */
    followUps?: readonly FollowUp[];
    /** An object that is not there is no error: its answer is undefined when it was to be read, {@link GONE} when changed. */
    mayVanish?: boolean;
    /** That the object to be made is there already is no error: the answer is an {@link Existing}. */
    mayExist?: boolean;
    /** Makes the outcome of the answers, in the order of the requests. */
    outcome(answers: readonly unknown[], reader: PlanReader): Outcome | Promise<Outcome>;
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
    plan(input: Input, reader: PlanReader): Plan | Promise<Plan>;
    /** Seconds after which the plan is made and shown again; undefined: shown once. @throws UsageError */
    repeat?(input: Input): { seconds: number; times: number } | undefined;
}

/** The answer for an object that was not there to be changed. */
export const GONE = Symbol("gone");

/** The answer for an object that was there already. */
export class Existing {
    /** @param message the service's sentence, which names it */
    constructor(readonly message: string) {}
}

/** The option with which an object that exists already is not an error. */
export const IF_NOT_EXISTS: Option = {
    doc: "Succeed and change nothing when it is there already, whatever its properties; otherwise the status is 8.",
};

/** The option with which a missing object is not an error. */
export const IF_EXISTS: Option = {
    doc: "Succeed when there is no such object, and go on with the others; otherwise the status is 3.",
};

/** Makes a plan of one request that makes an object. @param lenient the value of {@link IF_NOT_EXISTS} */
export function creating<T>(
    request: BusRequest<T>,
    lenient: string | undefined,
    outcome: (answer: T, reader: PlanReader) => Outcome | Promise<Outcome>,
): Plan {
    return {
        requests: [request],
        mayExist: lenient !== undefined,
        outcome: ([answer], reader) =>
            answer instanceof Existing
                ? {
                      value: { created: false, message: answer.message },
                      text: () => `${printable(answer.message)} Nothing was done.\n`,
                  }
                : outcome(answer as T, reader),
    };
}

/** Stands in a follow-up for the object path that a request answers. */
export const ANSWERED = "PATH";
/** Says so. */
export const IS_ANSWERED = `${ANSWERED} is what that answers`;

/** Makes the follow-up that reads the properties of the object that was made. */
export function readMade(interfaceName: Parameters<typeof getProperties>[0], when = IS_ANSWERED): FollowUp {
    return { request: getProperties(interfaceName, ANSWERED), when };
}

/** Makes a plan of one request; the types of request and answer go together. */
export function single<T>(
    request: BusRequest<T>,
    outcome: (answer: T, reader: PlanReader) => Outcome | Promise<Outcome>,
): Plan {
    return { requests: [request], outcome: ([answer], reader) => outcome(answer as T, reader) };
}

/**
 * A plan of one request for each of several objects, none of which answers anything but "done".
 * @param lenient the value of {@link IF_EXISTS}, for commands that have it
 */
export function forEach(
    names: readonly string[],
    requests: readonly BusRequest[],
    sentence: (name: string) => string,
    lenient?: string,
): Plan {
    return {
        requests,
        mayVanish: lenient !== undefined,
        outcome: (answers) => {
            const isThere = (_: string, index: number): boolean => answers[index] !== GONE;
            return {
                value: names.filter(isThere),
                text: () =>
                    names
                        .map((name, at) =>
                            isThere(name, at) ? sentence(name) : `There is no ${name}: nothing was done.`,
                        )
                        .map((line) => `${line}\n`)
                        .join(""),
            };
        },
    };
}
