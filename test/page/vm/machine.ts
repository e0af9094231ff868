// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The virtual machine that test/page/vm/run started. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { REPOSITORY } from "../harness/product.js";

const execute = promisify(execFile);

export interface Machine {
    /** Where Cockpit is, without a slash at the end. */
    readonly url: string;
    /** Password of `admin`. */
    readonly password: string;
    /** Runs a line of shell in it as root. @throws Error with what it printed when its status is not 0 @returns its output */
    shell(line: string): Promise<string>;
}

/** @throws Error when this was not started by test/page/vm/run */
export function theMachine(): Machine {
    const text = process.env["RAPIDDISK_PAGE_MACHINE"];
    if (text === undefined) throw new Error("There is no virtual machine: run test/page/vm/run");
    const { dir, cockpitPort, adminPassword } = JSON.parse(text) as {
        dir: string;
        cockpitPort: number;
        adminPassword: string;
    };
    return {
        url: `http://127.0.0.1:${cockpitPort}`,
        password: adminPassword,
        shell: async (line) => (await execute(join(REPOSITORY, "vm/ssh"), [dir, line], { timeout: 300_000 })).stdout,
    };
}
