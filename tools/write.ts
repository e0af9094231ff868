// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * What every generator does with its texts: writes the files that differ. With `--check` on the command line it writes
 * nothing, names them, and makes the exit status 1.
 * @param files path below the root, and text
 * @param source what they are generated from, for the message
 */
export function writeOrCheck(files: Iterable<readonly [path: string, text: string]>, source: string): void {
    const check = process.argv.includes("--check");
    for (const [path, text] of files) {
        const file = join(root, path);
        if (readOrEmpty(file) === text) {
            continue;
        }
        if (check) {
            process.exitCode = 1;
            console.error(`${path} does not agree with ${source}: run 'npm run generate'`);
        } else {
            mkdirSync(dirname(file), { recursive: true });
            writeFileSync(file, text);
            console.log(`wrote ${path}`);
        }
    }
}

function readOrEmpty(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
