// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";

/** Most characters of the sentence that are told. */
const MOST = 500;

/**
 * What is wrong with the port of the HTTP bridge: a sentence in a file that systemd/lib/rest-port writes when somebody else has
 * the port, and that is gone once the socket is open.
 */
export class BridgePort {
    private watcher: FSWatcher | undefined;
    private told: string | undefined;

    constructor(private readonly file: string) {
        this.told = this.read();
    }

    /** Sentences about the port; empty when all is well. */
    get problems(): string[] {
        return this.told === undefined ? [] : [this.told];
    }

    /** Calls `changed` whenever {@link problems} are others, until {@link close}. */
    follow(changed: () => void): void {
        const folder = dirname(this.file);
        if (!existsSync(folder)) {
            return; // systemd makes it with the administrator's socket; without that there is no bridge.
        }
        this.watcher = watch(folder, { persistent: false }, () => {
            const before = this.told;
            this.told = this.read();
            if (this.told !== before) {
                changed();
            }
        });
        this.watcher.on("error", () => this.close());
    }

    /** Stops following. */
    close(): void {
        this.watcher?.close();
        this.watcher = undefined;
    }

    private read(): string | undefined {
        try {
            const line = readFileSync(this.file, "utf8")
                .split("\n", 1)[0]!
                .replace(/[^\x20-\x7e]/g, "?")
                .slice(0, MOST);
            return line === "" ? undefined : line;
        } catch {
            return undefined;
        }
    }
}
