// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is saved of ports and exports, when the target holds something else under the same number or name. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import { allow, bench, type Bench, MIB } from "./bench.js";
import { NQN } from "./exports.js";

const DEVICE = { kind: "volume" as const, id: "rd0" };

/** A machine with a saved export that any host may use, on a saved port; the target is then emptied, as by a reboot. */
async function rebooted(address = "127.0.0.1"): Promise<Bench> {
    const one = await bench(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
    const { model, kernel } = one;
    await model.volumes.create(MIB, { persist: true }, allow);
    await model.ports.create({ id: 1, transport: "tcp", address, persist: true }, allow);
    await model.exports.create({ device: DEVICE, nqn: NQN, allowAnyHost: true, persist: true }, allow);
    const namespace = { kind: "namespace" as const, nqn: NQN, id: 1 };
    kernel.sim.otherNvmetRemove({ kind: "port-link", port: 1, nqn: NQN });
    kernel.sim.otherNvmetWrite(namespace, "enable", "0");
    kernel.sim.otherNvmetRemove(namespace);
    kernel.sim.otherNvmetRemove({ kind: "subsystem", nqn: NQN });
    kernel.sim.otherNvmetRemove({ kind: "port", id: 1 });
    one.own.own = { ...one.own.own, ports: [], exports: [], hosts: [] };
    model.close();
    return one;
}

function otherPort({ kernel }: Bench, address: string): void {
    kernel.sim.otherNvmetCreate({ kind: "port", id: 1 });
    for (const [name, value] of Object.entries({ trtype: "tcp", adrfam: "ipv4", traddr: address, trsvcid: "4420" })) {
        kernel.sim.otherNvmetWrite({ kind: "port", id: 1 }, `addr_${name}`, value);
    }
}

describe("saved ports and exports, with something else in their place", () => {
    it("nothing is put on a port that others made elsewhere under the saved number", async () => {
        const one = await rebooted();
        otherPort(one, "0.0.0.0");
        const model = await one.restart();
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, []);
        assert.match(
            failed.join("\n"),
            /port 1 was not restored: Port 1 is tcp 0\.0\.0\.0:4420, but saved is tcp 127\.0\.0\.1:4420/,
        );
        assert.match(failed.join("\n"), new RegExp(`${NQN} was not restored: Port 1 is tcp 0`));
        const { ports, subsystems } = await one.kernel.readNvmet();
        assert.deepEqual([ports[0]?.subsystems, subsystems], [[], []]);
        const shown = model.state.ports.get("1");
        assert.deepEqual([shown?.managed, shown?.persistent], [false, false]);
        assert.match(model.state.host.problems.join("\n"), /Port 1 is tcp 0\.0\.0\.0:4420, but saved is tcp 127/);
        // Out of the way, it leaves what is saved as it was.
        await model.ports.remove("1", allow);
        assert.deepEqual((await model.restore(allow)).made, ["port 1", NQN]);
        assert.deepEqual(model.state.host.problems, []);
        assert.equal(model.state.ports.get("1")?.persistent, true);
        model.close();
    });

    it("the other one can be saved as it is", async () => {
        const one = await rebooted();
        otherPort(one, "192.0.2.10");
        const model = await one.restart();
        await model.ports.setPersistent("1", true, allow);
        assert.equal(one.store.state.target?.ports[0]?.address, "192.0.2.10");
        assert.equal(model.state.ports.get("1")?.persistent, true);
        model.close();
    });

    it("a port that is saved by its interface is the same one under another address", async () => {
        const one = await rebooted("eth0");
        otherPort(one, "192.0.2.99");
        one.kernel.sim.setNetwork({ addresses: [{ interface: "eth0", family: "ipv4", address: "192.0.2.99" }] });
        const model = await one.restart();
        assert.deepEqual((await model.restore(allow)).made, [NQN]);
        assert.equal(model.state.ports.get("1")?.persistent, true);
        model.close();
    });

    it("a loop port is the saved one, whatever the kernel says of a family", async () => {
        const one = await bench(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
        await one.model.ports.create({ id: 1, transport: "loop", address: "", persist: true }, allow);
        one.kernel.sim.otherNvmetWrite({ kind: "port", id: 1 }, "addr_adrfam", "loop");
        await one.model.refresh();
        assert.equal(one.model.state.ports.get("1")?.persistent, true);
        one.model.close();
    });

    it("a subsystem of the saved name for another device is said, and left alone", async () => {
        const one = await rebooted();
        one.kernel.sim.otherNvmetCreate({ kind: "subsystem", nqn: NQN });
        const model = await one.restart();
        const { failed } = await model.restore(allow);
        assert.match(failed.join("\n"), /it is there for no device, but saved is \/dev\/rd0/);
        assert.equal((await one.kernel.readNvmet()).subsystems[0]?.namespaces.length, 0);
        model.close();
    });
});
