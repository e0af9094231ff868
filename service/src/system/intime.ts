// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Waits for work, but not for longer than a limit. The work goes on; nobody hears of what becomes of it then.
 * @param limit in ms
 * @returns what the work came to; undefined when it has not ended in time
 * @throws what the work throws in time
 */
export async function inTime<T>(work: Promise<T>, limit: number): Promise<{ value: T } | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), limit);
    });
    try {
        return await Promise.race([work.then((value) => ({ value })), late]);
    } finally {
        clearTimeout(timer);
    }
}
