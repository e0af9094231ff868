// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { type ChildProcess, spawn, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { PROGRAMS } from "./needs.js";

/** Uid of a user who may nothing. */
export const nobody = 65534;

/** How a program ended. */
export interface RunResult {
    status: number | null;
    stdout: string;
    stderr: string;
}

/** Starts a program as a user, without any capability when that is not root. */
export function spawnAs(uid: number, command: readonly string[], options: SpawnOptions): ChildProcess {
    const drop = ["--reuid", String(uid), "--regid", String(uid), "--clear-groups", "--no-new-privs", "--"];
    const [program, ...args] = uid === 0 ? command : [PROGRAMS.setpriv, ...drop, ...command];
    if (program === undefined) throw new Error("no program given");
    return spawn(program, args, options);
}

/** Collects what a program prints until it ends; kills it after a time. */
export async function finish(child: ChildProcess, timeoutMs: number): Promise<RunResult> {
    const output = { stdout: "", stderr: "" };
    child.stdout?.setEncoding("utf8").on("data", (text: string) => (output.stdout += text));
    child.stderr?.setEncoding("utf8").on("data", (text: string) => (output.stderr += text));
    const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
    const [status] = (await once(child, "close")) as [number | null];
    clearTimeout(timer);
    return { status, ...output };
}

/** Ends a program: TERM, and KILL when that does not do. */
export async function end(child: ChildProcess): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 3000);
    await gone;
    clearTimeout(timer);
}

/** Waits for a line of output that a pattern matches. @throws Error when the program ends before */
export function outputLine(
    child: ChildProcess,
    stream: "stdout" | "stderr",
    pattern: RegExp,
): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
        let text = "";
        const source = child[stream];
        const onData = (chunk: Buffer) => {
            text += chunk.toString();
            const match = pattern.exec(text);
            if (match === null) return;
            source?.off("data", onData).resume();
            resolve(match);
        };
        source?.on("data", onData);
        child.once("exit", (code) =>
            reject(new Error(`ended with ${code} before it printed ${String(pattern)}:\n${text}`)),
        );
    });
}
