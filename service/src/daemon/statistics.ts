// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Figures as they go onto the bus. */
import { Variant } from "../bus/index.js";
import type { EveryFigure, Figures } from "../model/allstatistics.js";
import { objectPath } from "./names.js";

/** Figures of one object: all are counts but the share of reads that hit. */
export function statisticsRow(figures: Figures): Map<string, Variant> {
    const row = new Map<string, Variant>();
    for (const name in figures) {
        row.set(name, new Variant<unknown>(name === "hit_ratio" ? "d" : "t", figures[name]));
    }
    return row;
}

/** Rows by the reading that they show: they are made once, however many ask. */
const rowsOf = new WeakMap<EveryFigure, Map<string, Map<string, Variant>>>();

/** Figures of every object, by path. */
export function statisticsByPath(reading: EveryFigure): Map<string, Map<string, Variant>> {
    const known = rowsOf.get(reading);
    if (known !== undefined) {
        return known;
    }
    const { volumes, caches, exports } = reading;
    const rows = new Map<string, Map<string, Variant>>();
    const put = (kind: "volume" | "cache" | "export", figures: ReadonlyMap<string, Figures>): void =>
        figures.forEach((one, id) => rows.set(objectPath(kind, id), statisticsRow(one)));
    put("volume", volumes);
    put("cache", caches);
    put("export", exports);
    rowsOf.set(reading, rows);
    return rows;
}
