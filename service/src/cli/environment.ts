// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isatty } from "node:tty";
import type { ManagerClient } from "../client/index.js";

/** Everything outside that a run of the program touches; tests put their own in. */
export interface Environment {
    version: string;
    /** Effective uid. */
    uid: number;
    readonly stdinIsTerminal: boolean;
    /** Columns of the terminal that standard output is; undefined when it is none. Read each time: a person may resize it. */
    readonly columns: number | undefined;
    /** Whether emphasis is wanted on that terminal. */
    color: boolean;
    out(text: string): void;
    err(text: string): void;
    /** Milliseconds on a clock that only goes forward. */
    now(): number;
    connect?: () => Promise<ManagerClient>;
}

/** Makes the environment of a real run. Color follows https://no-color.org: NO_COLOR, when set and not empty, switches it off. */
export function processEnvironment(version: string): Environment {
    const { env, stdout, stderr } = process;
    return {
        version,
        uid: process.geteuid?.() ?? 0,
        get stdinIsTerminal() {
            return isatty(0);
        },
        get columns() {
            return stdout.isTTY ? stdout.columns || 80 : undefined;
        },
        color: !env.NO_COLOR && env.TERM !== "dumb",
        out: (text) => void stdout.write(text),
        err: (text) => void stderr.write(text),
        now: () => performance.now(),
    };
}
