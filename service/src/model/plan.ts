// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { errnoOf, ModelError } from "./errors.js";
import { KernelError } from "../kernel/port.js";
import type { Intent, IntentLog } from "./storage.js";

/** One step of a plan. Each either happens whole or throws. */
export interface Step {
    name: string;
    run(): Promise<void>;
    /** Takes the step back, on the failure of a later one. Absent where nothing needs taking back. */
    undo?(): Promise<void>;
}

/**
 * Runs steps in order; when one fails, undoes those that were done, last first, and throws what failed. An undo that
 * fails itself is added to the message, for then the state is not what it was.
 * @param intent written down first and crossed out after; undefined for a plan of one kernel step, which needs none
 */
export async function runPlan(steps: readonly Step[], log: IntentLog, intent?: Intent): Promise<void> {
    const record = intent === undefined ? undefined : await log.begin(intent);
    const done: Step[] = [];
    let begun: Step | undefined;
    try {
        for (const step of steps) {
            await record?.step(step.name);
            begun = step;
            await step.run();
            begun = undefined;
            done.push(step);
        }
    } catch (error) {
        if (begun !== undefined && errnoOf(error) === "ETIMEDOUT") {
            await takeBackIfThere(begun);
        }
        const left = await undoAll(done);
        if (left.length === 0) {
            await record?.end();
            throw error;
        }
        throw withLeftovers(error, left);
    }
    await record?.end();
}

/** A step that ran into its time limit may have happened or may not; its undo then finds something or nothing. */
async function takeBackIfThere(step: Step): Promise<void> {
    await step.undo?.().catch(() => undefined);
}

async function undoAll(done: Step[]): Promise<string[]> {
    const left: string[] = [];
    for (const step of done.reverse()) {
        try {
            await step.undo?.();
        } catch (error) {
            left.push(`${step.name} could not be undone: ${(error as Error).message}`);
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
