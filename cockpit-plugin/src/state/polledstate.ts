// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useEffect, useState } from "react";
import { ROOT, SERVICE } from "../bus/names.js";
import { read, readAll } from "../bus/read.js";
import { steadyNow } from "../lib/clock.js";
import { appended, type Sample } from "../lib/series.js";
import { whileVisible } from "../lib/visible.js";
import { cacheStatistics } from "./cachestatistics.js";
import type { PortConnection } from "./connection.js";
import { kinds, type Cache } from "./objects.js";
import { store } from "./store.js";
import { useStore } from "./use.js";

/** How often memory is looked at, in ms: the service does not signal it, since to know it means to look. */
const PERIOD = 4000;
/** Caches that are measured in one turn, one after another: each is a question to the kernel, and there may be hundreds. */
const CACHES_AT_ONCE = 16;
/** How long charts reach back, in ms. */
export const SPAN = 120_000;

/**
 * Keeps what the service does not signal (RAM that volumes hold, errors, free memory) fresh while the caller is shown, with
 * two calls for all objects together.
 */
export function usePolledState(): void {
    const ready = useStore((state) => state.phase === "ready");
    useEffect(() => {
        if (!ready) return;
        return whileVisible(PERIOD, readPolledState);
    }, [ready]);
}

/** Reads now what the service does not signal. @throws Error when there is no connection to it */
export async function readPolledState(): Promise<void> {
    const [manager, volumes] = await Promise.all([
        readAll(ROOT, SERVICE),
        store.state.volumes.size === 0 ? [] : read(ROOT, SERVICE, "ListVolumes"),
    ]);
    store.sampled(manager, volumes);
}

/** What GetStatistics says of an object, as numbers. */
async function statistics(path: string, kind: "volumes" | "caches" | "exports"): Promise<Record<string, number>> {
    const statistics = await read(path, kinds[kind], "GetStatistics", {});
    return Object.fromEntries(Object.entries(statistics).map(([name, { v }]) => [name, Number(v)]));
}

/** Measures a cache now, for the store. @param path of the cache */
async function measure(path: string): Promise<void> {
    const values = await statistics(path, "caches");
    const { caches, volumes } = store.state;
    const cache = caches.get(path);
    if (cache) store.measured(path, cacheStatistics(cache, values, volumes.get(cache.Volume)?.Used));
}

/** Keeps the statistics of caches fresh while the caller is shown, of few at a time. */
export function useCacheStatistics(): void {
    const ready = useStore((state) => state.phase === "ready");
    const count = useStore((state) => state.caches.size);
    useEffect(() => {
        if (!ready || count === 0) return;
        let last = "";
        return whileVisible(PERIOD, async () => {
            const paths = [...store.state.caches.keys()];
            const from = paths.indexOf(last) + 1;
            for (const path of [...paths.slice(from), ...paths.slice(0, from)].slice(0, CACHES_AT_ONCE)) {
                await measure(path).catch(() => undefined);
                last = path;
            }
        });
    }, [ready, count]);
}

/**
 * What a write-back cache holds that its origin may lack, in bytes, read when the caller is first shown and while it is.
 * @returns undefined until it was read
 */
export function useUnwritten({ path, Mode }: Cache): number | undefined {
    const [read, setRead] = useState(false);
    useEffect(() => {
        if (Mode !== "writeback") return;
        return whileVisible(PERIOD / 4, () => measure(path).then(() => setRead(true)));
    }, [path, Mode]);
    const known = useStore((state) => state.caches.get(path)?.statistics?.unwritten);
    return read ? known : undefined;
}

/** I/Os that the origin of a cache failed, read while the caller is shown; null when that is not known. */
export function useOriginErrors({ path }: Cache): number | null {
    useEffect(() => whileVisible(PERIOD, () => measure(path)), [path]);
    return useStore((state) => state.caches.get(path)?.statistics?.originErrors ?? null);
}

/**
 * The statistics of an object over the last two minutes, read once a second while they are shown and the page is seen.
 * @param path the object
 * @param kind what it is
 */
export function useSamples(path: string, kind: "volumes" | "caches" | "exports"): readonly Sample[] {
    const [samples, setSamples] = useState<readonly Sample[]>([]);
    const ready = useStore((state) => state.phase === "ready");
    useEffect(() => setSamples([]), [path]);
    useEffect(() => {
        if (!ready) return;
        return whileVisible(1000, async () => {
            const values = await statistics(path, kind);
            setSamples((before) => appended(before, { at: steadyNow(), values }, SPAN));
        });
    }, [path, kind, ready]);
    return samples;
}

/**
 * Who is connected to each of some exports, by their paths; undefined where it was not told yet. Looked at while it is shown
 * and the page is seen, because nothing signals it.
 */
export function useConnections(paths: readonly string[]): ReadonlyMap<string, readonly PortConnection[]> {
    const [known, setKnown] = useState<ReadonlyMap<string, readonly PortConnection[]>>(new Map());
    const ready = useStore((state) => state.phase === "ready");
    const key = paths.join(" ");
    useEffect(() => {
        if (!ready || key === "") return;
        return whileVisible(3000, async () => {
            const next = new Map<string, readonly PortConnection[]>();
            for (const path of key.split(" ")) {
                const answer = await read(path, kinds.exports, "GetConnections", {}).catch(() => undefined);
                if (answer) next.set(path, answer.map(connection));
            }
            setKnown(next);
        });
    }, [key, ready]);
    return known;
}

function connection(answer: Readonly<Record<string, { readonly v: unknown }>>): PortConnection {
    return {
        port: Number(answer["port"]?.v),
        transport: String(answer["transport"]?.v),
        known: answer["known"]?.v === true,
        exclusive: answer["exclusive"]?.v === true,
        hosts: (answer["hosts"]?.v ?? []) as string[],
    };
}
