// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

const PROGRAM = "/usr/bin/pkttyagent";
const LONGEST_START_MS = 10_000;
const ENDING_MS = 20;

/** A running authentication agent. */
export interface Agent {
    stop(): void;
}

/**
 * Arguments of pkttyagent(1). On a desktop its own agent goes first (--fallback); elsewhere that must not be said, for
 * polkit overlooks a fallback agent of a process that is in no session.
 */
export function agentArguments(env: NodeJS.ProcessEnv): string[] {
    const desktop = Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);
    return ["--notify-fd", "3", ...(desktop ? ["--fallback"] : [])];
}

/**
 * Starts polkit's agent for text terminals, so that a person can be asked for a password.
 * Resolves once the agent is registered, or could not be.
 * Source: pkttyagent(1): --notify-fd is closed when the agent is ready.
 */
export async function startAgent(program: string = PROGRAM): Promise<Agent | undefined> {
    const child: ChildProcess = spawn(program, agentArguments(process.env), {
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
        // Closed by a program that ends, too: its end is told a moment later.
        ready?.once("close", () => setTimeout(() => settle(child.exitCode === null), ENDING_MS));
        (ready as NodeJS.ReadableStream | null)?.resume();
    });
    if (!started) {
        child.kill();
        return undefined;
    }
    child.unref();
    return { stop: () => void child.kill() };
}
