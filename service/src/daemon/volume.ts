// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Variant, type InterfaceImplementation } from "../bus/index.js";
import { volumeInterface } from "../generated/specs.js";
import type { Model } from "../model/model.js";
import type { Volume } from "../model/types.js";
import { readOptions, toSize } from "./arguments.js";
import { usersProperties } from "./details.js";
import { changing, reading, type HandlerContext } from "./handlers.js";
import { objectPath } from "./names.js";
import { statisticsRow } from "./statistics.js";

/** How old usage may be, in ms, when a property is asked for: a client that asks for several causes one read. */
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

/**
 * Makes the properties Used and Errors. They are read from the kernel on request, for all volumes at once; what the creation of
 * the volume has just read is used as it is.
 */
function usage(model: Model, { name, number }: Volume): Record<string, unknown> {
    const read = (key: "used" | "errors"): bigint => BigInt(model.state.usageOf(name)[key]);
    const fresh = (key: "used" | "errors") => (): bigint | Promise<bigint> => {
        const reading = model.freshUsage(FRESH, number);
        return reading === undefined ? read(key) : reading.then(() => read(key));
    };
    return { Used: fresh("used"), Errors: fresh("errors") };
}

/** Implements org.rapiddisk.Manager.Volume on one volume. */
export function volumeObject(context: HandlerContext, volume: Volume): InterfaceImplementation {
    const { model } = context;
    const { name } = volume;
    return {
        spec: volumeInterface,
        properties: { ...volumeProperties(volume), ...usage(model, volume) },
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
export function volumeRow(model: Model, volume: Volume): Map<string, Variant> {
    const now = model.state.usageOf(volume.name);
    const values: Record<string, unknown> = {
        ...volumeProperties(volume),
        Used: BigInt(now.used),
        Errors: BigInt(now.errors),
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
