// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** How much callers may ask of the service at once. */
export interface Limits {
    /** Largest body of a call, in bytes. */
    body: number;
    /** Values in one body, containers included. */
    values: number;
    /** Containers within containers in one body. */
    depth: number;
    /** Bytes in all byte arrays of one body. */
    bytes: number;
    /** Calls of one caller that run at once. */
    running: number;
    /** Calls of one caller that wait. */
    queued: number;
    /** Bytes of all waiting calls of one caller. */
    queuedBytes: number;
    /** Calls that run at once; when there are as many, each caller has one more and the rest wait. */
    allRunning: number;
    /** Bytes of all waiting calls; beyond it only callers that have nothing waiting get a small call in. */
    allQueuedBytes: number;
    /** Unsent bytes beyond which no call is started. */
    unsentBytes: number;
}

const MIB = 1024 * 1024;

/** Generous for every honest caller, and small in memory. */
export const defaultLimits: Readonly<Limits> = {
    body: MIB,
    values: 10_000,
    depth: 64,
    bytes: 4096,
    running: 32,
    queued: 512,
    queuedBytes: 2 * MIB,
    allRunning: 1024,
    allQueuedBytes: 8 * MIB,
    unsentBytes: MIB / 8,
};
