// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Reads the time of day, which jumps when it is set. Durations, deadlines and ages use performance.now(); ESLint refuses
 * Date.now() everywhere else. Every layer may import this.
 */

/**
 * Tells the time of day, for stamps that are read by people and other machines, and for what ends at a date (a token).
 * @returns milliseconds since 1970
 */
export function wallClock(): number {
    return Date.now();
}

/** Both clocks, for tests to replace. */
export interface Clocks {
    /** Milliseconds since any moment; only goes on. */
    steady(): number;
    /** Milliseconds since 1970; may jump. */
    wall(): number;
}

export const CLOCKS: Clocks = { steady: () => performance.now(), wall: wallClock };
