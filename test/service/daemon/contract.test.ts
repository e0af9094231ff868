// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Holds the daemon over the simulated kernel to the same contract as the installed one over the real kernel. */
import { promises } from "../../contract/dbus/promises.js";
import type { ServiceFixture } from "../../contract/dbus/fixture.js";
import { needsRoot } from "../harness/index.js";
import { GIB, prepareDaemon, type Service, type DaemonFixture } from "./fixture.js";

describe("the D-Bus contract over the simulated kernel", function () {
    let fixture: DaemonFixture;
    let contractFixture: ServiceFixture;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        const service = await fixture.start();
        await service.sim.call("addDisk", { name: "vdb", size: GIB, byId: ["virtio-scratch-plain"] });
        contractFixture = simFixture(fixture, service);
    });
    after(() => fixture?.stop());

    for (const { name, needs, run } of promises) {
        it(name, async function () {
            const lack = needs?.map((ability) => contractFixture.lacks(ability)).find((why) => why !== undefined);
            if (lack !== undefined) {
                console.log(`    skipped: ${lack}`);
                this.skip();
            }
            await run(contractFixture);
        });
    }
});

function simFixture({ client }: DaemonFixture, { sim }: Service): ServiceFixture {
    let mounts = 0;
    return {
        client,
        lacks: () => undefined,
        origin: async () => "/dev/vdb",
        kernelHas: async (device) => {
            const found = await sim.call("setIoCounters", device, {}).then(
                () => true,
                () => false,
            );
            return found;
        },
        mount: async (device) => {
            const path = `/mnt/${++mounts}`;
            await sim.call("mount", device, path);
            return { path, undo: async () => void (await sim.call("unmount", device, path)) };
        },
        hold: async (device) => {
            await sim.call("open", device, "sleep", 4242);
            return { command: "sleep", undo: async () => void (await sim.call("closeOpener", device, 4242)) };
        },
        other: {
            attach: async (number, size) => void (await sim.call("otherAttach", number, size)),
            detach: async (number) => void (await sim.call("otherDetach", number)),
            createCache: async (name, volume, source) => {
                const table = { length: 2048, type: "rapiddisk-cache", params: `${source} ${volume} 2048 0` };
                await sim.call("otherCreateMapping", name, "", table);
            },
            removeMapping: async (name) => void (await sim.call("otherRemoveMapping", name)),
        },
        close: async () => undefined,
    };
}
