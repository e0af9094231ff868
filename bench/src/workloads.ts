// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Made-up traces, always the same: what caches meet besides any one recorded trace. */
import type { Request } from "./blocktrace.js";

const REQUESTS = 60_000;
/** Blocks of the working set: 128 MiB. */
const BLOCKS = 32_768;

/** A stream of numbers from 0 up to 1, the same for the same seed (xorshift32). */
function numbers(seed: number): () => number {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return (state >>> 0) / 2 ** 32;
    };
}

/** Ranks with Zipf's law of the given exponent below 1, spread over the working set. */
function zipf(random: () => number, blocks: number, exponent: number): () => number {
    const power = 1 - exponent;
    return () => {
        const rank = Math.floor((random() * (blocks ** power - 1) + 1) ** (1 / power));
        return (rank * 2_654_435_761) % blocks;
    };
}

function generate(seed: number, make: (random: () => number) => (index: number) => Request[]): Request[] {
    const step = make(numbers(seed));
    const requests: Request[] = [];
    for (let index = 0; requests.length < REQUESTS; index++) requests.push(...step(index));
    return requests.slice(0, REQUESTS);
}

const read = (block: number, count = 1): Request => ({ write: false, block, count });
const write = (block: number, count = 1): Request => ({ write: true, block, count });

/** Name and requests of each. */
export const WORKLOADS: Record<string, () => Request[]> = {
    "Zipf 0.9, a quarter writes": () =>
        generate(1, (random) => {
            const pick = zipf(random, BLOCKS, 0.9);
            return () => [random() < 0.25 ? write(pick()) : read(pick())];
        }),
    "loops of four lengths": () =>
        generate(2, (random) => {
            const loops = [1_000, 6_000, 12_000, 30_000].map((length, index) => ({ base: index << 16, length, at: 0 }));
            return () => {
                const loop = loops[Math.floor(random() * loops.length)]!;
                return Array.from({ length: 16 }, () => {
                    const block = loop.base + loop.at;
                    loop.at = (loop.at + 4) % loop.length;
                    return read(block, 4);
                });
            };
        }),
    "Zipf with scans of cold blocks": () =>
        generate(3, (random) => {
            const pick = zipf(random, BLOCKS, 0.9);
            let cold = 1 << 20;
            return (index) => [index % 5_000 < 3_500 ? read(pick()) : read((cold += 4) - 4, 4)];
        }),
    "database: points, ranges, log, table scans": () =>
        generate(4, (random) => {
            const pick = zipf(random, BLOCKS, 0.8);
            let log = 0;
            let scan = 0;
            return (index) => [
                random() < 0.2 ? write(pick()) : read(pick()),
                ...(index % 20 === 0 ? [read(Math.floor(random() * BLOCKS), 16)] : []),
                ...(index % 4 === 0 ? [write((1 << 20) + (log++ % 2_048))] : []),
                ...(index % 8_000 > 7_000 ? [read((scan = (scan + 32) % BLOCKS), 32)] : []),
            ];
        }),
    "a working set that moves": () =>
        generate(5, (random) => {
            const pick = zipf(random, BLOCKS, 0.9);
            return (index) => [read(pick() + Math.floor(index / 20_000) * BLOCKS)];
        }),
};
