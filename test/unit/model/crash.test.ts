// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { allow, modelFixture, type ModelFixture } from "./fixture.js";
import { OPERATIONS, type Operation } from "./operations.js";
import { HOST, KEY, NQN, OTHER_HOST, OTHER_KEY, target } from "./exports.js";
import type { NvmetTree } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { volumeEntry } from "../../../service/src/model/storage.js";

/** Runs until the planted crash; the model is then dead, as the process would be. */
async function dieAt(
    operation: Operation,
    step: number,
    when: "before" | "after",
    then: (one: ModelFixture) => void = () => undefined,
): Promise<ModelFixture> {
    const one = await modelFixture(operation.prepare);
    await operation.before?.(one.model);
    then(one);
    one.kernel.sim.steps.resetSteps();
    one.kernel.sim.steps.crashStep(step, when);
    const log = one.kernel.sim.steps.log;
    void operation.run(one.model);
    while (log.length < step) {
        await new Promise((resolve) => setImmediate(resolve));
    }
    for (let turn = 0; turn < 20; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
    }
    one.model.close();
    one.kernel.sim.steps.restartProcess();
    return one;
}

async function steps(operation: Operation): Promise<number> {
    const one = await modelFixture(operation.prepare);
    await operation.before?.(one.model);
    one.kernel.sim.steps.resetSteps();
    await operation.run(one.model);
    one.model.close();
    return one.kernel.sim.steps.log.length;
}

/** What is shown must be what the kernel has, saved entries must be of objects that are there, nothing half-made. */
async function checkTruth(one: ModelFixture, model: Model): Promise<void> {
    const { ramDisks, mappings } = await one.kernel.snapshot();
    const { volumes, caches } = model.state;
    assert.deepEqual([...volumes.keys()].sort(), ramDisks.map((disk) => `rd${disk.number}`).sort());
    assert.deepEqual([...caches.keys()].sort(), mappings.map((mapping) => mapping.name).sort());
    for (const disk of ramDisks) {
        const shown = volumes.get(`rd${disk.number}`);
        assert.equal(shown?.size, disk.size);
        assert.equal(shown?.readOnly, disk.readOnly);
        const entry = one.store.state.volumes.find((saved) => saved.number === disk.number);
        assert.equal(shown?.persistent, entry !== undefined);
        if (entry !== undefined) {
            assert.deepEqual(volumeEntry(entry), { number: disk.number, size: disk.size, readOnly: disk.readOnly });
        }
    }
    for (const entry of one.store.state.volumes) {
        assert.ok(volumes.has(`rd${entry.number}`), `rd${entry.number} is saved but not there`);
    }
    for (const entry of one.store.state.caches) {
        assert.equal(caches.get(entry.name)?.mode, entry.mode);
        assert.equal(caches.get(entry.name)?.persistent, true);
    }
    checkTarget(one, model, (await one.kernel.snapshot()).nvmet);
    assert.deepEqual(model.state.host.problems, []);
    assert.equal(one.intents.open.size, 0);
}

/** Exports are shown as the target has them; ours are whole: reachable only with a namespace, saved only when there. */
function checkTarget(one: ModelFixture, model: Model, tree: NvmetTree): void {
    const { ports, exports } = model.state;
    assert.deepEqual([...exports.keys()].sort(), tree.subsystems.map((other) => other.nqn).sort());
    assert.deepEqual(
        [...ports.values()].map((port) => port.id),
        tree.ports.map((port) => port.id),
    );
    for (const shown of exports.values()) {
        assert.equal(shown.managed, true);
        assert.equal(shown.namespaceId, 1);
        assert.equal(shown.device, "/dev/rd0");
        const entry = one.store.state.target?.exports.find((saved) => saved.nqn === shown.nqn);
        assert.equal(shown.persistent, entry !== undefined);
        if (entry !== undefined) {
            const { enabled, allowAnyHost, hosts, authenticated, ports: saved } = entry;
            const is = { ...shown, hosts: shown.allowedHosts, authenticated: shown.authenticatedHosts };
            assert.deepEqual(
                { enabled, allowAnyHost, hosts: hosts.toSorted(), authenticated, ports: saved.toSorted() },
                {
                    enabled: is.enabled,
                    allowAnyHost: is.allowAnyHost,
                    hosts: is.hosts,
                    authenticated: is.authenticated,
                    ports: is.ports,
                },
            );
        }
    }
    for (const port of tree.ports.filter((other) => other.id === 7)) {
        assert.notEqual(port.transport, "");
        assert.equal(ports.get("7")?.managed, true);
    }
    const used = new Set(tree.subsystems.flatMap((other) => other.hosts));
    assert.deepEqual(
        tree.hosts.map((host) => host.nqn).filter((host) => !used.has(host)),
        [],
        "a host was left behind",
    );
}

/** Everything that is there can be removed. */
async function removeAll(model: Model): Promise<void> {
    for (const nqn of [...model.state.exports.keys()]) {
        await model.exports.remove(nqn, allow);
    }
    for (const id of [...model.state.ports.keys()]) {
        await model.ports.remove(id, allow);
    }
    for (const name of [...model.state.caches.keys()]) {
        await model.caches.remove(name, allow);
    }
    for (const name of [...model.state.volumes.keys()]) {
        await model.volumes.remove(name, allow);
    }
}

describe("after the service was killed in any step, its next start shows what is there, and all of it can be removed", () => {
    for (const operation of OPERATIONS) {
        for (const when of ["before", "after"] as const) {
            it(`${operation.name}, killed ${when} each kernel step`, async () => {
                const count = await steps(operation);
                for (let step = 1; step <= count; step++) {
                    const one = await dieAt(operation, step, when);
                    const mappings = (await one.kernel.snapshot()).mappings.length;
                    const next = await one.restart();
                    await checkTruth(one, next);
                    assert.equal(
                        (await one.kernel.snapshot()).mappings.length,
                        mappings,
                        "a live mapping was taken down",
                    );
                    await removeAll(next);
                    const { volumes, caches, target } = one.store.state;
                    assert.deepEqual({ volumes, caches }, { volumes: [], caches: [] });
                    assert.deepEqual([target?.ports ?? [], target?.exports ?? []], [[], []]);
                    const { subsystems, ports, hosts } = await one.kernel.readNvmet();
                    assert.deepEqual([subsystems, ports, hosts], [[], [], []]);
                    const { devices, ...own } = one.ownership.owned;
                    assert.deepEqual(own, { volumes: [], ports: [], exports: [], hosts: [], made: {} });
                    assert.ok(devices.length <= 1);
                    next.close();
                }
            });
        }
    }

    it("keeps a volume that was made whole and was to persist", async () => {
        const operation = OPERATIONS.find(({ name }) => name === "create a persistent volume");
        assert.ok(operation);
        const one = await dieAt(operation, 1, "after");
        assert.deepEqual(one.store.state.volumes, []);
        const next = await one.restart();
        assert.equal(next.state.volumes.get("rd0")?.persistent, true);
        assert.match(one.lines.join("\n"), /volume-create of rd0 was interrupted in step attach: it is there/);
        next.close();
    });
});

describe("after the service was killed in any step, nobody is connected any more who lost the right to be", () => {
    const connected = [HOST, OTHER_HOST].flatMap((host) => [1, 2].map((port) => ({ nqn: NQN, port, host })));
    for (const name of [
        "deny a host",
        "close an export",
        "let a host with keys into a persistent export that any host may use",
    ]) {
        for (const when of ["before", "after"] as const) {
            it(`${name}, killed ${when} each kernel step`, async () => {
                const operation = OPERATIONS.find((other) => other.name === name);
                assert.ok(operation);
                const count = await steps(operation);
                for (let step = 1; step <= count; step++) {
                    const one = await dieAt(operation, step, when, ({ kernel }) =>
                        kernel.sim.setSessions({ controllers: structuredClone(connected) }),
                    );
                    const next = await one.restart();
                    const shown = next.state.exports.get(NQN);
                    assert.ok(shown);
                    const { controllers = [] } = await one.kernel.readSessions();
                    const strangers = controllers.filter(
                        ({ host }) => !shown.allowAnyHost && !shown.allowedHosts.includes(host),
                    );
                    assert.deepEqual(strangers, [], `connected after step ${step}`);
                    for (const host of shown.allowedHosts) {
                        const ports = controllers.filter((other) => other.host === host).map(({ port }) => port);
                        assert.deepEqual(ports, [1, 2], `${host} lost its connection for good in step ${step}`);
                    }
                    next.close();
                }
            });
        }
    }
});

describe("after the service was killed in any step of giving a host other keys, they are the old ones or the new, or it is said", () => {
    const old = [KEY, KEY, "hmac(sha384)", "null"];
    const other = [OTHER_KEY, "", "hmac(sha256)", "ffdhe2048"];
    const none = ["", "", "hmac(sha256)", "null"];
    const keyed = { key: KEY, controllerKey: KEY, hash: "sha384" };
    for (const [name, before, persist, change, after] of [
        ["of a saved export", keyed, true, { key: OTHER_KEY, dhgroup: "ffdhe2048" }, [old, other]],
        ["where it had none", undefined, false, { key: OTHER_KEY, dhgroup: "ffdhe2048" }, [none, other]],
        ["or none", keyed, false, { clear: true }, [old, none]],
        ["of an export that is not saved", keyed, false, { key: OTHER_KEY, dhgroup: "ffdhe2048" }, undefined],
    ] as const) {
        for (const when of ["before", "after"] as const) {
            it(`${name}, killed ${when} each kernel step`, async () => {
                const operation: Operation = {
                    name,
                    prepare: target,
                    before: async (model) => {
                        await model.volumes.create(2 ** 20, {}, allow);
                        const device = { kind: "volume" as const, id: "rd0" };
                        await model.exports.create({ device, nqn: NQN, hosts: [HOST], noKey: true, persist }, allow);
                        await (before && model.exports.setHostKeys(NQN, HOST, before, allow));
                    },
                    run: (model) => model.exports.setHostKeys(NQN, HOST, change, allow),
                };
                const count = await steps(operation);
                for (let step = 1; step <= count; step++) {
                    const one = await dieAt(operation, step, when);
                    const next = await one.restart();
                    const is = one.kernel.sim.nvmetKeys(HOST);
                    if (after === undefined) {
                        assert.match(one.lines.join("\n"), /keys of .* may be partly old and partly new/);
                    } else {
                        assert.ok(after.map(String).includes(String(is)), `step ${step}: ${String(is)}`);
                    }
                    if (persist) {
                        assert.deepEqual((await one.keys.load(HOST))?.key, is[0]);
                    }
                    assert.ok(!one.lines.join().includes("DHHC"));
                    next.close();
                }
            });
        }
    }
});
