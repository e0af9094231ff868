// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Metafile } from "esbuild";
export interface Bundled {
    name: string;
    version: string;
    licence: string;
    text: string;
    folder?: string;
}
export const marks: ReadonlyMap<string, RegExp>;
export function bundled(metafile: Pick<Metafile, "outputs">): Bundled[];
