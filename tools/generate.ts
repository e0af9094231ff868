// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Generates service/src/generated/ from dbus/*.xml, the one source of truth of the interface.
 *
 * Usage: npx tsx tools/generate.ts [--check]
 * With --check nothing is written; the exit status is 1 when a file differs from what would be written.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "./generate/generate.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const target = join(root, "service/src/generated");
const check = process.argv.includes("--check");
let stale = 0;

mkdirSync(target, { recursive: true });
for (const [name, text] of generate(join(root, "dbus"))) {
    const file = join(target, name);
    if (readOrEmpty(file) === text) continue;
    if (check) {
        stale += 1;
        console.error(`${file} does not agree with dbus/*.xml: run npm run generate`);
    } else {
        writeFileSync(file, text);
        console.log(`wrote ${file}`);
    }
}
process.exitCode = stale === 0 ? 0 : 1;

function readOrEmpty(file: string): string {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return "";
    }
}
