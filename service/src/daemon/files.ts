// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { appendFileSync, closeSync, fsyncSync, openSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import type {
    CacheEntry,
    Intent,
    IntentLog,
    PendingIntent,
    SavedState,
    SavedTarget,
    StateStore,
} from "../model/storage.js";

/** Format of state.json; a file of another version is not touched. */
const FORMAT = 1;
/** A saved state larger than this is no work of ours. */
const LARGEST = 16 * 2 ** 20;
const MODES = ["write-through", "write-around", "writeback"];

/** The saved state in STATE_DIR/state.json (mode 0600). */
export class FileStore implements StateStore {
    private readonly path: string;

    constructor(private readonly dir: string) {
        this.path = join(dir, "state.json");
    }

    async load(): Promise<SavedState> {
        let text: string;
        try {
            text = await readFile(this.path, "utf8");
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code === "ENOENT") {
                return { volumes: [], caches: [] };
            }
            throw new Error(
                `The saved state ${this.path} could not be read (${(error as NodeJS.ErrnoException).code}).`,
                { cause: error },
            );
        }
        const why = (reason: string): Error =>
            new Error(`The saved state ${this.path} is damaged (${reason}); repair it or move it away.`);
        if (text.length > LARGEST) {
            throw why("it is too large");
        }
        let data: unknown;
        try {
            data = JSON.parse(text);
        } catch {
            throw why("it is not JSON");
        }
        const problem = stateProblem(data);
        if (problem !== undefined) {
            throw why(problem);
        }
        const { volumes, caches, target } = data as SavedState;
        return { volumes, caches, ...(target === undefined ? {} : { target }) };
    }

    async save(state: SavedState): Promise<void> {
        await mkdir(this.dir, { recursive: true, mode: 0o700 });
        await writeWhole(this.path, `${JSON.stringify({ format: FORMAT, ...state }, null, 2)}\n`);
    }
}

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

    async begin(intent: Intent): Promise<{ step(name: string): Promise<void>; end(): Promise<void> }> {
        await mkdir(this.dir, { recursive: true, mode: 0o700 });
        const path = join(this.dir, `${process.pid}-${Date.now()}-${this.next++}.json`);
        await writeWhole(path, `${JSON.stringify(intent)}\n`);
        return {
            // A few microseconds, and there are a dozen steps to an export: a promise would cost more.
            step: async (name) => Promise.resolve(appendFileSync(path, `${JSON.stringify(name)}\n`)),
            end: () => unlink(path),
        };
    }

    async pending(): Promise<PendingIntent[]> {
        let names: string[];
        try {
            names = (await readdir(this.dir)).filter((name) => name.endsWith(".json")).sort();
        } catch {
            return [];
        }
        const found: PendingIntent[] = [];
        for (const name of names) {
            try {
                const [first = "", ...steps] = (await readFile(join(this.dir, name), "utf8")).split("\n").slice(0, -1);
                const step = steps.length === 0 ? "" : (JSON.parse(steps[steps.length - 1]!) as string);
                found.push({ step, ...(JSON.parse(first) as Intent), id: name });
            } catch {
                // Whole files are renamed into place, so an unreadable one is not ours; it says nothing to act on.
                await this.forget(name);
            }
        }
        return found;
    }

    async forget(id: string): Promise<void> {
        await unlink(join(this.dir, id)).catch(() => undefined);
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

/** What keeps data from being a saved state, in a few words; undefined when it is one. */
function stateProblem(data: unknown): string | undefined {
    const state = data as { format?: unknown; volumes?: unknown; caches?: unknown } | null;
    if (typeof state !== "object" || state === null) {
        return "it is no object";
    }
    if (state.format !== FORMAT) {
        return `its format is ${String(state.format)}, expected ${FORMAT}`;
    }
    if (!Array.isArray(state.volumes) || !Array.isArray(state.caches)) {
        return "volumes or caches are no list";
    }
    const index = state.volumes.findIndex((entry) => !isVolumeEntry(entry));
    if (index >= 0) {
        return `volume ${index} is malformed`;
    }
    const bad = state.caches.findIndex((entry) => !isCacheEntry(entry));
    if (bad >= 0) {
        return `cache ${bad} is malformed`;
    }
    const { target } = state as { target?: unknown };
    return target === undefined || isTarget(target) ? undefined : "what it says of NVMe exports is malformed";
}

function isVolumeEntry(entry: unknown): boolean {
    const { number, size, readOnly } = (entry ?? {}) as Record<string, unknown>;
    return Number.isSafeInteger(number) && Number.isSafeInteger(size) && typeof readOnly === "boolean";
}

function isCacheEntry(entry: unknown): boolean {
    const { name, volume, source, mode } = (entry ?? {}) as Partial<CacheEntry>;
    return (
        typeof name === "string" &&
        Number.isSafeInteger(volume) &&
        typeof source === "string" &&
        source.startsWith("/dev/") &&
        MODES.includes(mode ?? "")
    );
}

function isTarget(target: unknown): boolean {
    const { ports, exports, installation, generations } = (target ?? {}) as Partial<SavedTarget>;
    const texts = (list: unknown): boolean => Array.isArray(list) && list.every((item) => typeof item === "string");
    return (
        Array.isArray(ports) &&
        ports.every((port) => Number.isSafeInteger(port?.id) && typeof port.transport === "string") &&
        Array.isArray(exports) &&
        exports.every(
            (one) =>
                typeof one?.nqn === "string" &&
                typeof one.device === "string" &&
                one.device.startsWith("/dev/") &&
                texts(one.hosts) &&
                texts(one.authenticated) &&
                Array.isArray(one.ports),
        ) &&
        typeof installation === "string" &&
        typeof generations === "object" &&
        generations !== null
    );
}
