// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The part of the bench that runs in the guest, as root. Progress goes to stderr; each finished cell is one line of
 * stdout: "@cell " and JSON. A group that could not be measured gives a cell that only says why.
 */
import { parseArgs } from "node:util";
import { fail, newCell, type Where } from "../cell.js";
import type { Context, Group } from "./context.js";
import { cacheHits } from "./cachehits.js";
import { firstWrite, ramDisk } from "./ramdisk.js";
import { lifecycle } from "./lifecycle.js";
import { origins } from "./origins.js";
import { trace } from "./trace.js";
import { cli, dbus, volumes } from "./services.js";

const groups: Record<string, Group> = {
    ramdisk: ramDisk,
    fill: firstWrite,
    cache: cacheHits,
    origin: origins,
    lifecycle,
    trace,
    dbus,
    cli,
    volumes,
};

async function main(): Promise<void> {
    const { values: options } = parseArgs({
        options: {
            where: { type: "string", default: "smp" },
            only: { type: "string", multiple: true, default: Object.keys(groups) },
            rounds: { type: "string", default: "3" },
            slot: { type: "string", default: "400" },
            upstream: { type: "string" },
            trace: { type: "string" },
        },
    });
    const where = options.where as Where;
    const context: Context = {
        where,
        rounds: Number(options.rounds),
        slotMs: Number(options.slot),
        jobs: where === "icount" ? [1] : [1, 2],
        ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
        ...(options.trace === undefined ? {} : { trace: options.trace }),
        emit: (cell) => process.stdout.write(`@cell ${JSON.stringify(cell)}\n`),
        say: (text) => process.stderr.write(`bench (${where}): ${text}\n`),
    };
    for (const name of options.only) {
        const group = groups[name];
        if (group === undefined)
            throw new Error(`no group "${name}" in the guest; there is ${Object.keys(groups).join(", ")}`);
        const started = Date.now();
        try {
            await group(context);
        } catch (error) {
            const cell = newCell({
                group: name,
                where,
                name: "whole group",
                unit: "",
                better: "higher",
                subject: "",
                bars: [],
            });
            fail(cell, "all", (error as Error).message);
            context.emit(cell);
        }
        context.say(`${name} took ${Math.round((Date.now() - started) / 1000)} s`);
    }
}

main().catch((error: Error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
});
