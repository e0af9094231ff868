// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is saved of ports and exports, when the target holds something else under the same number or name. */
import assert from "node:assert/strict";
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, type ModelFixture, MIB } from "./fixture.js";
import { HOST, NQN, OTHER_HOST } from "./exports.js";

const DEVICE = { kind: "volume" as const, id: "rd0" };

/** A machine with a saved export that any host may use, on a saved port; the target is then emptied, as by a reboot. */
async function rebooted(address = "127.0.0.1"): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
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
    one.ownership.owned = { ...one.ownership.owned, ports: [], exports: [], hosts: [] };
    model.close();
    return one;
}

function otherPort({ kernel }: ModelFixture, address: string): void {
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
        const one = await modelFixture(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
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

describe("a saved export on two ports", () => {
    const eth1 = { interface: "eth1", family: "ipv4" as const, address: "198.51.100.7" };
    const eth0 = { interface: "eth0", family: "ipv4" as const, address: "192.0.2.10" };

    let saved: ModelFixture["store"]["state"];
    before(async () => {
        const one = await machine([eth0, eth1]);
        const { model } = one;
        await model.volumes.create(MIB, { persist: true }, allow);
        await model.ports.create({ id: 1, transport: "tcp", address: "eth0", persist: true }, allow);
        await model.ports.create({ id: 2, transport: "tcp", address: "eth1", persist: true }, allow);
        await model.exports.create({ device: DEVICE, nqn: NQN, hosts: [HOST], noKey: true, persist: true }, allow);
        saved = structuredClone(one.store.state);
        model.close();
    });

    const machine = (addresses: (typeof eth0)[]): Promise<ModelFixture> =>
        modelFixture(({ sim }: SimKernel) => {
            sim.setModule("nvmet", { loaded: true });
            sim.setNetwork({ addresses });
        });

    /** A machine with all of it saved and nothing made yet. */
    async function booted(addresses: (typeof eth0)[]): Promise<{ one: ModelFixture; model: Model }> {
        const one = await machine(addresses);
        one.model.close();
        one.store.state = structuredClone(saved);
        return { one, model: await one.restart() };
    }

    /** The same, restored while the second interface has no address. */
    async function restored(): Promise<{ one: ModelFixture; model: Model }> {
        const { one, model } = await booted([eth0]);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd0", "port 1", NQN]);
        assert.equal(failed.length, 2, failed.join("\n"));
        assert.match(failed[0] ?? "", /port 2 was not restored/);
        assert.match(failed[1] ?? "", new RegExp(`${NQN} on port 2 was not restored: There is no port 2`));
        return { one, model };
    }

    it("comes up on the one that can be made, and on the other when it can", async () => {
        const { one, model } = await restored();
        const shown = model.state.exports.get(NQN);
        assert.deepEqual([shown?.ports, shown?.persistent], [[1], true]);
        assert.match(
            model.state.host.problems.join("\n"),
            new RegExp(
                `Port 2 is saved but not there, and the last restore could not make it: There is no interface "eth1"[^]*` +
                    `${NQN} is not on port 2, where it is saved; the last restore could not put it there: There is no port 2\\. Restoring tries`,
            ),
        );
        one.kernel.sim.setNetwork({ addresses: [eth0, eth1] });
        assert.deepEqual((await model.restore(allow)).made, ["port 2", `${NQN} on port 2`]);
        assert.deepEqual(model.state.exports.get(NQN)?.ports, [1, 2]);
        assert.match(model.state.host.problems.join("\n"), /^Every machine .* names are no secret[^\n]*$/);
        assert.deepEqual(one.store.state.target?.exports, saved.target?.exports);
        model.close();
    });

    it("stays saved on the other, whatever is changed meanwhile and wherever the service dies", async () => {
        const { one, model } = await restored();
        await model.exports.allowHost(NQN, OTHER_HOST, { noKey: true }, allow);
        assert.deepEqual(one.store.state.target?.exports[0]?.ports, [1, 2]);
        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.crashStep(2, "after");
        void model.exports.denyHost(NQN, HOST, allow);
        while (one.kernel.sim.steps.log.length < 2) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        model.close();
        one.kernel.sim.steps.restartProcess();
        const next = await one.restart();
        const entry = one.store.state.target?.exports[0];
        assert.deepEqual([entry?.ports, entry?.hosts], [[1, 2], [OTHER_HOST]]);
        await next.exports.removePort(NQN, 2, allow);
        assert.deepEqual(one.store.state.target?.exports[0]?.ports, [1]);
        assert.deepEqual(next.state.exports.get(NQN)?.ports, [1]);
        next.close();
    });

    it("is not made when none can be, and says which one is not there", async () => {
        const { one, model } = await booted([]);
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd0"]);
        assert.match(failed.join("\n"), new RegExp(`${NQN} was not restored: There is no port 1`));
        one.kernel.sim.setNetwork({ addresses: [eth0, eth1] });
        assert.deepEqual((await model.restore(allow)).failed, []);
        model.close();
    });
});

describe("a restore", () => {
    it("goes on with the rest when an entry leads to an error that nobody thought of", async () => {
        const one = await modelFixture(({ sim }: SimKernel) => sim.setModule("nvmet", { loaded: true }));
        one.model.close();
        const port = {
            id: 1,
            transport: "tcp",
            family: "ipv4",
            address: "127.0.0.1",
            service: "4420",
            interface: "",
            tls: false,
        };
        one.store.state = {
            volumes: [{ number: 0, size: MIB, readOnly: false }],
            caches: [],
            target: {
                ports: [{ ...port, id: 2, address: undefined }, port] as never,
                exports: [],
                installation: "",
                generations: {},
            },
        };
        const model = await one.restart();
        const { made, failed } = await model.restore(allow);
        assert.deepEqual(made, ["rd0", "port 1"]);
        assert.match(failed.join(), /^port 2 was not restored: /);
        model.close();
    });
});
