// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { existsSync, type FSWatcher, readFileSync, watch } from "node:fs";
import { dirname } from "node:path";
import type { Problem } from "../model/problems.js";

/** Most characters of a line that are told, and of the file. */
const MOST = 500;
const LARGEST = 8 * MOST;

/**
 * What is wrong with the port of the HTTP bridge, from a file that systemd/lib/rest-port writes when somebody else has the port,
 * and that is gone once the socket is open: a sentence, and lines NAME=VALUE that say who has it.
 */
export class BridgePort {
    private watcher: FSWatcher | undefined;
    private text = "";
    private told: Problem | undefined;

    constructor(private readonly file: string) {
        this.read();
    }

    /** What is wrong with the port; empty when all is well. */
    get problems(): Problem[] {
        return this.told === undefined ? [] : [this.told];
    }

    /** Calls `changed` whenever {@link problems} are others, until {@link close}. */
    follow(changed: () => void): void {
        const folder = dirname(this.file);
        if (!existsSync(folder)) {
            return; // systemd makes it with the administrator's socket; without that there is no bridge.
        }
        this.watcher = watch(folder, { persistent: false }, () => {
            if (this.read()) {
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

    /** @returns whether something else is told than before */
    private read(): boolean {
        const before = this.text;
        try {
            this.text = readFileSync(this.file, "utf8").slice(0, LARGEST);
        } catch {
            this.text = "";
        }
        this.told = parse(this.text);
        return this.text !== before;
    }
}

function parse(text: string): Problem | undefined {
    const [sentence = "", ...lines] = text.split("\n").map((line) => line.replace(/[^\x20-\x7e]/g, "?").slice(0, MOST));
    if (sentence === "") {
        return undefined;
    }
    const values = new Map(
        lines
            .filter((line) => line.includes("="))
            .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    );
    const number = (name: string): number => {
        const value = values.get(name) ?? "";
        return /^\d{1,10}$/.test(value) ? Number(value) : 0;
    };
    const user = values.get("user") ?? "";
    return user === ""
        ? { kind: "bridge-port-closed", sentence }
        : {
              kind: "bridge-port-taken",
              sentence,
              port: number("port"),
              program: values.get("program") ?? "",
              pid: number("pid"),
              user,
          };
}
