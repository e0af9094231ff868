// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { log } from "./log.js";
import { parseOptions, type DaemonOptions } from "./options.js";
import type { Program } from "./runtimelock.js";

/**
 * Runs a program to its end and ends the process: reads its command line, prints what that asks to print, keeps what it
 * writes from others, and tells the journal why it could not go on.
 * @param argv command line, without the program
 * @param work what it does; gives the exit status
 */
export function runProgram(
    name: Program,
    argv: string[],
    work: (options: DaemonOptions, waitSeconds: number) => Promise<number>,
): void {
    const run = async (): Promise<number> => {
        const parsed = parseOptions(argv, name);
        if ("print" in parsed) {
            process.stdout.write(parsed.print);
            return 0;
        }
        process.umask(0o077);
        return await work(parsed.options, parsed.waitSeconds);
    };
    run().then(
        (status) => process.exit(status),
        (error: unknown) => {
            log("error", `${name} could not go on: ${(error as Error).message}`);
            process.exit(1);
        },
    );
}
