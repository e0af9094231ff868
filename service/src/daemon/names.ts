// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ROOT } from "../facts/busnames.js";
import { decodePathLabel, encodePathLabel } from "../system/pathlabel.js";

const FOLDERS = { volume: "volumes", cache: "caches", port: "ports", export: "exports", job: "jobs" } as const;

/** Builds the object path of a volume, cache, port, export or job. */
export function objectPath(kind: keyof typeof FOLDERS, id: string): string {
    return `${ROOT}/${FOLDERS[kind]}/${encodePathLabel(id)}`;
}

/** Reads the id in an object path of the service; undefined for any other text. */
export function idOfPath(text: string): { kind: keyof typeof FOLDERS; id: string } | undefined {
    if (!text.startsWith(`${ROOT}/`)) {
        return undefined;
    }
    const [folder, label, ...rest] = text.slice(ROOT.length + 1).split("/");
    const kind = (Object.keys(FOLDERS) as (keyof typeof FOLDERS)[]).find((one) => FOLDERS[one] === folder);
    const id = label === undefined || rest.length > 0 ? undefined : decodePathLabel(label);
    return kind === undefined || id === undefined ? undefined : { kind, id };
}
