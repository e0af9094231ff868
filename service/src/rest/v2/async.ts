// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Change, Mirror } from "../state/mirror.js";

/** How long a change is waited for before it is answered with its job, in ms. */
const PATIENCE = 1_000;

/**
 * Waits for a change; one that takes long and has a job is answered by that.
 * @param object object path that the change is for
 * @param patience milliseconds; 0 when the client does not want to wait
 * @returns what the change answered, or the path of its job while it still runs
 */
export async function resultOrJob<T>(
    mirror: Mirror,
    object: string,
    work: Promise<T>,
    wish: string | string[] | undefined,
): Promise<{ result: T } | { job: string }> {
    const patience = /(^|[,\s])respond-async($|[,;\s])/.test(String(wish ?? "")) ? 0 : PATIENCE;
    const before = new Set(mirror.all("jobs").keys());
    const found = (): string | undefined => {
        for (const [path, { State, Objects }] of mirror.all("jobs")) {
            if (!before.has(path) && State === "running" && (Objects as string[]).includes(object)) {
                return path;
            }
        }
        return undefined;
    };
    let stop = (): void => undefined;
    const job = new Promise<{ job: string }>((resolve) => {
        const look = (): void => {
            const path = found();
            if (path !== undefined) {
                resolve({ job: path });
            }
        };
        const listener = ({ kind }: Change): void => void (kind === "jobs" && look());
        const timer = setTimeout(() => {
            mirror.on("change", listener);
            look();
        }, patience);
        stop = () => {
            clearTimeout(timer);
            mirror.off("change", listener);
        };
    });
    // Once the job has been answered, the job tells how the change ended.
    work.catch(() => undefined);
    try {
        return await Promise.race([work.then((result) => ({ result })), job]);
    } finally {
        stop();
    }
}
