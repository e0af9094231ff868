// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createHash } from "node:crypto";
import { readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { HostKeys } from "../model/nqn.js";
import type { KeyStore, OwnedObjects, OwnershipStore } from "../model/storage.js";
import { defined } from "../system/defined.js";
import { makeDirectory, writeWhole } from "./files.js";

/** What is ours, in RUNTIME_DIR/target.json: it dies with the machine, as RAM disks and the NVMe target do. */
export class FileOwnershipStore implements OwnershipStore {
    private readonly path: string;

    constructor(private readonly dir: string) {
        this.path = join(dir, "target.json");
    }

    async load(): Promise<OwnedObjects> {
        try {
            const owned = JSON.parse(await readFile(this.path, "utf8")) as Partial<OwnedObjects>;
            return {
                volumes: owned.volumes ?? [],
                ports: owned.ports ?? [],
                exports: owned.exports ?? [],
                hosts: owned.hosts ?? [],
                devices: owned.devices ?? [],
                made: owned.made ?? {},
                ...defined({
                    renewed: owned.renewed,
                    unlinked: owned.unlinked,
                    matched: owned.matched,
                    backing: owned.backing,
                    unrestored: owned.unrestored,
                }),
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

    async save(owned: OwnedObjects): Promise<void> {
        await makeDirectory(this.dir);
        await writeWhole(this.path, `${JSON.stringify(owned)}\n`, "The list of the service's own objects");
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
