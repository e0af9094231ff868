// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { build } from "esbuild";
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = new URL("../../..", import.meta.url);
const { version } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { version: string };

/** Source of what measures the turns of a service, see there. */
export const TURNS = fileURLToPath(new URL("turns.ts", import.meta.url));

/**
 * Bundles a program as the product's are, so that it starts fast and is measured as it is installed.
 * @param file the TypeScript source
 * @param directory where the bundle goes
 * @returns path of the bundle, for `node`
 */
export async function bundle(file: string, directory: string): Promise<string> {
    const outfile = join(directory, basename(file).replace(/\.ts$/, ".cjs"));
    await build({
        entryPoints: [file],
        outfile,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        logLevel: "warning",
        define: { "process.env.RAPIDDISK_VERSION": JSON.stringify(version) },
    });
    return outfile;
}
