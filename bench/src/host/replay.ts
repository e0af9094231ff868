// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the guest will replay. Prepared on the host, where simulating other policies takes seconds. */
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { extent, parseTrace, type Replay, type Request } from "../blocktrace.js";
import { readHits } from "../policies.js";
import { WORKLOADS } from "../workloads.js";

const MIB = 2 ** 20;
const TRACE_SIZES = [32, 64, 128, 256, 512];
/** Of the made-up traces, a quarter of the working set fits. */
const WORKLOAD_SIZES = [32];

/**
 * Writes everything that is to be replayed into one file.
 * @param trace a recorded trace to replay as well
 */
export function prepareReplays(file: string, trace: string | undefined, say: (text: string) => void): void {
    const replays = Object.entries(WORKLOADS).map(([name, make]) => replay(name, make(), WORKLOAD_SIZES, say));
    if (trace !== undefined) {
        const requests = parseTrace(gunzipSync(readFileSync(trace)).toString());
        replays.unshift(replay("recorded trace", requests, TRACE_SIZES, say));
    }
    writeFileSync(file, gzipSync(JSON.stringify(replays)));
}

function replay(name: string, requests: Request[], sizes: readonly number[], say: (text: string) => void): Replay {
    say(`simulating LRU, FIFO, S3-FIFO, ARC and the optimum on ${name}`);
    return {
        name,
        extent: Math.ceil(extent(requests) / MIB + 1) * MIB,
        requests,
        sizes: sizes.map((mib) => ({ mib, simulated: readHits(requests, mib * MIB) })),
    };
}
