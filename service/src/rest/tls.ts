// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { readFileSync, statSync } from "node:fs";
import type { Server } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { log } from "../system/journal.js";
import { defined } from "../system/defined.js";
import { SettingsError, type TlsSettings } from "./settings.js";

/**
 * The certificates of the bridge, which others renew: each new connection gets those that are in the files then, or the last
 * that could be used.
 */
export class Certificates {
    private version: string;

    /** @throws SettingsError when they cannot be read or used */
    constructor(private readonly settings: TlsSettings) {
        this.version = this.versionNow();
        this.options = this.read();
    }

    /** What a server is made with. */
    readonly options: SecureContextOptions;

    /** Has a server use what is in the files from its next connection on. */
    follow(server: Server): void {
        // Before the listener of the server itself, which begins the handshake with what there is.
        server.prependListener("connection", () => {
            const version = this.versionNow();
            if (version === this.version) {
                return;
            }
            this.version = version;
            try {
                server.setSecureContext(this.read());
                log("notice", `The certificates were read again: ${this.settings.certificate}.`);
            } catch (error) {
                log(
                    "error",
                    `The certificates have changed and cannot be used; those before are kept. ${(error as Error).message}`,
                );
            }
        });
    }

    /** Changes whenever one of the files was written or replaced. */
    private versionNow(): string {
        return this.files
            .map((path) => {
                const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
                return stats === undefined
                    ? "-"
                    : `${stats.dev} ${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}`;
            })
            .join("\n");
    }

    private get files(): string[] {
        const { certificate, key, clientCa } = this.settings;
        return [certificate, key, ...(clientCa === undefined ? [] : [clientCa])];
    }

    private read(): SecureContextOptions {
        const [cert, key, ca] = this.files.map((path) => {
            try {
                return readFileSync(path);
            } catch (error) {
                throw new SettingsError(`The file ${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
            }
        });
        const options: SecureContextOptions = { cert, key, minVersion: "TLSv1.2", ...defined({ ca }) };
        try {
            createSecureContext(options);
        } catch (error) {
            const files = this.files.join(", ");
            throw new SettingsError(`The certificates in ${files} cannot be used: ${(error as Error).message}.`);
        }
        return options;
    }
}
