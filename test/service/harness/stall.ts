// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readFileSync } from "node:fs";
import type { BusClient } from "../../../service/src/bus/index.js";

const DAEMON = "org.freedesktop.DBus";
const PEER = "org.freedesktop.DBus.Peer";

/** What a {@link StallMeter} measured, in milliseconds. */
export interface Stall {
    /**
     * Longest answer of the service, less what is not the service's doing: the answer of the bus daemon at the same
     * moment, and the time that service, daemon and meter were ready to run but had no processor.
     */
    worst: number;
    /** Longest answer of the service, all included. */
    longest: number;
    median: number;
    samples: number;
}

interface Sample {
    service: number;
    daemon: number;
    waited: number;
}

/** Measures how long another client waits for a service: a Ping every few milliseconds. */
export class StallMeter {
    private running = true;
    private readonly samples: Sample[] = [];
    private readonly done: Promise<void>;

    /**
     * @param client a connection that nothing else uses
     * @param destination bus name of the service
     * @param pids processes between the question and the answer, this one not counted
     */
    constructor(
        private readonly client: BusClient,
        private readonly destination: string,
        private readonly pids: readonly number[],
        private readonly everyMs = 3,
    ) {
        this.done = this.measure();
        this.done.catch(() => undefined); // stop() reports it.
    }

    /** Ends the measurement. */
    async stop(): Promise<Stall> {
        this.running = false;
        await this.done;
        const times = this.samples.map((sample) => sample.service).sort((a, b) => a - b);
        return {
            worst: Math.max(...this.samples.map(({ service, daemon, waited }) => service - daemon - waited)),
            longest: times.at(-1) ?? NaN,
            median: times[times.length >> 1] ?? NaN,
            samples: times.length,
        };
    }

    private async measure(): Promise<void> {
        while (this.running) {
            const before = this.waitedForProcessor();
            const [service, daemon] = await Promise.all([
                this.time(this.destination, PEER, "Ping"),
                this.time(DAEMON, DAEMON, "GetId"),
            ]);
            this.samples.push({ service, daemon, waited: this.waitedForProcessor() - before });
            await new Promise((resolve) => setTimeout(resolve, this.everyMs));
        }
    }

    private async time(destination: string, iface: string, member: string): Promise<number> {
        const start = performance.now();
        const target = { destination, path: "/org/freedesktop/DBus", interface: iface, member };
        await this.client.call(target, "", [], { timeoutMs: 20_000 });
        return performance.now() - start;
    }

    /** Time that the main threads were runnable without running, in milliseconds (proc(5): schedstat). */
    private waitedForProcessor(): number {
        let nanoseconds = 0;
        for (const pid of [process.pid, ...this.pids]) {
            nanoseconds += Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[1]);
        }
        return nanoseconds / 1e6;
    }
}
