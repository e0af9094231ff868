// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

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

/**
 * Object path of a named thing: every byte outside [A-Za-z0-9] becomes `_` and two lower-case hex digits.
 * @param name kernel name, mapping name, NQN or number
 */
export function objectPath(kind: ObjectKind, name: string): string {
    const label = [...Buffer.from(name, "utf8")]
        .map((byte) => {
            const character = String.fromCharCode(byte);
            return /[A-Za-z0-9]/.test(character) ? character : `_${byte.toString(16).padStart(2, "0")}`;
        })
        .join("");
    return `${ROOT}/${kind}/${label === "" ? "_" : label}`;
}

/** The name in the last part of an object path: the inverse of {@link objectPath}. */
export function nameOfPath(path: string): string {
    const label = path.slice(path.lastIndexOf("/") + 1);
    const bytes: number[] = [];
    for (let at = 0; at < label.length; at++) {
        const hex = label[at] === "_" ? label.slice(at + 1, at + 3) : "";
        if (/^[0-9a-f]{2}$/.test(hex)) {
            bytes.push(parseInt(hex, 16));
            at += 2;
        } else if (label !== "_") {
            bytes.push(label.charCodeAt(at));
        }
    }
    return Buffer.from(bytes).toString("utf8");
}
