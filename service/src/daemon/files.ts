// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { closeSync, fsyncSync, openSync, readdirSync, rmSync } from "node:fs";
import { mkdir, open, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { canBeHidden, formatOriginRules } from "../kernel/originrules.js";
import { ModelError } from "../model/errors.js";
import { ProblemError, type Problem } from "../model/problems.js";
import type { SavedState, StateStore } from "../model/storage.js";
import { formatState, LARGEST, NO_REST, parseState, StateError, type Rest } from "./stateformat.js";

/** The saved state in STATE_DIR/state.json (mode 0600). */
export class FileStore implements StateStore {
    private readonly path: string;
    /** What could not be used, or is not known: it is saved again as it is. */
    private rest: Rest = NO_REST;
    /** Origins that cannot be hidden at boot, as told. */
    private visible: ReadonlySet<string> = new Set();

    /** @param warn is told what does not keep a state from being saved or used */
    constructor(
        private readonly dir: string,
        private readonly warn: (line: string) => void = () => undefined,
    ) {
        this.path = join(dir, "state.json");
    }

    async load(): Promise<{ state: SavedState; rejected: Problem[] }> {
        let data: Buffer;
        try {
            data = await readFile(this.path);
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (code === "ENOENT") {
                const state: SavedState = { volumes: [], caches: [] };
                await this.saveRules(state);
                return { state, rejected: [] };
            }
            throw new ProblemError(
                { kind: "state-unreadable", path: this.path, errno: String(code) },
                { cause: error },
            );
        }
        try {
            if (data.length > LARGEST) {
                throw new StateError({ kind: "state-too-large", limit: LARGEST });
            }
            const { state, rest } = parseState(data.toString("utf8"));
            this.rest = rest;
            const { path } = this;
            await this.saveRules(state);
            return { state, rejected: rest.rejected.map(({ why }) => ({ kind: "entry-unusable", path, ...why })) };
        } catch (error) {
            throw error instanceof StateError ? new ProblemError({ ...error.fault, path: this.path }) : error;
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
        await makeDirectory(this.dir);
        await writeWhole(this.path, text, "The saved state");
        await this.saveRules(state);
    }

    /**
     * Writes what the boot gives to udev before it can read a state. A power cut before this leaves rules of an earlier
     * state: what they hide too much is revealed when the state was read, what they hide too little is as without them.
     */
    private async saveRules({ caches }: SavedState): Promise<void> {
        const path = join(this.dir, "origins.rules");
        const text = formatOriginRules(caches);
        const known = await readFile(path, "utf8").catch(() => formatOriginRules([]));
        if (known !== text) {
            await writeWhole(path, text, "The rules for origins").catch((error: Error) => this.warn(error.message));
        }
        const visible = caches
            .filter((cache) => !canBeHidden(cache))
            .map(
                ({ name, source }) =>
                    `The origin ${source} of the cache ${name} cannot be hidden at boot: it has no link in /dev/mapper, ` +
                    "/dev/disk/by-id or /dev/disk/by-path. LVM, md, LUKS and swap may take it before the cache is there.",
            );
        visible.filter((line) => !this.visible.has(line)).forEach(this.warn);
        this.visible = new Set(visible);
    }
}

/** Makes a directory that only its owner may look into. @throws ModelError Failed, naming it and why */
export async function makeDirectory(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
        throw new ModelError("Failed", `The directory ${path} could not be made (${error.code ?? error.message}).`);
    });
}

/** What {@link writeWhole} appends to the name of a file while it is being written. */
const UNFINISHED = ".new";

/**
 * Replaces a file so that after a power cut the old or the new one is there, whole. On failure the old one stays, and nothing
 * else: a disk that is full gets back what was written.
 * @param what the file in words that its path can follow, for the message
 * @throws ModelError Failed, naming the file and why
 */
export async function writeWhole(path: string, text: string, what: string): Promise<void> {
    const temporary = `${path}${UNFINISHED}`;
    try {
        await writeSynced(temporary, text);
        await rename(temporary, path);
    } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw unwritable(what, path, error);
    }
    const directory = openSync(dirname(path), "r");
    try {
        fsyncSync(directory);
    } finally {
        closeSync(directory);
    }
}

/** The error of a file that cannot be written. @param what the file in words that its path can follow */
export function unwritable(what: string, path: string, error: unknown): ModelError {
    const { code, message } = error as NodeJS.ErrnoException;
    return new ModelError("Failed", `${what} ${path} could not be written (${code ?? message}).`);
}

async function writeSynced(path: string, text: string): Promise<void> {
    const file = await open(path, "w", 0o600);
    try {
        await file.writeFile(text);
        await file.sync();
    } finally {
        await file.close();
    }
}

/**
 * Removes what a process left that died while it wrote one of these files. Only for the process that alone writes them.
 * @param directories where the files are; one that is not there has none
 */
export function clearUnfinished(directories: readonly string[]): void {
    for (const directory of directories) {
        let names: string[] = [];
        try {
            names = readdirSync(directory);
        } catch {
            // There is nothing yet, or nothing can be read: then nothing is written either.
        }
        for (const name of names.filter((one) => one.endsWith(`.json${UNFINISHED}`))) {
            rmSync(join(directory, name), { force: true });
        }
    }
}
