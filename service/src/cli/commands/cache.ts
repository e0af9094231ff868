// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { DEFAULT_MODE, modeOfLetters, NEW_MODES, SWITCH_MODES } from "../../facts/modes.js";
import { getProperties, listCaches, options, optionsFor, request } from "../../client/index.js";
import type { Command, Operand, PlanReader } from "./command.js";
import { creating, IF_EXISTS, IF_NOT_EXISTS, readMade, single } from "./command.js";
import { findObject, findObjects, forEachOf, shownName } from "./objects.js";
import { formatSize } from "../units.js";
import { cacheTable, jsonObject, propertyList } from "./views.js";
import { isGiven, OFF, PERSIST, persistenceSentence } from "./volume.js";

const CACHE: Operand = {
    name: "CACHE",
    doc: "Name of the mapping (rc-wa_sdb), its device path or its object path.",
    completes: "caches",
};

/** Finds the mode that a person means. The service refuses a word that is not a mode. */
const modeOf = (word: string): string => modeOfLetters(word) ?? word;

function statisticsOf(path: string) {
    return request(INTERFACE.cache, path, "GetStatistics", options());
}

/** What a writeback cache holds that its source lacks, in bytes; nothing for other modes, which hold no such data. */
async function unwrittenOf(
    { Mode }: { Mode: string },
    path: string,
    reader: PlanReader,
): Promise<{ UnwrittenBytes?: bigint }> {
    if (Mode !== "writeback") {
        return {};
    }
    // The properties are shown even when the statistics cannot be read, as those of a failing cache.
    const statistics = await reader.read(statisticsOf(path)).catch(() => undefined);
    const unwritten = statistics?.get("unwritten_bytes")?.value as bigint | undefined;
    return unwritten === undefined ? {} : { UnwrittenBytes: unwritten };
}

/** A command that does one thing to each of several cache mappings. */
const onEach = forEachOf("cache", { ...CACHE, many: true }, (names, reader) => findObjects("caches", names, reader));

/** Commands about cache mappings. */
export const CACHE_COMMANDS: readonly Command[] = [
    {
        words: ["cache", "list"],
        summary: "List cache mappings.",
        operands: [],
        options: {},
        plan: () =>
            single(listCaches(), (caches) => ({
                value: caches.map(jsonObject),
                text: (style) => cacheTable(caches, style),
            })),
    },
    {
        words: ["cache", "create"],
        summary: "Put a volume as a cache in front of a slower block device.",
        details:
            "Use the device that is made, /dev/mapper/NAME, in place of the source. What the volume held is lost. " +
            "write-through keeps reads and writes in RAM, write-around only reads: in both the source always has all " +
            "data. writeback acknowledges writes that only RAM has: a power failure loses them.",
        operands: [
            { name: "VOLUME", doc: "Name or device path of the volume.", completes: "volumes" },
            { name: "SOURCE", doc: "Device path of the slower device, for example /dev/sdb.", completes: "files" },
        ],
        options: {
            mode: {
                value: "MODE",
                doc: `write-through (wt), write-around (wa) or writeback (wb); ${DEFAULT_MODE} when not given.`,
                completes: NEW_MODES,
            },
            name: { value: "NAME", doc: "Name of the mapping; otherwise made of the mode and the source." },
            persist: PERSIST,
            "if-not-exists": IF_NOT_EXISTS,
        },
        examples: ["rapiddisk cache create rd0 /dev/sdb --mode write-around"],
        plan({ operands, options: given }) {
            const chosen = optionsFor("Manager.CreateCache", { name: given.name, persist: isGiven(given.persist) });
            const [volume, source] = [operands[0]!, operands[1]!];
            const mode = modeOf(given.mode ?? DEFAULT_MODE);
            const call = request(INTERFACE.manager, ROOT, "CreateCache", volume, source, mode, chosen);
            const plan = creating(call, given["if-not-exists"], async (path, reader) => {
                const cache = await reader.read(getProperties(INTERFACE.cache, path));
                return {
                    value: jsonObject({ path, ...cache }),
                    text: () =>
                        `Created ${cache.Name}, ${cache.Mode}, ${shownName(cache.Volume)} in front of ` +
                        `${cache.Source}: ${cache.Device}\n`,
                };
            });
            return { ...plan, followUps: [readMade(INTERFACE.cache)] };
        },
    },
    {
        words: ["cache", "show"],
        summary: "Show every property of a cache mapping.",
        operands: [CACHE],
        options: {},
        async plan({ operands }, reader) {
            const path = await findObject("caches", operands[0]!, reader);
            const plan = single(getProperties(INTERFACE.cache, path), async (cache, after) => {
                const shown = { ...cache, ...(await unwrittenOf(cache, path, after)) };
                return { value: jsonObject({ path, ...shown }), text: (style) => propertyList(shown, style) };
            });
            return { ...plan, followUps: [{ request: statisticsOf(path), when: "If its mode is writeback" }] };
        },
    },
    {
        words: ["cache", "mode"],
        summary: "Switch a cache mapping to another mode while it is in use.",
        details:
            "pass-through switches the cache off without removing the mapping. A writeback cache is of another kind: " +
            "remove it and create it again.",
        operands: [
            CACHE,
            {
                name: "MODE",
                doc: "write-through (wt), write-around (wa) or pass-through.",
                completes: SWITCH_MODES,
            },
        ],
        options: {},
        async plan({ operands }, reader) {
            const path = await findObject("caches", operands[0]!, reader);
            const call = request(INTERFACE.cache, path, "SetMode", modeOf(operands[1]!), options());
            const again = getProperties(INTERFACE.cache, path);
            const plan = single(call, async (_, after) => {
                const cache = await after.read(again);
                return {
                    value: jsonObject({ path, ...cache }),
                    text: () => `The mode of ${cache.Name} is ${cache.Mode}.\n`,
                };
            });
            return { ...plan, followUps: [{ request: again }] };
        },
    },
    {
        words: ["cache", "resize"],
        summary: "Take up in use what the source or the volume has grown by.",
        details:
            "What is cached is dropped; the source has all of it. A file system on the cache stays mounted and keeps its size " +
            "until it is grown as well (resize2fs, xfs_growfs). A writeback cache cannot grow in use: remove it, which " +
            "writes what only it holds, and create it again.",
        operands: [CACHE],
        options: {},
        examples: ["rapiddisk cache resize rc-wt_sdb"],
        async plan({ operands }, reader) {
            const path = await findObject("caches", operands[0]!, reader);
            const properties = getProperties(INTERFACE.cache, path);
            let before: { Size: bigint; CacheSize: bigint } | undefined;
            const plan = single(request(INTERFACE.cache, path, "Resize", options()), async (_, after) => {
                const cache = await after.read(properties);
                const isSame = cache.Size === before?.Size && cache.CacheSize === before.CacheSize;
                const sizes = `${formatSize(cache.Size)}, cached in ${formatSize(cache.CacheSize)}`;
                return {
                    value: jsonObject({ path, ...cache }),
                    text: () =>
                        isSame
                            ? `Neither ${cache.Source} nor ${shownName(cache.Volume)} has grown: ${cache.Name} stays at ${sizes}.\n`
                            : `Resized ${cache.Name} to ${sizes}.\n`,
                };
            });
            const prepare = async (): Promise<void> => void (before = await reader.read(properties));
            return { ...plan, prepare, beforehand: [properties], followUps: [{ request: properties }] };
        },
    },
    onEach(
        "persist",
        { summary: "Make cache mappings, with their volumes, again at each boot.", options: { off: OFF } },
        (path, { off }) => request(INTERFACE.cache, path, "SetPersistent", off === undefined, options()),
        (name, { off }) =>
            persistenceSentence(off === undefined ? `${name}, with its volume,` : name, off === undefined),
    ),
    onEach(
        "flush",
        {
            summary: "Write cached data that the source lacks to the source.",
            details: "Only writeback holds such data; the other modes have nothing to do.",
        },
        (path) => request(INTERFACE.cache, path, "Flush", options()),
        (name) => `Flushed ${name}.`,
    ),
    onEach(
        "remove",
        {
            summary: "Remove cache mappings; volumes and sources stay.",
            details:
                "Data that the source lacks is written to it first. Refused while anything uses the mapping, and when the " +
                "flush of a writeback cache fails, since its source is gone or fails, unless --lose-unwritten is given.",
            options: {
                "if-exists": IF_EXISTS,
                "lose-unwritten": {
                    doc: "Remove a writeback cache also when its flush fails, and lose what the source lacks; refused for other modes.",
                },
            },
        },
        (path, given) =>
            request(
                INTERFACE.cache,
                path,
                "Remove",
                optionsFor("Cache.Remove", { "lose-unwritten": isGiven(given["lose-unwritten"]) }),
            ),
        (name) => `Removed ${name}.`,
    ),
    onEach(
        "reset-stats",
        { summary: "Set the statistics of cache mappings to zero." },
        (path) => request(INTERFACE.cache, path, "ResetStatistics", options()),
        (name) => `Reset the statistics of ${name}.`,
    ),
];
