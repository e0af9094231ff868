// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The part of the bench that runs in the guest, as root. Progress goes to stderr; each finished cell is one line of
 * stdout: "@cell " and JSON. A group that could not be measured gives a cell that only says why.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fail, newCell, type Where } from "../cell.js";
import { run } from "../exec.js";
import type { Context, Group } from "./context.js";
import { cacheHits } from "./cachehits.js";
import { exports } from "./exports.js";
import { firstWrite, ramDisk } from "./ramdisk.js";
import { idle } from "./idle.js";
import { lifecycle } from "./lifecycle.js";
import { origins } from "./origins.js";
import { trace } from "./trace.js";
import { rest as bridge } from "./rest.js";
import { cli, dbus, volumes } from "./services.js";

/** The guest is at rest when it was idle for this share of each of so many samples in a row; or the limit is over. */
const REST_IDLE_SHARE = 0.97;
const REST_SAMPLES = 4;
const REST_SAMPLE_MS = 500;
const REST_LIMIT_MS = 60_000;
/** Services that would share the processor with what is measured; the groups that measure them start them. */
const LOOKERS = ["rapiddiskd.service", "udisks2.service"];

const groups: Record<string, Group> = {
    ramdisk: ramDisk,
    fill: firstWrite,
    cache: cacheHits,
    origin: origins,
    lifecycle,
    exports,
    idle,
    trace,
    dbus,
    cli,
    volumes,
    rest: bridge,
};

async function main(): Promise<void> {
    const { values: options } = parseArgs({
        options: {
            where: { type: "string", default: "smp" },
            only: { type: "string", multiple: true, default: Object.keys(groups) },
            rounds: { type: "string", default: "3" },
            slot: { type: "string", default: "400" },
            upstream: { type: "string" },
            replays: { type: "string" },
        },
    });
    const where = options.where as Where;
    const context: Context = {
        where,
        rounds: Number(options.rounds),
        slotMs: Number(options.slot),
        jobs: where === "icount" ? [1] : [1, 2],
        ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
        ...(options.replays === undefined ? {} : { replays: options.replays }),
        emit: (cell) => process.stdout.write(`@cell ${JSON.stringify(cell)}\n`),
        say: (text) => process.stderr.write(`bench (${where}): ${text}\n`),
    };
    await rest(context);
    for (const name of options.only) {
        const group = groups[name];
        if (group === undefined) {
            throw new Error(`no group "${name}" in the guest; there is ${Object.keys(groups).join(", ")}`);
        }
        const started = performance.now();
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
        context.say(`${name} took ${Math.round((performance.now() - started) / 1000)} s`);
    }
}

/**
 * Stops what looks at every disk now and then, and waits until what the guest does after its start is done, as far as
 * that is a matter of a minute.
 */
async function rest(context: Context): Promise<void> {
    const started = performance.now();
    await run("systemctl", ["stop", ...LOOKERS], { anyStatus: true });
    for (let quiet = 0; quiet < REST_SAMPLES && performance.now() - started < REST_LIMIT_MS;) {
        const before = cpuTimes();
        await new Promise((resolve) => setTimeout(resolve, REST_SAMPLE_MS));
        const after = cpuTimes();
        const share = (after.idle - before.idle) / Math.max(1, after.all - before.all);
        quiet = share >= REST_IDLE_SHARE ? quiet + 1 : 0;
    }
    context.say(`the guest is at rest after ${Math.round((performance.now() - started) / 1000)} s`);
}

/** Ticks since the start, of all processors together: spent idle, and all. */
function cpuTimes(): { idle: number; all: number } {
    const ticks = readFileSync("/proc/stat", "utf8").split("\n")[0]!.trim().split(/\s+/).slice(1, 9).map(Number);
    return { idle: ticks[3]! + ticks[4]!, all: ticks.reduce((sum, value) => sum + value, 0) };
}

main().catch((error: Error) => {
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
});
