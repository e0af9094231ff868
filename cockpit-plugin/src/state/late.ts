// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useSyncExternalStore } from "react";
import type { Explanation } from "../bus/errors.js";

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
