// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { type ObjectKind, ROOT } from "../facts/busnames.js";
import { decodePathLabel, encodePathLabel } from "../system/pathlabel.js";

/** Builds the object path of a volume, cache, port, export or job. @param name kernel name, mapping name, NQN or number */
export function objectPath(kind: ObjectKind, name: string): string {
    return `${ROOT}/${kind}/${encodePathLabel(name)}`;
}

/** Reads the name out of the last part of an object path: the inverse of {@link objectPath}. */
export function nameOfPath(path: string): string {
    const label = path.slice(path.lastIndexOf("/") + 1);
    return decodePathLabel(label) ?? label;
}
