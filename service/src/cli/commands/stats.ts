// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { shellQuote } from "../../facts/shell.js";
import type { BusRequest, Variant } from "../../client/index.js";
import { getProperties, listCaches, listVolumes, options, request } from "../../client/index.js";
import type { Plain } from "../../client/json.js";
import type { TextColumn, OutputStyle } from "../output/table.js";
import { renderPairs, renderTable } from "../output/table.js";
import { printable } from "../output/text.js";
import { formatSize, UsageError } from "../units.js";
import type { Command, Outcome, Plan, PlanReader } from "./command.js";
import { kindOfPath, shownName } from "./objects.js";

/** Statistics that go up and down, or say how things are: a rate of them would say nothing. */
const GAUGES: readonly string[] = [
    ...["used", "errors", "in_flight", "highest_written"],
    ...["num_blocks", "num_free_blocks", "num_wb_blocks", "cached_blocks", "unwritten_bytes"],
];

type StatisticsReply = ReadonlyMap<string, Variant>;
type Json = { [key: string]: Plain };
/** Statistics by kind, and the names of those of which there are none. */
interface AllStatistics {
    volumes: Json[];
    caches: Json[];
    unread: { volumes: string[]; caches: string[] };
}
type Before = { value: Plain; seconds: number };

const SHORTEST_SECONDS = 0.1;
const LONGEST_SECONDS = 86_400;

function statisticsOf(path: string): BusRequest<StatisticsReply> {
    return kindOfPath(path) === "volumes"
        ? request(INTERFACE.volume, path, "GetStatistics", options())
        : request(INTERFACE.cache, path, "GetStatistics", options());
}

function statisticsObject(head: Json, statistics: StatisticsReply): Json {
    return { ...head, ...Object.fromEntries([...statistics].map(([name, { value }]) => [name, value as Plain])) };
}

/** Gives the first of several statistics that is there; 0 when none is. */
function statistic(object: Json, ...names: string[]): bigint {
    const found = names.map((name) => object[name]).find((value) => value !== undefined);
    return typeof found === "bigint" || typeof found === "number" ? BigInt(found) : 0n;
}

function text(object: Json, name: string): string {
    const value = object[name];
    return typeof value === "string" || typeof value === "number" || typeof value === "bigint" ? String(value) : "-";
}

function count(object: Json, ...names: string[]): string {
    return statistic(object, ...names).toString();
}

/** Events a second since the value shown before; a dash when there is none, or the statistics were reset. */
function rate(object: Json, before: Json | undefined, seconds: number, ...names: string[]): string {
    if (!before || seconds <= 0) {
        return "-";
    }
    const difference = Number(statistic(object, ...names) - statistic(before, ...names));
    return difference < 0 ? "-" : (difference / seconds).toFixed(difference / seconds < 10 ? 1 : 0);
}

function ratio(object: Json): string {
    const value = object.hit_ratio;
    const nothingRead = statistic(object, "reads", "num_read_req") === 0n;
    return typeof value === "number" && !nothingRead ? `${(value * 100).toFixed(1)} %` : "-";
}

const right = (title: string): TextColumn => ({ title, align: "right" });

/** Says of which objects there are no statistics, so that nobody takes them for gone. */
function unreadText(names: readonly string[]): string {
    return names.length === 0 ? "" : `The statistics of ${names.map(printable).join(", ")} could not be read.\n`;
}

/** Writes both tables; with earlier statistics they have columns of rates. */
function tables({ volumes, caches, unread }: AllStatistics, style: OutputStyle, before?: Before): string {
    const then = before?.value as { volumes: Json[]; caches: Json[] } | undefined;
    const seconds = before?.seconds ?? 0;
    const rates = before === undefined ? [] : [right("READ/S"), right("WRITE/S")];
    const volumeRows = volumes.map((volume) => {
        const last = then?.volumes.find((one) => one.name === volume.name);
        return [
            text(volume, "name"),
            formatSize(statistic(volume, "used")),
            count(volume, "read_ios"),
            formatSize(statistic(volume, "read_bytes")),
            count(volume, "write_ios"),
            formatSize(statistic(volume, "write_bytes")),
            count(volume, "errors"),
            ...(before ? [rate(volume, last, seconds, "read_ios"), rate(volume, last, seconds, "write_ios")] : []),
        ];
    });
    const reads = ["reads", "num_read_req"];
    const writes = ["writes", "num_write_req"];
    const cacheRows = caches.map((cache) => {
        const last = then?.caches.find((one) => one.name === cache.name);
        return [
            text(cache, "name"),
            text(cache, "mode"),
            count(cache, ...reads),
            count(cache, ...writes),
            count(cache, "cache_hits", "num_read_cache_hits"),
            ratio(cache),
            text(cache, "origin_errors"),
            ...(before ? [rate(cache, last, seconds, ...reads), rate(cache, last, seconds, ...writes)] : []),
        ];
    });
    const volumeColumns = ["USED", "READS", "READ", "WRITES", "WRITTEN", "ERRORS"].map(right);
    const cacheColumns = [
        { title: "MODE" },
        ...["READS", "WRITES", "READ HITS", "HIT RATIO", "SOURCE ERRORS"].map(right),
    ];
    const volumeText = volumeRows.length
        ? renderTable([{ title: "VOLUME" }, ...volumeColumns, ...rates], volumeRows, style)
        : unread.volumes.length
          ? ""
          : "No volumes.\n";
    const cacheText = cacheRows.length
        ? renderTable([{ title: "CACHE" }, ...cacheColumns, ...rates], cacheRows, style)
        : unread.caches.length
          ? ""
          : "No cache mappings.\n";
    return `${volumeText}${unreadText(unread.volumes)}\n${cacheText}${unreadText(unread.caches)}`;
}

async function planAll(reader: PlanReader): Promise<Plan> {
    const [volumes, caches] = await Promise.all([reader.read(listVolumes()), reader.read(listCaches())]);
    const objects = [...volumes, ...caches];
    return {
        requests: [request(INTERFACE.manager, ROOT, "GetAllStatistics", options())],
        outcome([answer]): Outcome {
            const statistics = answer as ReadonlyMap<string, StatisticsReply>;
            const unread = { volumes: [] as string[], caches: [] as string[] };
            const value = { volumes: [] as Json[], caches: [] as Json[], unread };
            objects.forEach((object) => {
                const found = statistics.get(object.path);
                const kind = "Mode" in object ? "caches" : "volumes";
                if (found === undefined) {
                    unread[kind].push(object.Name);
                } else {
                    const mode = "Mode" in object ? { mode: object.Mode } : {};
                    value[kind].push(statisticsObject({ name: object.Name, ...mode }, found));
                }
            });
            return { value, text: (style, before) => tables(value, style, before) };
        },
    };
}

async function planOne(name: string, reader: PlanReader): Promise<Plan> {
    const path = name.startsWith(`${ROOT}/`)
        ? name
        : await reader.read(request(INTERFACE.manager, ROOT, "Resolve", name));
    const kind = kindOfPath(path);
    if (kind === "exports") {
        throw new UsageError(
            `${name} is an export; its statistics are shown by: rapiddisk export stats ${shellQuote(name)}`,
        );
    }
    if (kind !== "volumes" && kind !== "caches") {
        throw new UsageError(
            `${name} has no statistics; volumes and cache mappings have, and exports (rapiddisk export stats).`,
        );
    }
    const head: Json =
        kind === "volumes"
            ? { name: shownName(path) }
            : { name: shownName(path), mode: (await reader.read(getProperties(INTERFACE.cache, path))).Mode };
    return {
        requests: [statisticsOf(path)],
        outcome([answer]): Outcome {
            const value = statisticsObject(head, answer as StatisticsReply);
            return { value, text: (style, before) => statisticList(value, style, before) };
        },
    };
}

/** Lists the statistics of one object, one per line; counters with their rate when there are earlier statistics. */
function statisticList(object: Json, style: OutputStyle, before?: Before): string {
    const then = before?.value as Json | undefined;
    const pairs = Object.entries(object).map(([name, value]): [string, string] => {
        if (name === "hit_ratio") {
            return [name, ratio(object)];
        }
        const shown = text(object, name);
        const isRate = before !== undefined && typeof value === "bigint" && !GAUGES.includes(name);
        return [name, isRate ? `${shown} (${rate(object, then, before.seconds, name)}/s)` : shown];
    });
    return renderPairs(pairs, style);
}

/** The command that shows statistics, once or again and again. */
export const STATS_COMMAND: Command = {
    words: ["stats"],
    summary: "Show I/O statistics of volumes and cache mappings.",
    details:
        "With --watch they are shown again and again, with rates for the time in between, until interrupted. " +
        "Those of an NVMe export are shown by export stats.",
    operands: [
        { name: "NAME", doc: "A volume or cache mapping; all when left out.", completes: "names", optional: true },
    ],
    options: {
        watch: {
            value: "SECONDS",
            optionalValue: /^[0-9]+(\.[0-9]+)?$/,
            doc: "Show again every so many seconds, 1 when not given. With --json each time in one line.",
        },
        count: { value: "TIMES", doc: "With --watch: end after so many times." },
    },
    examples: ["rapiddisk stats rc-wa_sdb", "rapiddisk stats --watch 5"],
    plan: ({ operands }, reader) => (operands[0] === undefined ? planAll(reader) : planOne(operands[0], reader)),
    repeat({ options: given }) {
        if (given.watch === undefined) {
            if (given.count !== undefined) {
                throw new UsageError("--count means something only together with --watch.");
            }
            return undefined;
        }
        const seconds = given.watch === "" ? 1 : Number(given.watch);
        if (!(seconds >= SHORTEST_SECONDS && seconds <= LONGEST_SECONDS)) {
            throw new UsageError(
                `--watch takes ${SHORTEST_SECONDS} to ${LONGEST_SECONDS} seconds, not "${given.watch}".`,
            );
        }
        const times = given.count === undefined ? Infinity : Number(given.count);
        if (given.count !== undefined && !/^[1-9][0-9]{0,8}$/.test(given.count)) {
            throw new UsageError(`--count takes a whole number from 1 to 999999999, not "${given.count}".`);
        }
        return { seconds, times };
    },
};
