// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { lockId, type ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import type { SavedExports } from "./savedexports.js";
import { savedOnDevice, savedOnPort } from "./savedas.js";
import { busy } from "./retrybusy.js";
import type { CacheEntry, ExportEntry, PortEntry, VolumeEntry } from "./storage.js";
import { quote, volumeName } from "./values.js";

/** A saved entry whose object is not there. */
interface MissingEntry {
    kind: "volume" | "cache" | "port" | "export";
    entry: VolumeEntry | CacheEntry | PortEntry | ExportEntry;
    /** Locks under which it may be dropped. */
    keys: string[];
    drop(): Promise<unknown>;
}

/**
 * Finds the saved entry that a name means, of an object that is not there. A name is exact: "01" is no port 1.
 * @throws ModelError Busy when everything of that name is there or another saved object needs it, NotFound when nothing of it is saved
 */
export function missingEntry(context: ModelContext, name: string, exports: SavedExports): MissingEntry {
    const { saved, tree } = context;
    saved.refuseDamaged();
    const refuseNeeded = (needed: readonly string[]): void => {
        if (needed.length > 0) {
            throw busy(/^\d+$/.test(name) ? `Port ${name}` : name, needed);
        }
    };
    const volume = saved.current.volumes.find((entry) => volumeName(entry.number) === name);
    const port = saved.target.ports.find((entry) => String(entry.id) === name);
    const cache = saved.cache(name);
    const exported = saved.export(name);
    if (volume !== undefined && !tree.volumes.has(name)) {
        refuseNeeded(savedOnDevice(saved.current, `/dev/${name}`));
        const drop = (): Promise<void> => saved.putVolume(volume.number, null);
        return { kind: "volume", entry: volume, keys: [lockId.device(name)], drop };
    }
    if (port !== undefined && !tree.ports.has(name)) {
        refuseNeeded(savedOnPort(saved.current, port.id));
        const drop = (): Promise<void> => saved.putPort(port.id, null);
        return { kind: "port", entry: port, keys: [lockId.target], drop };
    }
    if (cache !== undefined && !tree.caches.has(name)) {
        refuseNeeded(savedOnDevice(saved.current, `/dev/mapper/${name}`));
        const drop = (): Promise<unknown> => saved.putCache(name, null);
        return { kind: "cache", entry: cache, keys: [lockId.cache(name)], drop };
    }
    if (exported !== undefined && !tree.exports.has(name)) {
        return { kind: "export", entry: exported, keys: [lockId.target], drop: () => exports.forget(name) };
    }
    const living = tree.volumes.get(name) ?? tree.caches.get(name) ?? tree.exports.get(name) ?? tree.ports.get(name);
    if (living !== undefined && (volume ?? cache ?? exported ?? port) !== undefined) {
        throw living.persistent
            ? new ModelError(
                  "Busy",
                  `${name} is there: removing it drops its saved entry as well, making it not persistent drops the entry alone.`,
              )
            : otherIsThere(name);
    }
    const there = living === undefined ? "" : "; what is there of that name is not made again at boot";
    throw new ModelError("NotFound", `Nothing is saved under the name ${quote(name)}${there}.`);
}

/** Says of a living object that what is saved under its name is another one, which is not dropped by mistake. */
export function otherIsThere(name: string): ModelError {
    return new ModelError(
        "Busy",
        `${name} is there and is another one than the one that is saved: remove it and then forget what is saved, ` +
            "or make it persistent in its place.",
    );
}
