// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, INTERFACE_OF, type ObjectKind } from "../../facts/busnames.js";
import type { InterfaceSpec } from "../../client/index.js";
import { interfaces } from "../../generated/specs.js";
import type { Scope } from "../../facts/scopes.js";
import { scopeOfAction } from "../access/scopes.js";

/** One method of the D-Bus interface, as a route. */
export interface ApiOperation {
    method: "GET" | "POST" | "PUT" | "DELETE";
    /** Path with `:id` where the object's name stands. */
    url: string;
    /** The kind of object that it is for; undefined: the root object. */
    kind: ObjectKind | undefined;
    /** The kind of object that it makes. */
    makes: ObjectKind | undefined;
    iface: string;
    member: string;
    spec: InterfaceSpec["methods"][string];
    scope: Scope;
    summary: string;
}

/** Lists every kind that the interface describes. */
export function kinds(): { kind: ObjectKind; spec: InterfaceSpec }[] {
    const known: Readonly<Record<string, InterfaceSpec | undefined>> = interfaces;
    return (Object.keys(INTERFACE_OF) as ObjectKind[]).flatMap((kind) => {
        const spec = known[INTERFACE_OF[kind]];
        return spec === undefined ? [] : [{ kind, spec }];
    });
}

const MAKES: Readonly<Record<string, ObjectKind>> = {
    CreateVolume: "volumes",
    CreateCache: "caches",
    CreatePort: "ports",
    CreateExport: "exports",
};

/** Methods of the root object that other routes answer: lists by the object cache, statistics of everything by /metrics. */
const LISTS = ["ListVolumes", "ListCaches", "ListPorts", "ListExports", "GetAllStatistics"];

/** Methods of objects that are a part of other routes: the keys are in the answer of those that have them made. */
const PARTS = ["TakeHostKeys"];

/** Makes the word of a path for the name of a method: ResetStatistics becomes reset-statistics. */
function kebab(member: string): string {
    return member.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}

/** Chooses the HTTP method and the end of the path for a method of an object. */
function place(member: string, isReading: boolean): Pick<ApiOperation, "method"> & { end: string } {
    if (member === "Remove") {
        return { method: "DELETE", end: "" };
    }
    if (/^Set[A-Z]/.test(member)) {
        return { method: "PUT", end: `/${kebab(member.slice(3))}` };
    }
    if (isReading) {
        return { method: "GET", end: `/${kebab(member.replace(/^Get(?=[A-Z])/, ""))}` };
    }
    return { method: "POST", end: `/${kebab(member)}` };
}

/** Makes a route of every method except lists and parts, so that what is added to dbus/*.xml appears here automatically. */
export function operations(): ApiOperation[] {
    const ofObjects = kinds().flatMap(({ kind, spec }) =>
        Object.entries(spec.methods)
            .filter(([member]) => !PARTS.includes(member))
            .map(([member, method]): ApiOperation => {
                const { method: verb, end } = place(member, method.action === undefined);
                return {
                    method: verb,
                    url: `/v2/${kind}/:id${end}`,
                    kind,
                    makes: undefined,
                    iface: spec.name,
                    member,
                    spec: method,
                    scope: scopeOfAction(method.action),
                    summary: method.doc,
                };
            }),
    );
    const manager: InterfaceSpec = interfaces[INTERFACE.manager]!;
    const ofRoot = Object.entries(manager.methods)
        .filter(([member]) => !LISTS.includes(member))
        .map(([member, method]): ApiOperation => {
            const makes = MAKES[member];
            const { method: verb, end } = place(member, method.action === undefined);
            return {
                method: verb,
                url: makes === undefined ? `/v2${end}` : `/v2/${makes}`,
                kind: undefined,
                makes,
                iface: manager.name,
                member,
                spec: method,
                scope: scopeOfAction(method.action),
                summary: method.doc,
            };
        });
    return [...ofRoot, ...ofObjects];
}
