// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import type { BusClient } from "../../../service/src/bus/index.js";

const PEER = "org.freedesktop.DBus.Peer";

/** What a {@link StallMeter} measured, in milliseconds. */
export interface Stall {
    /** Most processor time that the service took in one turn, in which nobody else is served. This is what a test may limit. */
    turn: number;
    /**
     * Longest answer by the clock, to be printed. A busy machine makes it longer, and so does what the bus holds for the service
     * already when the question comes.
     */
    longest: number;
    median: number;
    samples: number;
}

/** Measures how long another client waits for a service: a Ping every few milliseconds. */
export class StallMeter {
    private running = true;
    private readonly samples: number[] = [];
    private readonly done: Promise<void>;

    /**
     * @param client a connection that nothing else uses
     * @param destination bus name of the service
     * @param turns socket of {@link file://./turns.ts} in the service
     */
    constructor(
        private readonly client: BusClient,
        private readonly destination: string,
        private readonly turns: string,
        private readonly everyMs = 3,
    ) {
        this.done = this.measure();
        this.done.catch(() => undefined); // stop() reports it.
    }

    /** Ends the measurement. */
    async stop(): Promise<Stall> {
        this.running = false;
        await this.done;
        const times = this.samples.sort((a, b) => a - b);
        return {
            turn: await this.longestTurn(),
            longest: times.at(-1) ?? NaN,
            median: times[times.length >> 1] ?? NaN,
            samples: times.length,
        };
    }

    private async measure(): Promise<void> {
        await this.longestTurn(); // What was before does not count.
        while (this.running) {
            this.samples.push(await this.ping());
            await new Promise((resolve) => setTimeout(resolve, this.everyMs));
        }
    }

    private async ping(): Promise<number> {
        const start = performance.now();
        const target = {
            destination: this.destination,
            path: "/org/freedesktop/DBus",
            interface: PEER,
            member: "Ping",
        };
        await this.client.call(target, "", [], { timeoutMs: 0 });
        return performance.now() - start;
    }

    private async longestTurn(): Promise<number> {
        return Number(await text(connect(this.turns)));
    }
}
