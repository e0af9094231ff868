// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Tells how late it is, for what is compared with another moment: it only goes on, also when somebody sets the clock.
 * @returns milliseconds since 1970 by the clock as it was when the page was opened
 */
export function steadyNow(): number {
    return performance.timeOrigin + performance.now();
}
