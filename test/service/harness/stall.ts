// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readFileSync } from "node:fs";
import type { BusClient } from "../../../service/src/bus/index.js";

const DAEMON = "org.freedesktop.DBus";
const PEER = "org.freedesktop.DBus.Peer";

/** What a {@link StallMeter} measured, in milliseconds. */
export interface Stall {
    /**
     * Longest answer that was the service's doing. That is at least the time that its main thread computed while the
     * answer was due; and at least what remains without the answer of the bus daemon at the same moment, and without the
     * time that service, daemon and meter were ready to run but had no processor.
     */
    worst: number;
    /** Longest time that the service's main thread computed before it answered: says the same on a busy machine. */
    computed: number;
    /** Longest answer of the service, all included. */
    longest: number;
    median: number;
    samples: number;
}

interface Sample {
    service: number;
    daemon: number;
    waited: number;
    computed: number;
}

/** Measures how long another client waits for a service: a Ping every few milliseconds. */
export class StallMeter {
    private running = true;
    private readonly samples: Sample[] = [];
    private readonly done: Promise<void>;

    /**
     * @param client a connection that nothing else uses
     * @param destination bus name of the service
     * @param pids processes between the question and the answer, the service first, this one not counted
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
            worst: Math.max(
                ...this.samples.map(({ service, daemon, waited, computed }) =>
                    Math.max(service - daemon - waited, Math.min(service, computed)),
                ),
            ),
            computed: Math.max(...this.samples.map(({ service, computed }) => Math.min(service, computed))),
            longest: times.at(-1) ?? NaN,
            median: times[times.length >> 1] ?? NaN,
            samples: times.length,
        };
    }

    private async measure(): Promise<void> {
        while (this.running) {
            const before = this.waitedForProcessor();
            const computing = this.schedstat(this.pids[0] ?? 0, 0);
            const [service, daemon] = await Promise.all([
                this.time(this.destination, PEER, "Ping").then((time) => ({
                    time,
                    computed: this.schedstat(this.pids[0] ?? 0, 0) - computing,
                })),
                this.time(DAEMON, DAEMON, "GetId"),
            ]);
            const waited = this.waitedForProcessor() - before;
            this.samples.push({ service: service.time, daemon, waited, computed: service.computed });
            await new Promise((resolve) => setTimeout(resolve, this.everyMs));
        }
    }

    private async time(destination: string, iface: string, member: string): Promise<number> {
        const start = performance.now();
        const target = { destination, path: "/org/freedesktop/DBus", interface: iface, member };
        await this.client.call(target, "", [], { timeoutMs: 20_000 });
        return performance.now() - start;
    }

    /** Time that the main threads were runnable without running, in milliseconds. */
    private waitedForProcessor(): number {
        return [process.pid, ...this.pids].reduce((sum, pid) => sum + this.schedstat(pid, 1), 0);
    }

    /** Time in milliseconds that a main thread ran (0), or was ready to and did not (1) (proc(5): schedstat). */
    private schedstat(pid: number, field: 0 | 1): number {
        return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[field]) / 1e6;
    }
}
