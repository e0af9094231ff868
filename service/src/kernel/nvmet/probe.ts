// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What this kernel's target can do, found out on scratch nodes: versions say little, since distributions take patches back. */
import { mkdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { exists, readLine, readNames } from "../files.js";
import type { Paths } from "../paths.js";
import { MAX_PORT } from "./node.js";
import { PROBE_PREFIX, type NvmetFeatures } from "./types.js";

const NONE: NvmetFeatures = { auth: false, tls: false, tlshd: false };
/** How long it counts whether the TLS helper runs, in ms: finding out walks /proc. */
const HELPER_AGE = 10_000;

/** Probes once for each time that the module is loaded. */
export class NvmetProbe {
    private known: { key: string; features: Omit<NvmetFeatures, "tlshd"> } | undefined;
    private helper = { runs: false, at: -HELPER_AGE };

    constructor(private readonly paths: Paths) {}

    /** Features; none while the target is not there. */
    features(): NvmetFeatures {
        const key = this.stamp();
        if (key === undefined) {
            this.known = undefined;
            return NONE;
        }
        if (this.known?.key !== key) this.known = { key, features: this.probe() };
        const found = this.known.features;
        return { ...found, tlshd: found.tls && this.helperRuns() };
    }

    /** Differs whenever the target is another than before. */
    private stamp(): string | undefined {
        try {
            const { ino, ctimeMs } = statSync(this.paths.nvmet);
            return `${ino} ${ctimeMs}`;
        } catch {
            return undefined;
        }
    }

    private helperRuns(): boolean {
        if (performance.now() - this.helper.at >= HELPER_AGE) {
            const { proc } = this.paths;
            const runs = readNames(proc).some(
                (pid) => /^\d+$/.test(pid) && readLine(`${proc}/${pid}/comm`) === "tlshd",
            );
            this.helper = { runs, at: performance.now() };
        }
        return this.helper.runs;
    }

    /**
     * Without a pause, so that no reading of ours meets a scratch node; each has a name that is nobody's, by which one that a
     * sudden death left is known and removed here.
     */
    private probe(): Omit<NvmetFeatures, "tlshd"> {
        const { nvmetHosts, nvmetPorts } = this.paths;
        const mark = `${PROBE_PREFIX}${process.pid}`;
        for (const name of readNames(nvmetHosts)) if (name.startsWith(PROBE_PREFIX)) removed(`${nvmetHosts}/${name}`);
        for (const id of readNames(nvmetPorts)) {
            if (readLine(`${nvmetPorts}/${id}/addr_traddr`).startsWith(PROBE_PREFIX)) removed(`${nvmetPorts}/${id}`);
        }
        const auth = tried(`${nvmetHosts}/${mark}`, (host) => exists(`${host}/dhchap_key`));
        // The attribute is there without TLS in the kernel as well, and then takes no value that asks for it.
        const tls = tried(`${nvmetPorts}/${this.freePort()}`, (port) => {
            if (!exists(`${port}/addr_tsas`)) return false;
            writeFileSync(`${port}/addr_traddr`, mark);
            writeFileSync(`${port}/addr_trtype`, "tcp");
            writeFileSync(`${port}/addr_tsas`, "tls1.3");
            return true;
        });
        return { auth, tls };
    }

    private freePort(): number {
        for (let id = MAX_PORT; id > 0; id--) if (!exists(`${this.paths.nvmetPorts}/${id}`)) return id;
        return MAX_PORT;
    }
}

/** What is found out on a node that is made for the purpose; no when it cannot be made, or refuses. */
function tried(path: string, work: (path: string) => boolean): boolean {
    try {
        mkdirSync(path);
    } catch {
        return false;
    }
    try {
        return work(path);
    } catch {
        return false;
    } finally {
        removed(path);
    }
}

/** Removes a scratch node; what somebody made use of meanwhile stays. */
function removed(path: string): void {
    try {
        rmdirSync(path);
    } catch {
        // It is looked for again at the next start.
    }
}
