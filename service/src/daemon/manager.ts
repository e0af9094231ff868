// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Variant, type InterfaceImplementation } from "../bus/index.js";
import { managerInterface } from "../generated/specs.js";
import { CoalescedRead } from "../system/coalescedread.js";
import { ModelError } from "../model/errors.js";
import { problemSentence, type Problem } from "../model/problems.js";
import type { Host, Resource } from "../model/types.js";
import { userLine } from "../model/users.js";
import { quote, volumeNameOf } from "../model/values.js";
import { VERSION } from "../version.js";
import { defined } from "../system/defined.js";
import { readOptions, toSize } from "./arguments.js";
import { cacheRow } from "./cache.js";
import { problemDetails, userDetails } from "./details.js";
import { changing, reading, type HandlerContext } from "./handlers.js";
import { createExport, exportRow } from "./export.js";
import { idOfPath, objectPath } from "./names.js";
import { portRow } from "./port.js";
import { EncodedRows } from "./rows.js";
import { statisticsByPath } from "./statistics.js";
import { volumeRow } from "./volume.js";

/** Makes the signalled properties of the root object. @param more what is wrong besides */
export function hostProperties(host: Host, more: readonly Problem[]): Record<string, unknown> {
    const Problems = [...host.problems, ...more.map(problemSentence)];
    return {
        Features: host.features,
        Modules: new Map(Object.entries(host.modules)),
        MemoryTotal: BigInt(host.memoryTotal),
        MemoryCommitted: BigInt(host.memoryCommitted),
        Problems,
        ProblemDetails: [...host.problemDetails, ...more].map((one, index) => problemDetails(one, Problems[index])),
        Missing: host.missing,
    };
}

/** Implements org.rapiddisk.Manager on the root object. */
export function managerObject(context: HandlerContext): InterfaceImplementation {
    const { model } = context;
    return {
        spec: managerInterface,
        properties: {
            Version: VERSION,
            ApiVersion: 1,
            ...hostProperties(model.state.host, context.bridgePort.problems),
            MemoryAvailable: async () => BigInt(await model.memoryAvailable()),
            MemoryFree: async () => BigInt(await model.memoryFree()),
            MemoryUsed: async () => {
                await model.freshUsage(50);
                return BigInt(model.state.memoryUsed);
            },
        },
        methods: { ...readers(context), ...creators(context), ...keepers(context) },
    };
}

function readers({ model }: HandlerContext): InterfaceImplementation["methods"] {
    const { state } = model;
    const volumeRows = new EncodedRows(volumeRow);
    const cacheRows = new EncodedRows(cacheRow);
    const portRows = new EncodedRows(portRow);
    const exportRows = new EncodedRows(exportRow);
    const volumes = new CoalescedRead(async () => {
        await model.freshUsage(50);
        return Array.from(state.volumes.values(), (volume) => volumeRows.of(volume, state.usageOf(volume.name)));
    });
    return {
        GetResources: reading(async ([options]) => {
            readOptions(options, "Manager.GetResources");
            return [resourceRows(await model.resources())];
        }),
        ListVolumes: reading(async () => [await volumes.get()]),
        ListCaches: reading(async () => [cacheRows.list(state.caches.values())]),
        ListPorts: reading(async () => [portRows.list(state.ports.values())]),
        ListExports: reading(async () => [exportRows.list(state.exports.values())]),
        GetAllStatistics: reading(async ([options]) => {
            readOptions(options, "Manager.GetAllStatistics");
            return [statisticsByPath(await model.statistics.get())];
        }),
        Resolve: reading(async ([name]) => {
            const text = name as string;
            const own = idOfPath(text);
            if (own?.kind === "job") {
                throw new ModelError("NotFound", `${quote(text)} is a job, not a volume or cache.`);
            }
            const found = await model.find(own?.id ?? text);
            return [objectPath(found.kind, found.id)];
        }),
    };
}

function creators(context: HandlerContext): InterfaceImplementation["methods"] {
    const { model } = context;
    return {
        CreateVolume: changing(context, "volume-create", "Manager.CreateVolume", async ([size], options, authorize) => {
            const { number, populate, persist } = options;
            const request = defined({ number, populate, persist });
            const name = await model.volumes.create(toSize(size), request, authorize);
            return { object: name, out: [objectPath("volume", name)] };
        }),
        CreateCache: changing(context, "cache-create", "Manager.CreateCache", async (args, options, authorize) => {
            const [volume, source, mode] = args as string[];
            const own = idOfPath(volume ?? "");
            const volumeName = own?.kind === "volume" ? own.id : volumeNameOf(volume ?? "");
            const { name: wanted, persist } = options;
            const request = defined({ name: wanted, persist });
            const name = await model.caches.create(volumeName, source ?? "", mode ?? "", request, authorize);
            return { object: name, out: [objectPath("cache", name)] };
        }),
        CreatePort: changing(
            context,
            "port-create",
            "Manager.CreatePort",
            async ([id, transport, address], options, authorize) => {
                const { service, family, tls, persist } = options;
                const request = {
                    ...{ id: id as number, transport: transport as string, address: address as string },
                    ...defined({ service, family, tls, persist }),
                };
                const created = await model.ports.create(request, authorize);
                return { object: `port ${created}`, out: [objectPath("port", created)] };
            },
        ),
        CreateExport: createExport(context),
    };
}

function keepers(context: HandlerContext): InterfaceImplementation["methods"] {
    const { model } = context;
    return {
        LoadModules: changing(context, "modules-load", "Manager.LoadModules", async (_args, _options, authorize) => {
            const loaded = await model.loadModules(authorize);
            return { object: loaded.join(",") || "-", out: [loaded] };
        }),
        Restore: changing(context, "restore", "Manager.Restore", async (_args, { parts, wait }, authorize) => {
            const { made, failed } = await model.restore(authorize, parts ?? ["storage", "exports"], wait);
            const result = failed.length === 0 ? undefined : `${failed.length} could not be restored`;
            return { object: made.join(",") || "-", out: [made, failed], result };
        }),
        Forget: changing(context, "forget", "Manager.Forget", async ([name], _options, authorize) => {
            await model.forget(name as string, authorize);
            return { object: name as string };
        }),
    };
}

/** Rows by the inventory that they show: they are made once, however many ask. */
const rowsOf = new WeakMap<readonly Resource[], Map<string, Variant>[]>();

function resourceRows(inventory: readonly Resource[]): Map<string, Variant>[] {
    const rows = rowsOf.get(inventory) ?? inventory.map(resourceRow);
    rowsOf.set(inventory, rows);
    return rows;
}

function resourceRow({ device, users, cacheable }: Resource): Map<string, Variant> {
    return new Map<string, Variant>([
        ["name", new Variant("s", device.name)],
        ["path", new Variant("s", device.path)],
        ["size", new Variant("t", BigInt(device.size))],
        ["vendor", new Variant("s", device.vendor)],
        ["model", new Variant("s", device.model)],
        ["type", new Variant("s", device.type)],
        ["in-use", new Variant("b", users.length > 0)],
        ["users", new Variant("as", users.map(userLine))],
        [
            "user-details",
            new Variant(
                "aa{sv}",
                users.map((user) => userDetails(user)),
            ),
        ],
        ["cacheable", new Variant("b", cacheable)],
    ]);
}
