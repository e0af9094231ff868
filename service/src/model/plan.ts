// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { errnoOf, ModelError } from "./errors.js";
import { KernelError } from "../kernel/port.js";
import type { Notes } from "./notes.js";
import type { Intent } from "./storage.js";

/** One step of a plan. Each either happens whole or throws. */
export interface Step {
    name: string;
    run(): Promise<void>;
    /** Takes the step back, on the failure of a later one. Absent where nothing needs taking back. */
    undo?(): Promise<void>;
}

/**
 * Runs steps in order; when one fails, undoes those that were done, last first, and throws what failed. An undo that
 * fails itself is added to the message, for then the state is not what it was; its note stays, to be settled later.
 * @param intent what is done; older notes of the same object end when this is done
 * @param written whether it is written down first: a plan of one kernel step needs no note
 */
export async function runPlan(steps: readonly Step[], notes: Notes, intent: Intent, written = true): Promise<void> {
    const note = written ? await notes.begin(intent) : undefined;
    const done: Step[] = [];
    let begun: Step | undefined;
    try {
        for (const step of steps) {
            await note?.step(step.name);
            begun = step;
            await step.run();
            begun = undefined;
            done.push(step);
        }
    } catch (error) {
        const left = begun !== undefined && errnoOf(error) === "ETIMEDOUT" ? await takeBackIfThere(begun) : [];
        left.push(...(await undoAll(done)));
        if (left.length === 0) {
            await note?.takenBack();
            throw error;
        }
        await note?.failed(left.join("; "));
        throw withLeftovers(error, left);
    }
    await (note === undefined ? notes.supersede(intent.object) : note.done());
}

/**
 * Undoes a step that ran into its time limit, which may have happened or not: its undo finds something or nothing.
 * @returns what could not be undone
 */
async function takeBackIfThere(step: Step): Promise<string[]> {
    const nothing = (error: unknown): boolean =>
        ["ENOENT", "ENODEV", "EEXIST"].includes(errnoOf(error) ?? "") ||
        (error instanceof ModelError && error.kind === "NotFound");
    return undoAll([step], nothing);
}

/**
 * Undoes steps, the last one first.
 * @param forgiven errors that say that there is nothing to undo
 * @returns what could not be undone, a line each
 */
async function undoAll(done: Step[], forgiven: (error: unknown) => boolean = () => false): Promise<string[]> {
    const left: string[] = [];
    for (const step of done.reverse()) {
        try {
            await step.undo?.();
        } catch (error) {
            if (!forgiven(error)) {
                left.push(`${step.name} could not be undone: ${(error as Error).message}`);
            }
        }
    }
    return left;
}

function withLeftovers(error: unknown, left: string[]): unknown {
    const tail = ` Then ${left.join("; ")}`;
    if (error instanceof ModelError) {
        return new ModelError(error.kind, error.message + tail);
    }
    if (error instanceof KernelError) {
        return new KernelError(error.errno, error.message + tail);
    }
    return error;
}
