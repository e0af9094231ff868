// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { HostKeys } from "../model/nqn.js";
import type { KeyStore, OwnObjects, OwnStore } from "../model/storage.js";
import { makeDirectory, writeWhole } from "./files.js";

/** What is ours, in RUNTIME_DIR/target.json: it dies with the machine, as RAM disks and the NVMe target do. */
export class FileOwnStore implements OwnStore {
    private readonly path: string;

    constructor(private readonly dir: string) {
        this.path = join(dir, "target.json");
    }

    async load(): Promise<OwnObjects> {
        try {
            const own = JSON.parse(await readFile(this.path, "utf8")) as Partial<OwnObjects>;
            return {
                volumes: own.volumes ?? [],
                ports: own.ports ?? [],
                exports: own.exports ?? [],
                hosts: own.hosts ?? [],
                devices: own.devices ?? [],
                made: own.made ?? {},
                ...(own.renewed === undefined ? {} : { renewed: own.renewed }),
                ...(own.unlinked === undefined ? {} : { unlinked: own.unlinked }),
                ...(own.matched === undefined ? {} : { matched: own.matched }),
                ...(own.backing === undefined ? {} : { backing: own.backing }),
                ...(own.unrestored === undefined ? {} : { unrestored: own.unrestored }),
            };
        } catch (error) {
            const { code } = error as NodeJS.ErrnoException;
            if (!(error instanceof SyntaxError) && code !== "ENOENT") {
                // What could be read a moment later must not be written over.
                throw new Error(`${this.path} could not be read (${code}).`, { cause: error });
            }
            // Without it nothing counts as ours, which is the safe side: then nothing is taken away by itself.
            return { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };
        }
    }

    async save(own: OwnObjects): Promise<void> {
        await makeDirectory(this.dir);
        await writeWhole(this.path, `${JSON.stringify(own)}\n`, "The list of the service's own objects");
    }
}

/** Keys of hosts of saved exports, one file each in STATE_DIR/keys: mode 0600 from its first moment, in a private folder. */
export class FileKeyStore implements KeyStore {
    private readonly dir: string;

    constructor(stateDir: string) {
        this.dir = join(stateDir, "keys");
    }

    async load(host: string): Promise<HostKeys | undefined> {
        try {
            const { host: owner, ...keys } = JSON.parse(await readFile(this.path(host), "utf8")) as HostKeys & {
                host: string;
            };
            return owner === host ? keys : undefined;
        } catch {
            return undefined;
        }
    }

    async save(host: string, keys: HostKeys | null): Promise<void> {
        if (keys === null) {
            await unlink(this.path(host)).catch(() => undefined);
            return;
        }
        await makeDirectory(this.dir);
        await writeWhole(this.path(host), `${JSON.stringify({ host, ...keys })}\n`, "The file of a host's keys");
    }

    async keepOnly(hosts: readonly string[]): Promise<void> {
        const kept = new Set(hosts.map((host) => this.path(host)));
        const names = await readdir(this.dir).catch(() => []);
        for (const path of names.map((name) => join(this.dir, name)).filter((path) => !kept.has(path))) {
            await unlink(path).catch(() => undefined);
        }
    }

    /** A host's name may hold any character; its digest does not. */
    private path(host: string): string {
        return join(this.dir, `${createHash("sha256").update(host).digest("hex")}.json`);
    }
}
