// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { BusClient } from "../../../service/src/bus/index.js";

const DAEMON = "org.freedesktop.DBus";
const PEER = "org.freedesktop.DBus.Peer";

/** What a {@link StallMeter} measured, in milliseconds. */
export interface Stall {
    /** Longest answer of the service, less that of the bus daemon at the same moment. */
    worst: number;
    /** Longest answer of the service. */
    longest: number;
    median: number;
    samples: number;
}

/**
 * Measures how long another client waits for a service: a Ping every few milliseconds. The bus daemon is asked at the
 * same moment over the same connection, and its time is taken off: what the machine or the daemon does to everybody is
 * not the service's stall.
 */
export class StallMeter {
    private running = true;
    private readonly samples: { service: number; daemon: number }[] = [];
    private readonly done: Promise<void>;

    constructor(
        private readonly client: BusClient,
        private readonly destination: string,
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
            worst: Math.max(...this.samples.map(({ service, daemon }) => service - daemon)),
            longest: times.at(-1) ?? NaN,
            median: times[times.length >> 1] ?? NaN,
            samples: times.length,
        };
    }

    private async measure(): Promise<void> {
        while (this.running) {
            const [service, control] = await Promise.all([
                this.time(this.destination, PEER, "Ping"),
                this.time(DAEMON, DAEMON, "GetId"),
            ]);
            this.samples.push({ service, daemon: control });
            await new Promise((resolve) => setTimeout(resolve, this.everyMs));
        }
    }

    private async time(destination: string, iface: string, member: string): Promise<number> {
        const start = performance.now();
        const target = { destination, path: "/org/freedesktop/DBus", interface: iface, member };
        await this.client.call(target, "", [], { timeoutMs: 20_000 });
        return performance.now() - start;
    }
}
