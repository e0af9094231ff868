// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Generates what is written about the interface and the command from the tables that they work by:
 * docs/dbus.md from the interface specifications, the manual page and the shell completions from the CLI's commands.
 *
 * Usage: npx tsx tools/docs/generate.ts [--check]
 * With --check nothing is written; the exit status is 1 when a file differs from what would be written.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { documents } from "./documents.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const check = process.argv.includes("--check");
let stale = 0;

for (const [name, text] of await documents()) {
    const file = join(root, name);
    if (readOrEmpty(file) === text) {
        continue;
    }
    if (check) {
        stale++;
        console.error(`${name} is out of date: run npx tsx tools/docs/generate.ts`);
    } else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
        console.log(`wrote ${name}`);
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
