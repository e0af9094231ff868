// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

const PROGRAM = "/usr/bin/pkttyagent";
const LONGEST_START_MS = 10_000;

/** A running authentication agent. */
export interface Agent {
    stop(): void;
}

/**
 * Starts polkit's agent for text terminals, so that a person can be asked for a password where no desktop does it
 * (--fallback: where one does, it goes first). Resolves once the agent is registered, or could not be.
 * Source: pkttyagent(1): --notify-fd is closed when the agent is ready.
 */
export async function startAgent(program: string = PROGRAM): Promise<Agent | undefined> {
    const child: ChildProcess = spawn(program, ["--notify-fd", "3", "--fallback"], {
        stdio: ["inherit", "inherit", "inherit", "pipe"],
    });
    const ready = child.stdio[3];
    const started = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), LONGEST_START_MS);
        const settle = (is: boolean) => {
            clearTimeout(timer);
            resolve(is);
        };
        child.once("error", () => settle(false));
        child.once("exit", () => settle(false));
        ready?.once("close", () => settle(child.exitCode === null && child.pid !== undefined));
        (ready as NodeJS.ReadableStream | null)?.resume();
    });
    if (!started) {
        child.kill();
        return undefined;
    }
    child.unref();
    return { stop: () => void child.kill() };
}
