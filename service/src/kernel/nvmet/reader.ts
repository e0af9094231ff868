// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Readings of the target that cost what changed since the last one. */
import type { DirectoryWatch } from "../directorywatch.js";
import type { Paths } from "../paths.js";
import { readTree } from "./tree.js";
import type { NvmetPart, NvmetTree } from "./types.js";

/** Known objects beyond those of the last reading, before all are dropped. */
const MOST_SPARE = 128;

/** Keeps what was read of each subsystem, port and host, for as long as inotify tells of no change in it. */
export class TargetReader {
    private readonly known = new Map<string, { revision: number; value: unknown }>();

    /** @param watch of the whole target */
    constructor(
        private readonly paths: Paths,
        private readonly watch: DirectoryWatch,
    ) {}

    /**
     * Reads the whole target as it is now.
     * @param part what must be read where the system tells of no changes; others are then as in an earlier reading
     */
    async read(part?: NvmetPart): Promise<NvmetTree> {
        if (!(await this.watch.current())) return readTree(this.paths, part);
        const tree = await readTree(this.paths, undefined, (object, read) => this.recall(object, read));
        const { subsystems, ports, hosts } = tree;
        if (this.known.size > subsystems.length + ports.length + hosts.length + MOST_SPARE) this.known.clear();
        return tree;
    }

    /** Reads the whole target and trusts nothing that was read before: the system may have dropped notices of changes. */
    async readAll(): Promise<NvmetTree> {
        this.known.clear();
        return await this.read();
    }

    private recall<T>(object: string, read: () => T): T {
        // Taken before it is read: what changes meanwhile makes it another one.
        const revision = this.watch.revision(object);
        const known = this.known.get(object);
        if (revision === undefined) return read();
        if (known?.revision === revision) return known.value as T;
        const value = read();
        this.known.set(object, { revision, value });
        return value;
    }
}
