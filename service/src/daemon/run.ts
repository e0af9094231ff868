// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What rapiddiskd does: the service on the system bus. `main.ts` starts it. */
import { dirname, join } from "node:path";
import { ERROR_PREFIX, ROOT, SERVICE } from "../facts/busnames.js";
import { connectService, createAuthority } from "../bus/index.js";
import type { KernelPort } from "../kernel/index.js";
import { problemSentence } from "../model/problems.js";
import { VERSION } from "../version.js";
import { defined } from "../system/defined.js";
import { BridgePort } from "./bridgeport.js";
import { log } from "./log.js";
import { openKernel, openModel, type KernelOpener } from "./open.js";
import type { DaemonOptions } from "./options.js";
import { publish } from "./publish.js";
import { holderWords, lockRuntime } from "./runtimelock.js";
import { TokenStore } from "./tokenstore.js";

/** How long calls under way may take to end when the service stops, in ms. */
const GRACE = 10_000;
/** How long to wait for rapiddisk-restore to end, in seconds: longer than systemd lets it run. */
const RESTORE_RUNS = 20 * 60;

/** File that names the program on the port of the HTTP bridge, when it is another one, beside the service's own folder in /run. */
const BRIDGE_PORT = "rapiddisk-rest/port-taken";

/**
 * Serves until told to stop.
 * @param open opens the kernel; a test gives one with faults, for which the installed program has no option
 * @returns the exit status
 */
export async function runDaemon(options: DaemonOptions, open: KernelOpener = openKernel): Promise<number> {
    const kernel = open(options);
    try {
        return await serve(options, kernel);
    } finally {
        await kernel.close();
    }
}

/** Takes the right to act on what predecessors left. @throws Error when another service has it */
async function waitForOthers({ runtimeDir }: DaemonOptions): Promise<void> {
    let holder = await lockRuntime(runtimeDir, "rapiddiskd", 0);
    if (holder !== undefined && holder.program !== "rapiddiskd") {
        log("info", `Waiting for ${holderWords(holder)}, which is at work.`);
        holder = await lockRuntime(runtimeDir, "rapiddiskd", RESTORE_RUNS);
    }
    if (holder !== undefined) {
        throw new Error(`${holderWords(holder)} works with ${runtimeDir} already; only one may.`);
    }
}

/** Serves a kernel until told to stop. @returns the exit status */
async function serve(options: DaemonOptions, kernel: KernelPort): Promise<number> {
    const model = openModel(options, kernel);
    const stopped = untilSignal();
    const [service] = await Promise.all([
        connectService({
            root: ROOT,
            errorPrefix: ERROR_PREFIX,
            log: (line) => log("warning", line),
            ...defined({ address: options.address }),
        }),
        // Nothing is put in order under the hands of another process.
        waitForOthers(options).then(() => model.load()),
    ]);
    const authority = createAuthority(service, { errorPrefix: ERROR_PREFIX, log: (line) => log("warning", line) });
    const bridgePort = new BridgePort(join(dirname(options.runtimeDir), BRIDGE_PORT));
    publish(service, { model, authority, bridgePort }, new TokenStore(options.stateDir));
    await service.requestName(SERVICE);
    model.follow();
    log(
        "info",
        `rapiddiskd ${VERSION} serves ${model.state.volumes.size} volumes and ${model.state.caches.size} caches.`,
    );
    [...model.state.host.problems, ...bridgePort.problems.map(problemSentence)].forEach((problem) =>
        log("warning", problem),
    );
    const lost = await Promise.race([stopped, service.lost]);
    model.close();
    bridgePort.close();
    if (lost !== undefined) {
        log("error", `The bus was lost: ${lost}`);
        return 1;
    }
    await service.close(GRACE);
    return 0;
}

function untilSignal(): Promise<undefined> {
    return new Promise((resolve) => {
        for (const name of ["SIGTERM", "SIGINT"] as const) {
            process.once(name, () => resolve(undefined));
        }
    });
}
