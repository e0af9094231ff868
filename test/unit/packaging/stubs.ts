// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the source tree. */
export const TREE = fileURLToPath(new URL("../../..", import.meta.url));

/** Makes a temporary folder. @returns its path, and what removes it */
export function temporaryFolder(): { path: string; remove: () => void } {
    const path = mkdtempSync(join(tmpdir(), "rapiddisk-packaging-"));
    return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Writes programs of shell into a folder.
 * @param programs scripts for /bin/sh, by name
 * @returns a PATH in which they come before those of the host
 */
export function stubPrograms(folder: string, programs: Readonly<Record<string, string>>): string {
    mkdirSync(folder, { recursive: true });
    for (const [name, script] of Object.entries(programs)) {
        writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
        chmodSync(join(folder, name), 0o755);
    }
    return `${folder}:${process.env.PATH ?? "/usr/sbin:/usr/bin:/sbin:/bin"}`;
}
