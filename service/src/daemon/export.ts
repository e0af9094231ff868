// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Variant, type InterfaceImplementation } from "../bus/index.js";
import { exportInterface } from "../generated/specs.js";
import type { OptionsOf } from "../generated/types.js";
import { ModelError } from "../model/errors.js";
import type { ExportRequest, KeyRequest } from "../model/exportplan.js";
import type { Export } from "../model/types.js";
import { quote } from "../model/values.js";
import { defined } from "../system/defined.js";
import { readOptions } from "./arguments.js";
import { changing, reading, type HandlerContext } from "./handlers.js";
import { idOfPath, objectPath } from "./names.js";
import { statisticsRow } from "./statistics.js";
import { toRow } from "./volume.js";

/** Makes the properties of an export as they go onto the bus, which never include a key. */
export function exportProperties(one: Export): Record<string, unknown> {
    return {
        Nqn: one.nqn,
        NamespaceId: one.namespaceId,
        Device: one.device,
        Backing: one.backing === undefined ? "/" : objectPath(one.backing.kind, one.backing.id),
        Enabled: one.enabled,
        AllowAnyHost: one.allowAnyHost,
        AllowedHosts: one.allowedHosts,
        AuthenticatedHosts: one.authenticatedHosts,
        Ports: one.ports.map((id) => objectPath("port", String(id))),
        Serial: one.serial,
        Model: one.model,
        Uuid: one.uuid,
        Nguid: one.nguid,
        Persistent: one.persistent,
        Managed: one.managed,
    };
}

/** Takes the keys out of the options of a method. */
function keyRequest(options: OptionsOf["Export.AllowHost"]): KeyRequest {
    const { key, hash, dhgroup } = options;
    const controllerKey = options["controller-key"];
    return {
        ...defined({ key, controllerKey, hash, dhgroup }),
        noKey: options["no-key"] === true,
    };
}

/** Implements org.rapiddisk.Manager.Export on one export. */
export function exportObject(context: HandlerContext, one: Export): InterfaceImplementation {
    const { nqn } = one;
    return {
        spec: exportInterface,
        properties: exportProperties(one),
        methods: { ...readers(context, nqn), ...hosts(context, nqn), ...changes(context, nqn) },
    };
}

function readers({ model }: HandlerContext, nqn: string): InterfaceImplementation["methods"] {
    return {
        GetStatistics: reading(async ([options]) => {
            readOptions(options, "Export.GetStatistics");
            return [statisticsRow(await model.exportStatistics(nqn))];
        }),
        GetConnections: reading(async ([options]) => {
            readOptions(options, "Export.GetConnections");
            const rows = (await model.connections(nqn)).map(
                ({ port, transport, known, exclusive, hosts: connected }) =>
                    new Map<string, Variant>([
                        ["port", new Variant("u", port)],
                        ["transport", new Variant("s", transport)],
                        ["known", new Variant("b", known)],
                        ["exclusive", new Variant("b", exclusive)],
                        ["hosts", new Variant("as", connected)],
                    ]),
            );
            return [rows];
        }),
    };
}

function hosts(context: HandlerContext, nqn: string): InterfaceImplementation["methods"] {
    const { exports } = context.model;
    return {
        AllowHost: changing(context, "export-allow-host", "Export.AllowHost", async ([host], options, authorize) => {
            await exports.allowHost(nqn, host as string, keyRequest(options), authorize);
            return { object: nqn };
        }),
        TakeHostKeys: changing(
            context,
            "export-take-keys",
            "Export.TakeHostKeys",
            async ([names], _options, authorize) => {
                const keys = await exports.takeHostKeys(nqn, names as string[], authorize);
                return { object: nqn, out: [keys], ...(keys.size === 0 ? { result: "no key to take" } : {}) };
            },
        ),
        DenyHost: changing(context, "export-deny-host", "Export.DenyHost", async ([host], _options, authorize) => {
            await exports.denyHost(nqn, host as string, authorize);
            return { object: nqn };
        }),
        SetAllowAnyHost: changing(
            context,
            "export-any-host",
            "Export.SetAllowAnyHost",
            async ([any], _options, authorize) => {
                await exports.setAllowAnyHost(nqn, any as boolean, authorize);
                return { object: nqn };
            },
        ),
        SetHostKeys: changing(context, "export-host-keys", "Export.SetHostKeys", async ([host], options, authorize) => {
            const { clear = false } = options;
            await exports.setHostKeys(nqn, host as string, { ...keyRequest(options), clear }, authorize);
            return { object: nqn };
        }),
    };
}

function changes(context: HandlerContext, nqn: string): InterfaceImplementation["methods"] {
    const { exports } = context.model;
    const done = { object: nqn };
    return {
        AddPort: changing(context, "export-add-port", "Export.AddPort", async ([id], options, authorize) => {
            const allowAnyHost = options["allow-any-host"] === true;
            await exports.addPort(nqn, id as number, { allowAnyHost }, authorize);
            return done;
        }),
        RemovePort: changing(context, "export-remove-port", "Export.RemovePort", async ([id], _options, authorize) => {
            await exports.removePort(nqn, id as number, authorize);
            return done;
        }),
        SetEnabled: changing(context, "export-enable", "Export.SetEnabled", async ([enabled], _options, authorize) => {
            await exports.setEnabled(nqn, enabled as boolean, authorize);
            return done;
        }),
        Revalidate: changing(context, "export-revalidate", "Export.Revalidate", async (_args, _options, authorize) => {
            await exports.revalidate(nqn, authorize);
            return done;
        }),
        SetPersistent: changing(
            context,
            "export-persist",
            "Export.SetPersistent",
            async ([persistent], _options, authorize) => {
                await exports.setPersistent(nqn, persistent as boolean, authorize);
                return done;
            },
        ),
        Remove: changing(context, "export-remove", "Export.Remove", async (_args, _options, authorize) => {
            await exports.remove(nqn, authorize);
            return done;
        }),
    };
}

/** Makes one row of ListExports. */
export function exportRow(one: Export): Map<string, Variant> {
    return toRow(objectPath("export", one.nqn), exportInterface.properties, exportProperties(one));
}

/** CreateExport on the root object. */
export function createExport(context: HandlerContext): InterfaceImplementation["methods"][string] {
    const { model } = context;
    return changing(context, "export-create", "Manager.CreateExport", async ([device], options, authorize) => {
        const { nqn, ports, hosts: names, serial, model: modelName, persist } = options;
        const allowAnyHost = options["allow-any-host"];
        const request: ExportRequest & { persist?: boolean } = {
            device: await deviceOf(context, device as string),
            ...defined({
                nqn,
                ports: ports?.map(portNumber),
                hosts: names,
                serial,
                model: modelName,
                persist,
                allowAnyHost,
            }),
            noKey: options["no-key"] === true,
        };
        const created = await model.exports.create(request, authorize);
        return { object: created, out: [objectPath("export", created)] };
    });
}

async function deviceOf({ model }: HandlerContext, text: string): Promise<ExportRequest["device"]> {
    const own = idOfPath(text);
    const found =
        own === undefined || own.kind === "job" || own.kind === "port" || own.kind === "export"
            ? await model.find(text)
            : { kind: own.kind, id: own.id };
    if (found.kind === "port" || found.kind === "export") {
        throw new ModelError("InvalidArgument", `${quote(text)} is neither a volume nor a cache.`);
    }
    return { kind: found.kind, id: found.id };
}

/** Reads the number of a port, in decimal or in its object path. */
function portNumber(text: string): number {
    const own = idOfPath(text);
    const digits = own?.kind === "port" ? own.id : text;
    if (!/^[1-9][0-9]{0,4}$/.test(digits)) {
        throw new ModelError(
            "InvalidArgument",
            `Port ${quote(text)} is neither the number of a port nor the object path of one.`,
        );
    }
    return Number(digits);
}
