// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Faults of the simulated kernel that the command line of a test program plants; the installed programs have no option for them. */
import { openSimKernel, type KernelOpener } from "../../../service/src/daemon/open.js";
import type { FaultMoment } from "../../../service/src/kernel/index.js";

/** A fault on one step of the simulated kernel. */
interface Fault {
    /** Which step, from 1. */
    step: number;
    /** A symbolic errno; or "hang" or "kill", which happen instead of failing. */
    what: string;
    when: FaultMoment;
}

const OPTION = "--sim-fault=";

/**
 * Takes each `--sim-fault=STEP:WHAT[:before|after]` out of a command line, so that the program's own parser, which must not
 * know it, can read the rest.
 * @returns the rest, and what opens a simulated kernel with these faults (never the real one, whatever the rest says)
 * @throws Error with a sentence for a person
 */
export function takeFaults(argv: readonly string[]): { rest: string[]; open: KernelOpener } {
    const faults = argv.filter((word) => word.startsWith(OPTION)).map(parseFault);
    return {
        rest: argv.filter((word) => !word.startsWith(OPTION)),
        open(options) {
            const kernel = openSimKernel(options);
            const { steps } = kernel.sim;
            for (const { step, what, when } of faults) {
                if (what === "hang") {
                    steps.hangStep(step, when);
                } else if (what === "kill") {
                    steps.crashStep(step, when);
                } else {
                    steps.failStep(step, what, when);
                }
            }
            return kernel;
        },
    };
}

function parseFault(word: string): Fault {
    const [, step, what, when] = /^--sim-fault=(\d+):(hang|kill|E[A-Z0-9]+)(?::(before|after))?$/.exec(word) ?? [];
    if (step === undefined || what === undefined) {
        throw new Error(`${word} is not STEP:ERRNO, STEP:hang or STEP:kill, with :before or :after.`);
    }
    return { step: Number(step), what, when: when === "after" ? "after" : "before" };
}
