// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Writes statistics as they go onto the bus. */
import { Variant } from "../bus/index.js";
import type { EveryStatistic } from "../model/allstatistics.js";
import type { StatisticsByName } from "../model/statistics.js";
import { objectPath } from "./names.js";

/** Makes the row of one object: all are counts but the share of reads that hit. */
export function statisticsRow(statistics: StatisticsByName): Map<string, Variant> {
    const row = new Map<string, Variant>();
    for (const name in statistics) {
        const value = statistics[name]!;
        // A counter of bytes may have become larger than what a number holds exactly.
        const counted = Number.isSafeInteger(value) ? value : BigInt.asUintN(64, BigInt(Math.trunc(value)));
        row.set(name, name === "hit_ratio" ? new Variant<unknown>("d", value) : new Variant<unknown>("t", counted));
    }
    return row;
}

/** Rows by the reading that they show: they are made once, however many ask. */
const rowsOf = new WeakMap<EveryStatistic, Map<string, Map<string, Variant>>>();

/** Makes the rows of every object, by path. */
export function statisticsByPath(reading: EveryStatistic): Map<string, Map<string, Variant>> {
    const known = rowsOf.get(reading);
    if (known !== undefined) {
        return known;
    }
    const { volumes, caches, exports } = reading;
    const rows = new Map<string, Map<string, Variant>>();
    const put = (kind: "volume" | "cache" | "export", statistics: ReadonlyMap<string, StatisticsByName>): void =>
        statistics.forEach((one, id) => rows.set(objectPath(kind, id), statisticsRow(one)));
    put("volume", volumes);
    put("cache", caches);
    put("export", exports);
    rowsOf.set(reading, rows);
    return rows;
}
