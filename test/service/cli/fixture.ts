// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { mkdirSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RunResult, TestBus } from "../harness/index.js";
import { bundle, outputLine, startBus } from "../harness/index.js";

/** A system bus with polkit, the daemon over the simulated kernel, and the command as it is installed. */
export interface CliFixture {
    readonly bus: TestBus;
    /** The bundled command, for `node`. */
    readonly program: string;
    /** Runs the command. @param line blanks separate words */
    rapiddisk(line: string, options?: { uid?: number; timeoutMs?: number }): Promise<RunResult>;
    /** Runs the command with --json. @returns what it printed, decoded */
    json<T>(line: string): Promise<T>;
    /** Runs a line of shell on this bus. */
    shell(line: string): Promise<RunResult>;
    /** Sends a signal to the daemon. */
    signal(name: NodeJS.Signals): void;
    /** Does something to the simulated kernel, as another program would. */
    kernel(call: string, ...args: unknown[]): Promise<void>;
    stop(): Promise<void>;
}

/** @param rules polkit rules besides those of the actions */
export async function startCliFixture(rules = ""): Promise<CliFixture> {
    const bus = await startBus();
    const folder = (name: string) => {
        mkdirSync(join(bus.directory, name));
        return join(bus.directory, name);
    };
    const [daemon, program] = await Promise.all([
        bundle("service/src/daemon/main.ts", folder("daemon")),
        bundle("service/src/cli/main.ts", folder("cli")),
        bus.startPolkit(rules),
    ]);
    const control = join(bus.directory, "control");
    const service = bus.spawn(
        [process.execPath, daemon, "--sim", "--sim-control", control, "--state-dir", folder("state")].concat(
            "--runtime-dir",
            folder("runtime"),
        ),
        { stdio: ["ignore", "ignore", "pipe"] },
    );
    await outputLine(service, "stderr", /serves \d+ volumes/);
    const fixture: CliFixture = {
        bus,
        program,
        rapiddisk: (line, options) =>
            bus.run([process.execPath, program, ...(line === "" ? [] : line.split(" "))], options),
        async json<T>(line: string) {
            const { status, stdout, stderr } = await fixture.rapiddisk(`${line} --json`);
            if (status !== 0) {
                throw new Error(`rapiddisk ${line} --json ended with ${status}: ${stderr}`);
            }
            return JSON.parse(stdout) as T;
        },
        shell: (line) => bus.run(["/bin/sh", "-c", line]),
        signal: (name) => void service.kill(name),
        kernel: (call, ...args) => driveKernel(control, call, args),
        stop: () => bus.stop(),
    };
    return fixture;
}

/** One line to the control socket of the simulated kernel, and its answer. */
async function driveKernel(path: string, call: string, args: unknown[]): Promise<void> {
    const socket = createConnection(path);
    try {
        socket.write(`${JSON.stringify({ id: 1, call, args })}\n`);
        for await (const line of createInterface({ input: socket })) {
            const { error } = JSON.parse(line) as { error?: { message: string } };
            if (error) {
                throw new Error(`${call}: ${error.message}`);
            }
            return;
        }
    } finally {
        socket.destroy();
    }
}
