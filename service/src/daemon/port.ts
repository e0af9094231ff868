// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { InterfaceImplementation, Variant } from "../bus/index.js";
import { portInterface } from "../generated/specs.js";
import type { Port } from "../model/types.js";
import { changing, type HandlerContext } from "./handlers.js";
import { objectPath } from "./names.js";
import { toRow } from "./volume.js";

/** Makes the properties of a port as they go onto the bus. */
export function portProperties(port: Port): Record<string, unknown> {
    return {
        Id: port.id,
        Transport: port.transport,
        Address: port.address,
        Family: port.family,
        Service: port.service,
        Interface: port.interface,
        Exports: port.exports.map((nqn) => objectPath("export", nqn)),
        Tls: port.tls,
        Persistent: port.persistent,
        Managed: port.managed,
    };
}

/** Implements org.rapiddisk.Manager.Port on one port. */
export function portObject(context: HandlerContext, port: Port): InterfaceImplementation {
    const { model } = context;
    const id = String(port.id);
    const object = `port ${id}`;
    return {
        spec: portInterface,
        properties: portProperties(port),
        methods: {
            SetPersistent: changing(
                context,
                "port-persist",
                "Port.SetPersistent",
                async ([persistent], _options, authorize) => {
                    await model.ports.setPersistent(id, persistent as boolean, authorize);
                    return { object };
                },
            ),
            Remove: changing(context, "port-remove", "Port.Remove", async (_args, _options, authorize) => {
                await model.ports.remove(id, authorize);
                return { object };
            }),
        },
    };
}

/** Makes one row of ListPorts. */
export function portRow(port: Port): Map<string, Variant> {
    return toRow(objectPath("port", String(port.id)), portInterface.properties, portProperties(port));
}
