// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** rapiddisk-rest: the HTTP bridge, a client of the D-Bus service like any other. */
import { connect } from "../client/index.js";
import { log } from "../system/journal.js";
import { VERSION } from "../version.js";
import { Guard } from "./access/guard.js";
import { connectionLists, Peers } from "./access/peers.js";
import { createApp } from "./app.js";
import { refuseAll } from "./closed.js";
import type { BridgeContext } from "./context.js";
import { Traffic } from "./metrics/traffic.js";
import { Performer } from "./perform.js";
import { type Passed, passedDescriptors } from "./passed.js";
import { readSettings, type Settings, SettingsError } from "./settings.js";
import { Sockets } from "./sockets.js";
import { Digests } from "./state/digests.js";
import { PolledState } from "./state/polledstate.js";
import { ObjectCache } from "./state/objectcache.js";
import { EventStreams } from "./v2/events.js";

/** Exit status for settings that cannot be used (sysexits.h): systemd does not try again then. */
const EX_CONFIG = 78;
/** How long requests under way may take to end, in ms. */
const GRACE = 10_000;

async function main(): Promise<number> {
    const passed = passedDescriptors(process.env, process.pid);
    try {
        const read = readSettings(process.argv.slice(2), VERSION);
        if ("print" in read) {
            process.stdout.write(read.print);
            return 0;
        }
        process.umask(0o077);
        return await serve(read.settings, passed);
    } catch (error) {
        // Anyone who waits at a socket of systemd's would have this started again and again, until systemd closes the socket.
        if (error instanceof SettingsError && passed.sockets.length > 0) {
            log("error", `Every request is refused: ${error.message}`);
            await refuseAll(passed.sockets, error.message, untilSignal());
            return EX_CONFIG;
        }
        throw error;
    }
}

/** Serves until told to stop, or until nobody has asked for anything for long. @returns the exit status */
async function serve(settings: Settings, passed: Passed): Promise<number> {
    const stopped = untilSignal();
    const traffic = new Traffic();
    // A service that the administrator stopped stays stopped, whatever the bridge is asked for.
    const manager = await connect((request, error) => traffic.called(request, error), false);
    const objects = new ObjectCache(manager);
    const polled = new PolledState(manager, objects);
    const digests = new Digests(manager, objects);
    const peers = new Peers(connectionLists(passed.tables));
    const performer = new Performer(manager, objects, polled, peers);
    const guard = new Guard(settings, digests);
    const context: BridgeContext = { settings, objects, polled, guard, peers, performer, version: VERSION };
    const parts = { traffic, events: new EventStreams(context) };
    const [app] = await Promise.all([createApp(context, parts), objects.start()]);
    if (settings.insecureV1) {
        log("warning", "insecure-open-v1 is set: EVERY user and program of this host may change and erase RAM disks.");
    }
    const sockets = await Sockets.open(settings, passed.sockets, app.handle, peers);
    log("info", `rapiddisk-rest ${VERSION} answers on ${sockets.names.join(", ")}.`);
    const idle =
        passed.sockets.length > 0 && settings.idleExit > 0
            ? untilIdle(settings.idleExit * 1000, traffic, () => parts.events.open > 0)
            : new Promise<never>(() => undefined);
    const reason = await Promise.race([stopped, idle, manager.closed.then(() => "bus" as const)]);
    parts.events.close();
    const late = new Promise<void>((resolve) => setTimeout(resolve, GRACE).unref());
    await Promise.race([sockets.close(), late]);
    await Promise.race([app.close(), late]);
    if (reason === "bus") {
        log("error", "The connection to the bus was lost.");
        return 1;
    }
    return 0;
}

function untilSignal(): Promise<"signal"> {
    return new Promise((resolve) => {
        for (const name of ["SIGTERM", "SIGINT"] as const) {
            process.once(name, () => resolve("signal"));
        }
    });
}

/** Resolves when from now on there was no request for so many ms and nothing is kept for anybody. */
function untilIdle(ms: number, traffic: Traffic, busy: () => boolean): Promise<"idle"> {
    // A start may take longer than that, and the client that it was made for has not been heard yet.
    const began = performance.now();
    return new Promise((resolve) => {
        const look = (): void => {
            const rest = Math.max(began, traffic.last) + ms - performance.now();
            if (rest <= 0 && traffic.open === 0 && !busy()) {
                resolve("idle");
            } else {
                setTimeout(look, Math.max(rest, 1_000)).unref();
            }
        };
        look();
    });
}

main().then(
    (status) => process.exit(status),
    (error: unknown) => {
        log("error", `rapiddisk-rest could not go on: ${(error as Error).message}`);
        process.exit(error instanceof SettingsError || error instanceof TypeError ? EX_CONFIG : 1);
    },
);
