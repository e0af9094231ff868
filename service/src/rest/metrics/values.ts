// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { release } from "node:os";
import { BusError, nameOfPath } from "../../client/index.js";
import type { BridgeContext } from "../context.js";
import type { ObjectProperties } from "../state/objectcache.js";
import { Misses } from "./misses.js";
import { nvmeValues } from "./nvme.js";
import { bridgeValues } from "./bridge.js";
import { MetricsText } from "./text.js";
import type { Traffic } from "./traffic.js";

/** Metrics of a volume: name, what GetStatistics calls it, meaning, divisor. */
const VOLUME_COUNTERS: readonly [string, string, string, number][] = [
    ["reads_completed_total", "read_ios", "Reads that ended", 1],
    ["read_bytes_total", "read_bytes", "Bytes read", 1],
    ["read_time_seconds_total", "read_ms", "Time that reads took", 1000],
    ["writes_completed_total", "write_ios", "Writes that ended", 1],
    ["written_bytes_total", "write_bytes", "Bytes written", 1],
    ["write_time_seconds_total", "write_ms", "Time that writes took", 1000],
    ["discards_completed_total", "discard_ios", "Discards that ended", 1],
    ["discarded_bytes_total", "discard_bytes", "Bytes discarded", 1],
    ["io_time_seconds_total", "io_ms", "Time in which a request was under way", 1000],
];

/** Metrics of a cache: name, labels, what GetStatistics calls it, meaning. */
const CACHE_COUNTERS: readonly [string, Readonly<Record<string, string>>, string, string][] = [
    ["reads_total", {}, "reads", "Reads that reached the cache"],
    ["writes_total", {}, "writes", "Writes that reached the cache"],
    ["hits_total", { op: "read" }, "cache_hits", "Requests answered from RAM"],
    ["replacements_total", { op: "read" }, "replacement", "Blocks that gave way to others"],
    ["replacements_total", { op: "write" }, "write_replacement", "Blocks that gave way to others"],
    ["invalidates_total", { op: "read" }, "read_invalidates", "Blocks that were dropped"],
    ["invalidates_total", { op: "write" }, "write_invalidates", "Blocks that were dropped"],
    ["uncached_total", { op: "read" }, "uncached_reads", "Requests that went past the cache"],
    ["uncached_total", { op: "write" }, "uncached_writes", "Requests that went past the cache"],
    ["source_reads_total", {}, "disk_reads", "Reads of the origin"],
    ["source_writes_total", {}, "disk_writes", "Writes to the origin"],
    [
        "source_errors_total",
        {},
        "origin_errors",
        "I/O that the origin failed, since the cache was made or its statistics were reset",
    ],
    ["store_reads_total", {}, "cache_reads", "Reads of the volume"],
    ["store_writes_total", {}, "cache_writes", "Writes to the volume"],
    // Of writeback caches.
    ["reads_total", {}, "num_read_req", "Reads that reached the cache"],
    ["writes_total", {}, "num_write_req", "Writes that reached the cache"],
    ["hits_total", { op: "read" }, "num_read_cache_hits", "Requests answered from RAM"],
    ["uncached_total", { op: "write" }, "num_write_cache_bypass", "Requests that went past the cache"],
];

type PolledValue<K extends "root" | "statistics" | "connections"> = Awaited<
    ReturnType<BridgeContext["polled"][K]["get"]>
>;
type PolledValues = [PolledValue<"root">, PolledValue<"statistics">, PolledValue<"connections">];

/** The metrics of objects, by the statistics that they were made from, and what else they were made from. */
const objectTexts = new WeakMap<
    PolledValue<"statistics">,
    { connections: PolledValue<"connections">; revision: number; text: MetricsText }
>();

/** Writes all metrics that are known now. @param misses what was told before, for a counter that never goes down */
export async function metrics(
    context: Pick<BridgeContext, "objects" | "polled" | "version">,
    traffic: Traffic,
    misses = new Misses(),
): Promise<MetricsText> {
    const { objects, polled, version } = context;
    const text = new MetricsText();
    bridgeValues(text, traffic);
    if (!objects.present) {
        // Nobody else may ask: what failed when the bridge was started is tried again, for the next scrape to find.
        objects.whenPresent().catch(() => undefined);
    }
    const told = objects.present ? await ask(polled) : undefined;
    text.gauge("rapiddisk_service_up", "Whether the service is there", told === undefined ? 0 : 1);
    if (told !== undefined) {
        const [root, statistics, connections] = told;
        const build = { version: root.Version, node: process.version, kernel: release(), bridge: version };
        text.gauge("rapiddisk_build_info", "What is running", 1, build);
        text.gauge("rapiddisk_memory_total_bytes", "RAM of the host", root.MemoryTotal);
        text.gauge("rapiddisk_memory_available_bytes", "RAM that could be allocated now", root.MemoryAvailable);
        text.gauge("rapiddisk_memory_allocated_bytes", "RAM that volumes hold", root.MemoryUsed);
        text.gauge("rapiddisk_memory_committed_bytes", "Sum of the sizes of all volumes", root.MemoryCommitted);
        text.gauge(
            "rapiddisk_memory_budget_bytes",
            "What the sizes of all volumes may add up to now, by the limit and reserve of the settings",
            root.MemoryCommitted + root.MemoryFree,
        );
        text.gauge(
            "rapiddisk_problems",
            "Number of things that are wrong, each a sentence of rapiddisk status",
            root.Problems.length,
        );
        text.include(objectValues(objects, statistics, connections, misses));
    }
    return text;
}

/** The metrics of objects: thousands of lines, which are kept for as long as there is nothing new to tell. */
function objectValues(
    objects: BridgeContext["objects"],
    statistics: PolledValue<"statistics">,
    connections: PolledValue<"connections">,
    misses: Misses,
): MetricsText {
    const { revision } = objects;
    const known = objectTexts.get(statistics);
    if (known?.connections === connections && known.revision === revision) {
        return known.text;
    }
    const text = new MetricsText();
    for (const [path, volume] of objects.all("volumes")) {
        volumeValues(text, volume, statistics.get(path));
    }
    for (const [path, cache] of objects.all("caches")) {
        cacheValues(text, cache, statistics.get(path), misses);
    }
    nvmeValues(text, objects, connections);
    objectTexts.set(statistics, { connections, revision, text });
    return text;
}

/** What the service tells; undefined when it does not. */
async function ask({ root, statistics, connections }: BridgeContext["polled"]): Promise<PolledValues | undefined> {
    try {
        return await Promise.all([root.get(), statistics.get(), connections.get()]);
    } catch (error) {
        if (error instanceof BusError) {
            return undefined;
        }
        throw error;
    }
}

function volumeValues(
    text: MetricsText,
    volume: ObjectProperties,
    statistics: ReadonlyMap<string, number> | undefined,
): void {
    const labels = { volume: volume.Name as string };
    const info = {
        ...labels,
        backend: "rapiddisk",
        device: volume.Device as string,
        persist: String(volume.Persistent),
    };
    text.gauge("rapiddisk_volume_info", "A volume", 1, info);
    text.gauge("rapiddisk_volume_size_bytes", "Size of the volume", volume.Size as bigint, labels);
    text.gauge("rapiddisk_volume_allocated_bytes", "RAM that it holds", statistics?.get("used"), labels);
    text.counter("rapiddisk_volume_errors_total", "I/O errors since it was made", statistics?.get("errors"), labels);
    text.gauge("rapiddisk_volume_readonly", "Whether writes are refused", volume.ReadOnly === true ? 1 : 0, labels);
    text.gauge("rapiddisk_volume_io_now", "Requests under way", statistics?.get("in_flight"), labels);
    for (const [name, key, help, divisor] of VOLUME_COUNTERS) {
        const value = statistics?.get(key);
        text.counter(`rapiddisk_volume_${name}`, help, value === undefined ? undefined : value / divisor, labels);
    }
}

function cacheValues(
    text: MetricsText,
    cache: ObjectProperties,
    statistics: ReadonlyMap<string, number> | undefined,
    misses: Misses,
): void {
    const labels = { cache: cache.Name as string };
    const volume = cache.Volume === "/" ? "" : nameOfPath(cache.Volume as string);
    const info = { ...labels, source: cache.Source as string, volume, mode: cache.Mode as string };
    text.gauge("rapiddisk_cache_info", "A cache mapping", 1, info);
    for (const [name, more, key, help] of CACHE_COUNTERS) {
        text.counter(`rapiddisk_cache_${name}`, help, statistics?.get(key), { ...labels, ...more });
    }
    const missed = misses.of(
        labels.cache,
        statistics?.get("reads") ?? statistics?.get("num_read_req"),
        statistics?.get("cache_hits") ?? statistics?.get("num_read_cache_hits"),
    );
    text.counter("rapiddisk_cache_misses_total", "Requests not answered from RAM", missed, { ...labels, op: "read" });
    const [all, free, waiting] = ["num_blocks", "num_free_blocks", "num_wb_blocks"].map((key) => statistics?.get(key));
    const used = difference(all, free);
    for (const [state, value] of [
        ["free", free],
        ["used", used],
        ["writeback", waiting],
    ] as const) {
        text.gauge("rapiddisk_cache_blocks", "Blocks of a writeback cache", value, { ...labels, state });
    }
    // What the kernel counts as written blocks (used) is at most what the origin lacks.
    const dirty = used === undefined ? undefined : used * (cache.BlockSize as number);
    text.gauge("rapiddisk_cache_dirty_bytes", "Most that the origin may lack", dirty, labels);
    text.counter("rapiddisk_cache_errors_total", "Errors of a writeback cache", statistics?.get("errors"), labels);
}

function difference(one: number | undefined, other: number | undefined): number | undefined {
    return one === undefined || other === undefined ? undefined : one - other;
}
