// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Kind } from "../../client/index.js";
import { INTERFACE, nameOfPath, objectPath, request, ROOT } from "../../client/index.js";
import type { Reader } from "./command.js";

const PREFIX = { volumes: "/dev/", caches: "/dev/mapper/" } as const;

/**
 * Object path of the volume or cache mapping that a person named.
 * @param typed its name, its device path, its object path, or any link to its device (which the service then resolves)
 */
export async function findObject(kind: "volumes" | "caches", typed: string, reader: Reader): Promise<string> {
    if (typed.startsWith(`${ROOT}/${kind}/`)) {
        return typed;
    }
    const name = typed.startsWith(PREFIX[kind]) ? typed.slice(PREFIX[kind].length) : typed;
    return name.includes("/")
        ? await reader.read(request(INTERFACE.manager, ROOT, "Resolve", typed))
        : objectPath(kind, name);
}

/** Object paths of several, in their order; each is named once. */
export async function findObjects(
    kind: "volumes" | "caches",
    typed: readonly string[],
    reader: Reader,
): Promise<string[]> {
    const paths = await Promise.all(typed.map((one) => findObject(kind, one, reader)));
    return [...new Set(paths)];
}

/** What kind of object a path is of. */
export function kindOfPath(path: string): Kind {
    return path.slice(ROOT.length + 1).split("/", 1)[0] as Kind;
}

/** Name to show for an object path; a dash for "none of ours". */
export function shownName(path: string): string {
    return path === "/" ? "-" : nameOfPath(path);
}
