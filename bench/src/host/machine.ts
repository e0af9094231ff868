// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A virtual machine of the `vm/` harness for as long as a part of the bench needs it. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { commandLine } from "../../../service/src/facts/shell.js";

const VM = fileURLToPath(new URL("../../../vm/", import.meta.url));

/** A host that is busy with other things boots slowly; that alone is no reason to give a measurement up. */
const READY_SECONDS = "600";

/** A booted machine. */
export class Machine {
    private constructor(private readonly directory: string) {}

    /** Builds what is missing and boots; the machine ends with this process at the latest. */
    static async start(options: readonly string[]): Promise<Machine> {
        let output = "";
        const status = await streamed("start", ["--owner", String(process.pid), ...options], (line) => {
            output += `${line}\n`;
        });
        if (status !== 0) throw new Error(`the virtual machine did not start (status ${status})`);
        const { dir } = JSON.parse(output) as { dir: string };
        return new Machine(dir);
    }

    /** Copies files or directories of this host into a directory of the guest. */
    async copy(files: readonly string[], directory: string): Promise<void> {
        const status = await streamed("copy", [this.directory, ...files, directory], () => undefined);
        if (status !== 0) throw new Error(`could not copy ${files.join(", ")} into the virtual machine`);
    }

    /** Runs a command as root; its standard output is handed over by line, its standard error passes through. */
    async run(command: readonly string[], onLine: (line: string) => void): Promise<number> {
        return streamed("ssh", [this.directory, commandLine(command)], onLine);
    }

    /** Ends the machine after fetching its logs; false when its kernel complained. */
    async stop(logs: string): Promise<boolean> {
        const status = await streamed("stop", [this.directory, logs], () => undefined);
        if (status !== 0 && status !== 126) throw new Error(`the virtual machine did not stop well (status ${status})`);
        return status === 0;
    }
}

function streamed(tool: string, args: readonly string[], onLine: (line: string) => void): Promise<number> {
    return new Promise((resolve, reject) => {
        const child = spawn(`${VM}${tool}`, args, {
            stdio: ["ignore", "pipe", "inherit"],
            env: { RAPIDDISK_VM_READY_SECONDS: READY_SECONDS, ...process.env },
        });
        createInterface({ input: child.stdout }).on("line", onLine);
        child.on("error", reject);
        child.on("close", (code) => resolve(code ?? 128));
    });
}
