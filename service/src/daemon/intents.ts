// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { appendFileSync } from "node:fs";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Problem } from "../model/problems.js";
import type { Intent, IntentLog, IntentRecord, PendingIntent } from "../model/storage.js";
import { clearUnfinished, makeDirectory, unwritable, writeWhole } from "./files.js";

/** Names of notes: their numbers tell their order. */
const NAME = /^(\d+)\.json$/;

const NOTE = "The note of unfinished work";

/**
 * Intents as one file each in RUNTIME_DIR/intents: the intent, and a line for each step that was begun. The directory is on
 * tmpfs: it dies with the machine, as RAM disks do, and what was written outlives the process without a sync.
 */
export class FileIntentLog implements IntentLog {
    private readonly dir: string;
    private next = 1;

    constructor(runtimeDir: string) {
        this.dir = join(runtimeDir, "intents");
    }

    async begin(intent: Intent): Promise<IntentRecord> {
        await makeDirectory(this.dir);
        const id = `${this.next++}.json`;
        const path = join(this.dir, id);
        await writeWhole(path, `${JSON.stringify(intent)}\n`, NOTE);
        return {
            id,
            // A few microseconds, and there are a dozen steps to an export: a promise would cost more.
            step: async (name) => appendLine(path, JSON.stringify(name)),
            replace: (other, step) => writeWhole(path, `${JSON.stringify(other)}\n${JSON.stringify(step)}\n`, NOTE),
            end: () => unlink(path),
        };
    }

    async pending(): Promise<{ notes: PendingIntent[]; unreadable: Problem[] }> {
        const notes: PendingIntent[] = [];
        const unreadable: Problem[] = [];
        const names = await readdir(this.dir).catch((error: NodeJS.ErrnoException) => {
            if (error.code !== "ENOENT") {
                unreadable.push({ kind: "notes-unreadable", path: this.dir, errno: String(error.code) });
            }
            return [];
        });
        // What was being written when its author died was not begun.
        clearUnfinished([this.dir]);
        const numbers = names.map((name) => Number(NAME.exec(name)?.[1] ?? 0)).filter((number) => number > 0);
        this.next = Math.max(this.next, ...numbers.map((number) => number + 1));
        for (const number of numbers.sort((a, b) => a - b)) {
            const id = `${number}.json`;
            try {
                notes.push(parseNote(id, await readFile(join(this.dir, id), "utf8")));
            } catch (error) {
                if (error instanceof SyntaxError) {
                    // Whole files are renamed into place, so that this one is not ours; it says nothing to act on.
                    await this.forget(id);
                } else {
                    const { code } = error as NodeJS.ErrnoException;
                    unreadable.push({ kind: "note-unreadable", path: join(this.dir, id), errno: String(code) });
                }
            }
        }
        return { notes, unreadable };
    }

    async forget(id: string): Promise<void> {
        await unlink(join(this.dir, id)).catch(() => undefined);
    }
}

/** @throws ModelError Failed, naming the file and why */
async function appendLine(path: string, line: string): Promise<void> {
    try {
        appendFileSync(path, `${line}\n`);
    } catch (error) {
        throw unwritable(NOTE, path, error);
    }
    return Promise.resolve();
}

/** @throws SyntaxError when it is no note */
function parseNote(id: string, text: string): PendingIntent {
    // A line that its author did not live to end counts for nothing.
    const [first = "", ...steps] = text.split("\n").slice(0, -1);
    const last = steps.at(-1);
    const intent = JSON.parse(first) as Intent | null;
    if (typeof intent?.operation !== "string" || typeof intent.object?.kind !== "string") {
        throw new SyntaxError("no intent");
    }
    return { ...intent, id, step: last === undefined ? "" : (JSON.parse(last) as string) };
}
