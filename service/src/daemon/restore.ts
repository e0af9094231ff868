// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * rapiddisk-restore: makes the saved volumes and caches early at boot, before there is a bus. One that fails is told and
 * does not stop the rest.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { MODULES } from "../kernel/index.js";
import type { Model } from "../model/model.js";
import type { RestoreReport } from "../model/restore.js";
import { log } from "./log.js";
import { openKernel, openModel } from "./open.js";
import { parseOptions } from "./options.js";

/** How long to wait before trying again what failed, in ms: devices appear one by one at boot. */
const AGAIN = 500;

/** Exports need a network: rapiddisk-exports.service has the service make them later. */
const STORAGE = ["storage"] as const;

const allow = async (): Promise<void> => undefined;

async function main(): Promise<number> {
    const parsed = parseOptions(process.argv.slice(2), "rapiddisk-restore");
    if ("print" in parsed) {
        process.stdout.write(parsed.print);
        return 0;
    }
    process.umask(0o077);
    const { options } = parsed;
    const kernel = openKernel(options);
    const model = openModel(options, kernel);
    try {
        await model.load();
        return await restore(model, parsed.waitSeconds);
    } finally {
        model.close();
        await kernel.close();
    }
}

async function restore(model: Model, waitSeconds: number): Promise<number> {
    if (model.savedCount === 0) {
        return 0;
    }
    try {
        const loaded = await model.loadModules(allow, STORAGE);
        loaded.forEach((name) => log("info", `Loaded the kernel module ${name}.`));
    } catch (error) {
        const known = MODULES.filter((name) => model.state.host.modules[name] === true);
        log("warning", `Not every module could be loaded (${(error as Error).message}); loaded: ${known.join(", ")}`);
    }
    const end = Date.now() + waitSeconds * 1000;
    let report: RestoreReport;
    for (;;) {
        report = await model.restore(allow, STORAGE);
        report.made.forEach((name) => log("info", `${name} was restored.`));
        if (report.failed.length === 0 || Date.now() >= end) {
            break;
        }
        await sleep(AGAIN);
    }
    report.failed.forEach((line) => log("error", line));
    return report.failed.length === 0 ? 0 : 1;
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        log("error", `rapiddisk-restore could not go on: ${(error as Error).message}`);
        process.exit(1);
    },
);
