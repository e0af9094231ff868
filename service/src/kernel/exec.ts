// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Child processes: the system's own tools, by absolute path, without a shell, with a bound on time and output. */
import { spawn, type ChildProcess, type ChildProcessByStdio, type SpawnOptions } from "node:child_process";
import { accessSync, constants } from "node:fs";
import type { Readable } from "node:stream";
import { KernelError } from "./port.js";

/** How a tool ended. */
export interface ToolResult {
    /** Exit status; a tool that a signal ended has 128 + signal number, as in a shell. */
    status: number;
    stdout: string;
    stderr: string;
}

export interface ToolLimits {
    /** Milliseconds; 0 = none. Default 30,000. */
    timeout?: number;
    /** Bytes of output taken; more is an error. Default 1 MiB. */
    maxOutput?: number;
    /** A descriptor of ours that the tool gets as its standard input. Default none. */
    stdin?: number;
}

const DIRECTORIES = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
/** A tool sees nothing of our environment. */
export const TOOL_ENVIRONMENT = { LC_ALL: "C", PATH: DIRECTORIES.join(":") };

/** Runs tools, and ends those still running when it is closed. */
export class Tools {
    private readonly paths = new Map<string, string>();
    private readonly running = new Set<ChildProcess>();
    private closed = false;

    /** @param directories where tools are looked for, in order. */
    constructor(private readonly directories: readonly string[] = DIRECTORIES) {}

    /** Finds the absolute path of a tool. @throws KernelError ENOENT, naming the tool, when it is not installed. */
    find(tool: string): string {
        let path = this.paths.get(tool);
        if (path === undefined) {
            path = this.directories.map((directory) => `${directory}/${tool}`).find(executable);
            if (path === undefined) throw new KernelError("ENOENT", `The program ${tool} is not installed.`);
            this.paths.set(tool, path);
        }
        return path;
    }

    /**
     * Runs a tool to its end. @throws KernelError ENOENT (not installed), ETIMEDOUT, E2BIG (too much output), ECANCELED (closed)
     */
    async run(tool: string, args: readonly string[], limits: ToolLimits = {}): Promise<ToolResult> {
        const { timeout = 30_000, maxOutput = 2 ** 20, stdin = "ignore" } = limits;
        const path = this.find(tool);
        if (this.closed) throw new KernelError("ECANCELED", `${tool} was not started: the service is stopping.`);
        return new Promise((resolve, reject) => {
            const options: SpawnOptions = { env: TOOL_ENVIRONMENT, stdio: [stdin, "pipe", "pipe"], cwd: "/" };
            const child = spawn(path, args, options) as ChildProcessByStdio<null, Readable, Readable>;
            this.running.add(child);
            const parts = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
            let bytes = 0;
            const settle = (action: () => void): void => {
                clearTimeout(timer);
                this.running.delete(child);
                action();
            };
            // A child that sleeps in the kernel does not die at once: it is left behind, and its pipes with it.
            const abandon = (error: KernelError): void => {
                child.kill("SIGKILL");
                child.stdout.destroy();
                child.stderr.destroy();
                child.unref();
                settle(() => reject(error));
            };
            const timer =
                timeout > 0
                    ? setTimeout(() => {
                          abandon(new KernelError("ETIMEDOUT", `${tool} did not finish in ${timeout / 1000} s.`));
                      }, timeout)
                    : undefined;
            for (const name of ["stdout", "stderr"] as const) {
                child[name].on("data", (data: Buffer) => {
                    bytes += data.length;
                    if (bytes > maxOutput) {
                        abandon(new KernelError("E2BIG", `${tool} printed over ${maxOutput} bytes.`));
                    } else parts[name].push(data);
                });
            }
            child.on("error", (error: NodeJS.ErrnoException) =>
                settle(() => reject(new KernelError(error.code ?? "EIO", `${tool} could not be started.`))),
            );
            child.on("close", (code, signal) =>
                settle(() => {
                    if (this.closed && signal) {
                        reject(new KernelError("ECANCELED", `${tool} was stopped: the service is stopping.`));
                        return;
                    }
                    const stdout = Buffer.concat(parts.stdout).toString("utf8");
                    const stderr = Buffer.concat(parts.stderr).toString("utf8");
                    resolve({ status: code ?? 128 + (child.signalCode === "SIGKILL" ? 9 : 15), stdout, stderr });
                }),
            );
        });
    }

    /**
     * Refuses later runs with ECANCELED, lets those that run come to their end, for a change that is half done is worse than a
     * late stop, and ends what is left after `grace` milliseconds.
     */
    async close(grace = 10_000): Promise<void> {
        this.closed = true;
        const deadline = performance.now() + grace;
        while (this.running.size > 0 && performance.now() < deadline) {
            await new Promise((resolve) => setTimeout(resolve, 10));
        }
        for (const child of this.running) child.kill("SIGKILL");
    }
}

function executable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
