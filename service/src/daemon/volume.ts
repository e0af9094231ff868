// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Variant, type InterfaceImplementation, type PropertySource } from "../bus/index.js";
import { volumeInterface } from "../generated/specs.js";
import type { Model } from "../model/model.js";
import type { Volume, VolumeUsage } from "../model/types.js";
import { readOptions, toSize } from "./arguments.js";
import { usersProperties } from "./details.js";
import { changing, reading, type HandlerContext } from "./handlers.js";
import { objectPath } from "./names.js";
import { statisticsRow } from "./statistics.js";

/** How old usage may be, in ms, when a property is asked for: a client that asks for several causes one reading. */
const FRESH = 50;

/** Makes the signalled properties of a volume as they go onto the bus. */
export function volumeProperties(volume: Volume): Record<string, unknown> {
    return {
        Name: volume.name,
        Number: volume.number,
        Device: volume.device,
        Size: BigInt(volume.size),
        Populated: volume.populated,
        ReadOnly: volume.readOnly,
        ...usersProperties(volume.users),
        Persistent: volume.persistent,
        Managed: volume.managed,
    };
}

/** Makes the source of Used and Errors, which are read from the kernel when asked for, those of all volumes at once. */
export function usageSource(model: Model): PropertySource {
    return {
        refresh: () => model.freshUsage(FRESH),
        get revision() {
            return model.state.usageRevision;
        },
    };
}

/** Implements org.rapiddisk.Manager.Volume on one volume. @param usage where Used and Errors of all volumes come from */
export function volumeObject(context: HandlerContext, volume: Volume, usage: PropertySource): InterfaceImplementation {
    const { model } = context;
    const { name, number } = volume;
    const read = (key: "used" | "errors") => (): bigint => BigInt(model.state.usageOf(name)[key]);
    return {
        spec: volumeInterface,
        properties: { ...volumeProperties(volume), Used: read("used"), Errors: read("errors") },
        source: usage,
        // What a creation has just read is not read again.
        refresh: () => model.freshUsage(FRESH, number),
        methods: {
            Resize: changing(context, "volume-resize", "Volume.Resize", async ([size], _options, authorize) => {
                await model.volumes.resize(name, toSize(size), authorize);
                return { object: name };
            }),
            SetReadOnly: changing(
                context,
                "volume-lock",
                "Volume.SetReadOnly",
                async ([readOnly], _options, authorize) => {
                    await model.volumes.setReadOnly(name, readOnly as boolean, authorize);
                    return { object: name };
                },
            ),
            SetPersistent: changing(
                context,
                "volume-persist",
                "Volume.SetPersistent",
                async ([persistent], _options, authorize) => {
                    await model.volumes.setPersistent(name, persistent as boolean, authorize);
                    return { object: name };
                },
            ),
            Erase: changing(context, "volume-erase", "Volume.Erase", async (_args, _options, authorize) => {
                await model.volumes.erase(name, authorize);
                return { object: name };
            }),
            Remove: changing(context, "volume-remove", "Volume.Remove", async (_args, _options, authorize) => {
                await model.volumes.remove(name, authorize);
                return { object: name };
            }),
            GetStatistics: reading(async ([options]) => {
                readOptions(options, "Volume.GetStatistics");
                return [statisticsRow(await model.volumes.statistics(name))];
            }),
        },
    };
}

/** Makes one row of ListVolumes: every property, and the object's path. */
export function volumeRow(volume: Volume, { used, errors }: Readonly<VolumeUsage>): Map<string, Variant> {
    const values: Record<string, unknown> = {
        ...volumeProperties(volume),
        Used: BigInt(used),
        Errors: BigInt(errors),
    };
    return toRow(objectPath("volume", volume.name), volumeInterface.properties, values);
}

/** Makes a dictionary of properties with their types from the interface's description. */
export function toRow(
    path: string,
    types: Record<string, { type: string }>,
    values: Record<string, unknown>,
): Map<string, Variant> {
    const row = new Map([["path", new Variant<unknown>("o", path)]]);
    for (const [name, { type }] of Object.entries(types)) {
        row.set(name, new Variant(type, values[name]));
    }
    return row;
}
