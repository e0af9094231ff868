// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { closeSync, fsyncSync, openSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ModelError } from "../model/errors.js";
import type { SavedState, StateStore } from "../model/storage.js";
import { formatState, LARGEST, NO_REST, parseState, StateError, type Rest } from "./stateformat.js";

/** The saved state in STATE_DIR/state.json (mode 0600). */
export class FileStore implements StateStore {
    private readonly path: string;
    /** What could not be used, or is not known: it is saved again as it is. */
    private rest: Rest = NO_REST;

    constructor(private readonly dir: string) {
        this.path = join(dir, "state.json");
    }

    async load(): Promise<{ state: SavedState; rejected: string[] }> {
        let data: Buffer;
        try {
            data = await readFile(this.path);
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (code === "ENOENT") {
                return { state: { volumes: [], caches: [] }, rejected: [] };
            }
            throw new Error(`The saved state ${this.path} could not be read (${code}).`, { cause: error });
        }
        try {
            if (data.length > LARGEST) {
                throw new StateError(`is damaged (it is larger than ${LARGEST} bytes); repair it or move it away.`);
            }
            const { state, rest } = parseState(data.toString("utf8"));
            this.rest = rest;
            const words = rest.rejected.map(
                (one) =>
                    `The saved ${one.words} in ${this.path} cannot be used and is kept as it is; repair or remove it.`,
            );
            return { state, rejected: words };
        } catch (error) {
            throw error instanceof StateError ? new Error(`The saved state ${this.path} ${error.message}`) : error;
        }
    }

    async save(state: SavedState): Promise<void> {
        const text = formatState(state, this.rest);
        const size = Buffer.byteLength(text);
        if (size > LARGEST) {
            throw new ModelError(
                "LimitsExceeded",
                `The saved state would have ${size} bytes, and at most ${LARGEST} are loaded again; ` +
                    "save fewer objects, or let fewer hosts in.",
            );
        }
        await mkdir(this.dir, { recursive: true, mode: 0o700 });
        await writeWhole(this.path, text);
    }
}

/** Replaces a file so that after a power cut the old or the new one is there, whole. */
export async function writeWhole(path: string, text: string): Promise<void> {
    const temporary = `${path}.new`;
    const file = await open(temporary, "w", 0o600);
    try {
        await file.writeFile(text);
        await file.sync();
    } finally {
        await file.close();
    }
    await rename(temporary, path);
    const directory = openSync(dirname(path), "r");
    try {
        fsyncSync(directory);
    } finally {
        closeSync(directory);
    }
}
