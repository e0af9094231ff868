// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Child processes: no shell, a time limit, and an error that says what failed. */
import { spawn } from "node:child_process";

/** What a finished process left. */
export interface Finished {
    status: number;
    stdout: string;
    stderr: string;
}

/** Settings of {@link run}. */
export interface RunOptions {
    /** Text for the standard input; without it the input is empty. */
    input?: string;
    /** Killed after this many milliseconds (default 60,000). */
    timeoutMs?: number;
    /** Resolve on any exit status instead of throwing on a non-zero one. */
    anyStatus?: boolean;
    env?: Record<string, string>;
}

/**
 * Runs a program to its end.
 * @throws Error naming the program, its arguments, its status and its last words
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return new Promise((resolve, reject) => {
        const child = spawn(program, args, {
            stdio: ["pipe", "pipe", "pipe"],
            timeout: options.timeoutMs ?? 60_000,
            killSignal: "SIGKILL",
            env: { ...process.env, LC_ALL: "C", ...options.env },
        });
        const out: Buffer[] = [];
        const err: Buffer[] = [];
        child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
        child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
        child.stdin.on("error", () => undefined);
        child.stdin.end(options.input ?? "");
        child.on("error", (error) => reject(new Error(`cannot run ${program}: ${error.message}`)));
        child.on("close", (code, signal) => {
            const finished = {
                status: code ?? 128,
                stdout: Buffer.concat(out).toString(),
                stderr: Buffer.concat(err).toString(),
            };
            if (signal !== null) return reject(new Error(`${program} ${args.join(" ")}: ended by ${signal}`));
            if (finished.status === 0 || options.anyStatus === true) return resolve(finished);
            const words = (finished.stderr || finished.stdout).trim().slice(-500);
            reject(new Error(`${program} ${args.join(" ")}: status ${finished.status}: ${words}`));
        });
    });
}
