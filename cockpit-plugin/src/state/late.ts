// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useSyncExternalStore } from "react";
import type { Explanation } from "../bus/errors.js";
import type { Job } from "./objects.js";

/** A change that failed after the person had closed its dialog. */
export interface Late {
    readonly key: string;
    /** What the dialog was called. */
    readonly title: string;
    readonly failure: Explanation;
}

let late: readonly Late[] = [];
let count = 0;
const listeners = new Set<() => void>();

function put(next: readonly Late[]): void {
    late = next;
    for (const listener of listeners) listener();
}

/** Tells of a failure that no dialog is there to show any more. */
export function tellLate(title: string, failure: Explanation): void {
    put([...late, { key: `late-${++count}`, title, failure }].slice(-5));
}

/** Forgets a failure that was read. */
export function dismissLate(key: string): void {
    put(late.filter((one) => one.key !== key));
}

function subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
}

/** Failures that nobody has dismissed yet, the oldest first. */
export function useLate(): readonly Late[] {
    return useSyncExternalStore(subscribe, () => late);
}

let done = "";
let times = 0;

/** Says that a change was made, for those who do not see that. @param title what its dialog was called */
export function sayDone(title: string): void {
    done = title;
    times++;
    for (const listener of listeners) listener();
}

/** What was done last, and how many times something was; empty at first. */
export function useDone(): { readonly title: string; readonly times: number } {
    return { title: useSyncExternalStore(subscribe, () => done), times: useSyncExternalStore(subscribe, () => times) };
}

/** Objects of the changes that dialogs of this page wait for; undefined for one that makes an object. */
const own: (string | undefined)[] = [];

/**
 * Notes that a dialog waits for a change, and so tells of its failure itself, open or closed.
 * @param subject path of the object
 * @returns a function that says that the answer is there
 */
export function beginOwn(subject: string | undefined): () => void {
    own.push(subject);
    return () => void own.splice(own.indexOf(subject), 1);
}

/** Whether a job is of a change that a dialog of this page waits for. To be asked while the job runs. */
export function isOwn({ Objects, Operation }: Pick<Job, "Objects" | "Operation">): boolean {
    return own.some((path) => (path === undefined ? Operation.endsWith("-create") : Objects.includes(path)));
}
