// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { appendFileSync, closeSync, ftruncateSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Tools } from "../kernel/exec.js";

/** Programs that work with a runtime directory. */
export type Program = "rapiddiskd" | "rapiddisk-restore";

/** Exit status by which flock says that somebody else holds the lock. */
const CONFLICT = 75;

/** The process that holds the lock of a runtime directory. */
export interface LockHolder {
    /** Empty when the file does not say. */
    program: string;
    pid: number;
}

/**
 * Takes the right to act on notes of unfinished work and on what is saved, which one process at a time has: a flock(2) on
 * RUNTIME_DIR/lock, which the kernel gives back when the process ends, however it ends. Node cannot take one itself; flock(1)
 * takes it on our descriptor, and a flock belongs to the open file, so that it stays when flock(1) ends.
 * @param wait seconds to wait for the process that holds it; 0: not at all
 * @returns who has it; undefined when it was taken, which is for the rest of this process's life
 * @throws Error when the directory cannot be written or flock is not installed
 */
export async function lockRuntime(runtimeDir: string, program: Program, wait: number): Promise<LockHolder | undefined> {
    mkdirSync(runtimeDir, { recursive: true, mode: 0o700 });
    const path = join(runtimeDir, "lock");
    const file = openSync(path, "a+", 0o600);
    let locked = false;
    try {
        const patience = wait === 0 ? ["--nonblock"] : ["--timeout", String(wait)];
        const args = ["--exclusive", ...patience, "--conflict-exit-code", String(CONFLICT), "0"];
        const { status, stderr } = await new Tools().run("flock", args, { stdin: file, timeout: 0 });
        if (status === CONFLICT) {
            return parseHolder(readFileSync(path, "utf8"));
        }
        if (status !== 0) {
            throw new Error(`${path} could not be locked: ${stderr.trim() || `status ${status}`}.`);
        }
        ftruncateSync(file);
        appendFileSync(file, `${program} ${process.pid}\n`);
        locked = true;
        return undefined;
    } finally {
        if (!locked) {
            closeSync(file);
        }
    }
}

/** Names the process that holds the lock: rapiddiskd (process 123). */
export function holderWords({ program, pid }: LockHolder): string {
    return program === "" ? "another process" : `${program} (process ${pid})`;
}

function parseHolder(text: string): LockHolder {
    const match = /^([a-z-]+) (\d+)\n$/.exec(text);
    return { program: match?.[1] ?? "", pid: Number(match?.[2] ?? 0) };
}
