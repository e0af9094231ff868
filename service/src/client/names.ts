// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { decodePathLabel, encodePathLabel } from "../system/pathlabel.js";

/** Well-known name of the service on the system bus. */
export const SERVICE = "org.rapiddisk.Manager";
/** Object path of the root object. */
export const ROOT = "/org/rapiddisk/Manager";

/** Interfaces, under the names that the code uses for them. */
export const INTERFACE = {
    manager: "org.rapiddisk.Manager",
    volume: "org.rapiddisk.Manager.Volume",
    cache: "org.rapiddisk.Manager.Cache",
    port: "org.rapiddisk.Manager.Port",
    export: "org.rapiddisk.Manager.Export",
    job: "org.rapiddisk.Manager.Job",
    tokens: "org.rapiddisk.Manager.Tokens",
    properties: "org.freedesktop.DBus.Properties",
    objectManager: "org.freedesktop.DBus.ObjectManager",
} as const;

/** The folders of the object tree below the root. */
export type ObjectKind = "volumes" | "caches" | "ports" | "exports" | "jobs";

/** Builds the object path of a volume, cache, port, export or job. @param name kernel name, mapping name, NQN or number */
export function objectPath(kind: ObjectKind, name: string): string {
    return `${ROOT}/${kind}/${encodePathLabel(name)}`;
}

/** Reads the name out of the last part of an object path: the inverse of {@link objectPath}. */
export function nameOfPath(path: string): string {
    const label = path.slice(path.lastIndexOf("/") + 1);
    return decodePathLabel(label) ?? label;
}
