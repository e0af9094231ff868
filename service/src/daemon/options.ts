// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { parseArgs } from "node:util";
import { VERSION } from "../version.js";
import type { Program } from "./runtimelock.js";

/** What the command line says. */
export interface DaemonOptions {
    /** Simulated kernel instead of the real one. */
    sim: boolean;
    /** File in which the simulated kernel outlives the process. */
    simState: string | undefined;
    /** Unix socket through which a test drives the simulated kernel. */
    simControl: string | undefined;
    /** D-Bus address; undefined means the system bus (or DBUS_SYSTEM_BUS_ADDRESS). */
    address: string | undefined;
    stateDir: string;
    runtimeDir: string;
    config: string;
}

const SPEC = {
    sim: { type: "boolean", default: false },
    "sim-state": { type: "string" },
    "sim-control": { type: "string" },
    address: { type: "string" },
    "state-dir": { type: "string", default: "/var/lib/rapiddisk" },
    "runtime-dir": { type: "string", default: "/run/rapiddisk" },
    config: { type: "string", default: "/etc/rapiddisk/manager.conf" },
    help: { type: "boolean", default: false },
    version: { type: "boolean", default: false },
} as const;

/** What only rapiddisk-restore takes. */
const RESTORE_SPEC = { wait: { type: "string" } } as const;
const WAIT = "10";

const COMMON = `  --address ADDRESS        address of the bus (default the system bus)
  --sim                    use a simulated kernel (for tests and trials; needs no privilege)
  --sim-state FILE         keep the simulated kernel in FILE
  --sim-control SOCKET     let a test drive the simulated kernel through SOCKET
  --state-dir DIR          where the saved state lives (default /var/lib/rapiddisk)
  --runtime-dir DIR        where unfinished operations are noted (default /run/rapiddisk)
  --config FILE            settings (default /etc/rapiddisk/manager.conf)
  --help, --version
`;
const RESTORE_ONLY = `  --wait SECONDS           how long to wait for origins that are not there yet (default ${WAIT})\n`;

/**
 * Reads the command line of the daemon or of the restore program.
 * @returns options, or text to print instead of working
 * @throws Error with a sentence for a person
 */
export function parseOptions(
    argv: string[],
    program: Program,
): { options: DaemonOptions; waitSeconds: number } | { print: string } {
    const isRestore = program === "rapiddisk-restore";
    const options = { ...SPEC, ...(isRestore ? RESTORE_SPEC : {}) };
    const { values } = parseArgs({ args: argv, options, allowPositionals: false });
    if (values.version) {
        return { print: `${program} ${VERSION}\n` };
    }
    if (values.help) {
        return { print: `Usage: ${program} [options]\n${isRestore ? RESTORE_ONLY : ""}${COMMON}` };
    }
    const wait = ("wait" in values ? values.wait : undefined) ?? WAIT;
    const waitSeconds = Number(wait);
    if (!Number.isFinite(waitSeconds) || waitSeconds < 0 || waitSeconds > 3600) {
        throw new Error(`--wait ${wait} is not a number of seconds from 0 to 3600.`);
    }
    return {
        options: {
            sim: values.sim,
            simState: values["sim-state"],
            simControl: values["sim-control"],
            address: values.address,
            stateDir: values["state-dir"],
            runtimeDir: values["runtime-dir"],
            config: values.config,
        },
        waitSeconds,
    };
}
