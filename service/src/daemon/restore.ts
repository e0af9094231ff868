// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * What rapiddisk-restore does: makes the saved volumes and caches early at boot, before there is a bus. One that fails is
 * told and does not stop the rest. When the service is at work already, it is asked to do so instead. `restoremain.ts`
 * starts it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PEER } from "../facts/dbus.js";
import { ROOT, SERVICE } from "../facts/busnames.js";
import { connectClient, Variant, type BusClient } from "../bus/index.js";
import { MODULES } from "../kernel/index.js";
import type { Model } from "../model/model.js";
import type { RestoreReport } from "../model/restore.js";
import { log } from "./log.js";
import { openKernel, openModel, type KernelOpener } from "./open.js";
import type { DaemonOptions } from "./options.js";
import { holderWords, lockRuntime, type LockHolder } from "./runtimelock.js";

/** How long to wait before trying again what failed, in ms: devices appear one by one at boot. */
const AGAIN = 500;
/** A service that works answers within this time, in ms, whatever it works on. */
const SILENCE = 10_000;

/** Exports need a network: rapiddisk-exports.service has the service make them later. */
const STORAGE = ["storage"] as const;

const NAME = "rapiddisk-restore";

const allow = async (): Promise<void> => undefined;

/**
 * Restores what is saved, here or by the service that is at work.
 * @param waitSeconds how long to try again what fails
 * @param open opens the kernel; a test gives one with faults, for which the installed program has no option
 * @returns the exit status
 */
export async function runRestore(
    options: DaemonOptions,
    waitSeconds: number,
    open: KernelOpener = openKernel,
): Promise<number> {
    let holder = await lockRuntime(options.runtimeDir, NAME, 0);
    if (holder !== undefined && holder.program !== "rapiddiskd") {
        holder = await lockRuntime(options.runtimeDir, NAME, Math.max(waitSeconds, 1));
    }
    return holder === undefined
        ? await restoreHere(options, waitSeconds, open)
        : await restoreByService(options, holder, waitSeconds);
}

/** Has the living service restore: what it does not do itself, it would take for somebody else's. */
async function restoreByService({ address }: DaemonOptions, holder: LockHolder, waitSeconds: number): Promise<number> {
    if (holder.program !== "rapiddiskd") {
        throw new Error(`${holderWords(holder)} is at work; try again when it has ended.`);
    }
    log("info", `${holderWords(holder)} is at work and is asked to restore.`);
    const client = await connectClient(address);
    try {
        const restored = untilMade(waitSeconds, async () => {
            const [made, failed] = await client.call(
                { destination: SERVICE, path: ROOT, interface: SERVICE, member: "Restore" },
                "a{sv}",
                [{ parts: new Variant("as", [...STORAGE]) }],
                { timeoutMs: 0 },
            );
            return { made: made as string[], failed: failed as string[] };
        });
        return await Promise.race([restored, untilSilent(client, holder)]);
    } finally {
        await client.close();
    }
}

/** Watches a service that works without a limit of time. @throws Error once it does not answer any more */
async function untilSilent(client: BusClient, holder: LockHolder): Promise<never> {
    for (;;) {
        const ping = { destination: SERVICE, path: ROOT, interface: PEER, member: "Ping" };
        await client.call(ping, "", [], { timeoutMs: SILENCE }).catch((error: unknown) => {
            throw new Error(
                `${holderWords(holder)} does not answer, so that nothing more is known: ${(error as Error).message}`,
                { cause: error },
            );
        });
        await sleep(SILENCE / 2);
    }
}

async function restoreHere(options: DaemonOptions, waitSeconds: number, open: KernelOpener): Promise<number> {
    const kernel = open(options);
    const model = openModel(options, kernel);
    try {
        await model.load();
        return await restore(model, waitSeconds);
    } finally {
        // Also after a failure: what nobody makes a cache of must not stay hidden.
        await model.revealUnmade();
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
    return untilMade(waitSeconds, () => model.restore(allow, STORAGE));
}

/** Restores until nothing fails or the time is over, and says what came of it. @returns the exit status */
async function untilMade(waitSeconds: number, once: () => Promise<RestoreReport>): Promise<number> {
    const end = performance.now() + waitSeconds * 1000;
    let report: RestoreReport;
    for (;;) {
        report = await once();
        report.made.forEach((name) => log("info", `${name} was restored.`));
        if (report.failed.length === 0 || performance.now() >= end) {
            break;
        }
        await sleep(AGAIN);
    }
    report.failed.forEach((line) => log("error", line));
    return report.failed.length === 0 ? 0 : 1;
}
