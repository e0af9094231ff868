// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { monitorEventLoopDelay } from "node:perf_hooks";
import { readdirSync } from "node:fs";
import { wallClock } from "../../clock.js";
import type { MetricsText } from "./text.js";
import { BUCKETS, type Traffic } from "./traffic.js";

/** Worked out once: a clock that is slewed would move it, which is read as a restart. */
const STARTED = Math.round(wallClock() / 1000 - process.uptime());
const loop = monitorEventLoopDelay({ resolution: 20 });

/** Adds the metrics of the bridge itself. */
export function bridgeValues(text: MetricsText, traffic: Traffic): void {
    loop.enable();
    const { rss, heapUsed } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    text.gauge("process_resident_memory_bytes", "Memory of the bridge", rss);
    text.counter("process_cpu_seconds_total", "Processor time of the bridge", (user + system) / 1e6);
    text.gauge("process_start_time_seconds", "When the bridge was started, since 1970", STARTED);
    text.gauge("process_open_fds", "Files and connections that the bridge has open", descriptors());
    text.gauge("nodejs_heap_used_bytes", "Heap of the bridge", heapUsed);
    text.gauge("nodejs_eventloop_lag_seconds", "Mean delay of timers in the bridge", loop.mean / 1e9);
    for (const [code, count] of traffic.byCode) {
        text.counter("rapiddisk_http_requests_total", "Requests answered, by status", count, { code });
    }
    const { byTime, seconds } = traffic;
    text.histogram("rapiddisk_request_duration_seconds", "How long answers took", BUCKETS, byTime, seconds);
    for (const { count, ...labels } of traffic.callCounts) {
        text.counter("rapiddisk_dbus_requests_total", "What the bridge asked the service", count, labels);
    }
}

function descriptors(): number | undefined {
    try {
        return readdirSync("/proc/self/fd").length;
    } catch {
        return undefined;
    }
}
