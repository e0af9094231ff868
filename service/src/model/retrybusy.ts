// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { setTimeout as sleep } from "node:timers/promises";
import type { KernelPort } from "../kernel/port.js";
import { errnoOf, ModelError } from "./errors.js";
import type { Jobs } from "./jobs.js";
import { userLine, type User } from "./users.js";

/**
 * Pauses before each further try, in ms: udev looks at every new or changed device, and blkid takes seconds for that on a host
 * that has a lot else to do. The module itself waits for `busy_grace_ms` in each try.
 */
const PAUSES = [20, 40, 80, 160, 300, 500, ...Array.from({ length: 14 }, () => 1000)];
/** When nobody at all is found that has it open, it is given up after so many tries. */
const TRIES_WITHOUT_OPENERS = 6;

/** Programs that open a device for a moment to look at it. */
const LOOKERS = /^\(?(udev-worker|systemd-udevd|udevd|blkid|udisksd|multipathd?|lvm|vgs|pvscan|dmsetup|mdadm)\b/;

/** Makes the refusal of something that is in use. @param users what uses it, also in words */
export function busy(name: string, users: readonly (User | string)[]): ModelError {
    const words = users.map((one) => (typeof one === "string" ? one : userLine(one)));
    return new ModelError("Busy", `${name} is in use: ${words.join(", ")}.`);
}

/**
 * Does something that the kernel refuses while the device is open. When only udev and its like have it open, waits for
 * them, at most some 15 s and what the module waits, and has the job say so; else says who does.
 * @param name of the volume or cache, for the message and the job
 * @param device kernel name
 * @param pause for tests, which do not wait
 * @throws ModelError Busy naming the openers; what `work` throws but EBUSY
 */
export async function retryWhileBusy(
    { kernel, jobs }: { readonly kernel: Pick<KernelPort, "findOpeners">; readonly jobs: Pick<Jobs, "say"> },
    name: string,
    device: string,
    work: () => Promise<void>,
    pause: (ms: number) => Promise<unknown> = sleep,
): Promise<void> {
    try {
        await retryWhileLookedAt(kernel, name, device, work, async (ms, openers) => {
            jobs.say(name, `Waiting until ${openers.join(", ") || "a program"} has closed ${name}.`);
            await pause(ms);
        });
    } finally {
        jobs.say(name, "");
    }
}

async function retryWhileLookedAt(
    kernel: Pick<KernelPort, "findOpeners">,
    name: string,
    device: string,
    work: () => Promise<void>,
    wait: (ms: number, openers: readonly string[]) => Promise<void>,
): Promise<void> {
    for (const [index, pause] of [...PAUSES, undefined].entries()) {
        try {
            await work();
            return;
        } catch (error) {
            if (errnoOf(error) !== "EBUSY") {
                throw error;
            }
            const openers = await kernel.findOpeners(device, 8);
            const foreign = openers.filter((opener) => !LOOKERS.test(opener));
            if (foreign.length > 0) {
                throw busy(
                    name,
                    foreign.map((opener) => `opened by ${opener}`),
                );
            }
            if (pause === undefined || (openers.length === 0 && index >= TRIES_WITHOUT_OPENERS)) {
                throw openers.length > 0 ? busy(name, openers) : error;
            }
            await wait(pause, openers);
        }
    }
}
