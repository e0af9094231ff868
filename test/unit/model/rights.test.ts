// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Taking rights away ends with the right gone, even when the kernel does not let the export back on its port. */
import assert from "node:assert/strict";
import { KernelError } from "../../../service/src/kernel/port.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, MIB, type ModelFixture } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, target } from "./exports.js";

const ADDRESSES = [{ interface: "eth0", family: "ipv4" as const, address: "192.0.2.10" }];

/** An export on both ports, and what it is after the right is gone. */
interface Taking {
    name: string;
    request: { hosts?: string[]; allowAnyHost?: boolean };
    run(model: Model): Promise<unknown>;
    allowed: string[];
}

const TAKINGS: Taking[] = [
    {
        name: "denying a host",
        request: { hosts: [HOST, OTHER_HOST] },
        run: (model) => model.exports.denyHost(NQN, HOST, allow),
        allowed: [OTHER_HOST],
    },
    {
        name: "narrowing to one host, with a key",
        request: { allowAnyHost: true },
        run: (model) => model.exports.allowHost(NQN, HOST, { key: KEY }, allow),
        allowed: [HOST],
    },
    {
        name: "closing",
        request: { allowAnyHost: true },
        run: (model) => model.exports.setAllowAnyHost(NQN, false, allow),
        allowed: [],
    },
];

async function exported(request: Taking["request"], persist: boolean, lookEvery = 100): Promise<ModelFixture> {
    const one = await modelFixture(target, undefined, { lookEvery });
    await one.model.volumes.create(MIB, { persist }, allow);
    await one.model.exports.create({ device: { kind: "volume", id: "rd0" }, nqn: NQN, persist, ...request }, allow);
    return one;
}

/** The right is gone, one port is missing and said so, and nothing is left to be replayed. */
function checkTaken({ model, intents, store }: ModelFixture, { allowed }: Taking, persist: boolean): void {
    const shown = model.state.exports.get(NQN);
    assert.equal(shown?.allowAnyHost, false);
    assert.deepEqual(shown?.allowedHosts, allowed);
    assert.deepEqual(shown?.ports, [2]);
    const problems = model.state.host.problems.filter((line) => line.startsWith(NQN));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? "", /is not on port 1 any more; putting it back is tried again: .*\(E[A-Z]+\)/);
    assert.equal(intents.open.size, 0);
    if (persist) {
        const entry = store.state.target?.exports[0];
        assert.deepEqual(entry?.hosts, allowed);
        assert.deepEqual(entry?.ports.toSorted(), [1, 2], "at boot it is to be on both ports");
    }
}

/** Resolves once the export is on these ports. */
function untilOn(model: Model, ports: number[]): Promise<void> {
    return new Promise((resolve) => {
        const look = (): void => {
            if (String(model.state.exports.get(NQN)?.ports) === String(ports)) {
                resolve();
            }
        };
        model.listen({ added: look, changed: look, removed: look });
        look();
    });
}

describe("taking a right away is not undone when the export cannot be put back on a port", () => {
    for (const taking of TAKINGS) {
        for (const persist of [false, true]) {
            it(`${taking.name} of ${persist ? "a saved export" : "an export"}, the address of a port gone`, async () => {
                const one = await exported(taking.request, persist, 10);
                one.kernel.sim.setNetwork({ addresses: [] });
                await taking.run(one.model);
                checkTaken(one, taking, persist);
                assert.match(
                    one.lines.join("\n"),
                    /could not be put back on port 1; it is tried again: .*EADDRNOTAVAIL/,
                );
                // A restart of the service forgets neither.
                one.model.close();
                const model = await one.restart();
                checkTaken({ ...one, model }, taking, persist);
                one.kernel.sim.setNetwork({ addresses: ADDRESSES });
                model.follow();
                await untilOn(model, [1, 2]);
                await model.refresh();
                assert.deepEqual(model.state.host.problems, []);
                assert.equal(one.ownership.owned.unlinked, undefined);
                assert.deepEqual(model.state.exports.get(NQN)?.allowedHosts, taking.allowed);
                model.close();
            });
        }
    }

    it("another program on the port by then", async () => {
        const taking = TAKINGS[0]!;
        const one = await exported(taking.request, false, 10);
        const remove = one.kernel.nvmetRemove.bind(one.kernel);
        one.kernel.nvmetRemove = async (node) => {
            await remove(node);
            if (node.kind === "port-link" && node.port === 1) {
                const listener = { family: "ipv4" as const, address: "192.0.2.10", port: 4420 };
                one.kernel.sim.setNetwork({ listeners: [listener] });
            }
        };
        await taking.run(one.model);
        checkTaken(one, taking, false);
        one.kernel.sim.setNetwork({ listeners: [] });
        one.model.follow();
        await untilOn(one.model, [1, 2]);
        one.model.close();
    });
    it("and a host that the kernel does not let go is told, and tried again", async () => {
        const one = await exported({ hosts: [HOST, OTHER_HOST] }, false, 10);
        const remove = one.kernel.nvmetRemove.bind(one.kernel);
        let refusing = true;
        one.kernel.nvmetRemove = async (node) => {
            if (node.kind === "host" && refusing) {
                throw new KernelError("EBUSY", "The kernel refused to remove the host (EBUSY).");
            }
            await remove(node);
        };
        await one.model.exports.denyHost(NQN, HOST, allow);
        assert.deepEqual(one.model.state.exports.get(NQN)?.allowedHosts, [OTHER_HOST]);
        await one.model.refresh();
        assert.match(
            one.model.state.host.problems.join(),
            /^Host .*, which nothing allows any more, .* tried again: .*EBUSY/,
        );
        refusing = false;
        const gone = new Promise<void>((resolve) => {
            const look = (): void => (one.model.state.host.problems.length === 0 ? resolve() : undefined);
            one.model.listen({ added: look, changed: look, removed: look });
        });
        one.model.follow();
        await gone;
        assert.deepEqual(
            (await one.kernel.readNvmet()).hosts.map(({ nqn }) => nqn),
            [OTHER_HOST],
        );
        one.model.close();
    });

    it("but when the right itself cannot be taken, it is said, and nobody is put off for it", async () => {
        const one = await exported({ hosts: [HOST, OTHER_HOST] }, false);
        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.failStep(3, "EIO");
        const error = await failure(one.model.exports.denyHost(NQN, HOST, allow));
        assert.match(error.message, /EIO/);
        const shown = one.model.state.exports.get(NQN);
        assert.deepEqual(shown?.allowedHosts.toSorted(), [HOST, OTHER_HOST].toSorted());
        assert.deepEqual(shown?.ports, [1, 2]);
        one.model.close();
    });

    it("and what cannot be put back on the way back is noted as well, instead of left half undone", async () => {
        const one = await exported({ hosts: [HOST, OTHER_HOST] }, false);
        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.failStep(3, "EIO");
        one.kernel.sim.setNetwork({ addresses: [] });
        const error = await failure(one.model.exports.denyHost(NQN, HOST, allow));
        assert.match(error.message, /EIO/);
        assert.equal(one.intents.open.size, 0);
        assert.match(one.model.state.host.problems.join("\n"), /is not on port 1 any more/);
        one.model.close();
    });
});

describe("an export that is to be put back on a port", () => {
    async function waiting(persist = true): Promise<ModelFixture> {
        const one = await exported({ hosts: [HOST, OTHER_HOST] }, persist);
        one.kernel.sim.setNetwork({ addresses: [] });
        await one.model.exports.denyHost(NQN, HOST, allow);
        return one;
    }
    const problems = ({ model }: ModelFixture): string[] =>
        model.state.host.problems.filter((line) => line.startsWith(NQN));

    it("can be taken off it, and is then not put back", async () => {
        const one = await waiting();
        await one.model.exports.removePort(NQN, 1, allow);
        assert.deepEqual(problems(one), []);
        assert.deepEqual(one.store.state.target?.exports[0]?.ports, [2]);
        one.model.close();
    });

    it("can be put on it by hand", async () => {
        const one = await waiting();
        assert.match((await failure(one.model.exports.addPort(NQN, 1, {}, allow))).message, /EADDRNOTAVAIL/);
        one.kernel.sim.setNetwork({ addresses: ADDRESSES });
        await one.model.exports.addPort(NQN, 1, {}, allow);
        assert.deepEqual(problems(one), []);
        assert.deepEqual(one.model.state.exports.get(NQN)?.ports, [1, 2]);
        one.model.close();
    });

    it("stays so over other changes of it", async () => {
        const one = await waiting();
        await one.model.exports.setEnabled(NQN, false, allow);
        await one.model.exports.denyHost(NQN, OTHER_HOST, allow);
        assert.equal(problems(one).length, 1);
        assert.deepEqual(one.store.state.target?.exports[0]?.ports.toSorted(), [1, 2]);
        one.model.close();
    });

    it("is forgotten with it, and is not the one that is made again", async () => {
        const one = await waiting(false);
        await one.model.exports.remove(NQN, allow);
        assert.deepEqual(problems(one), []);
        assert.equal(one.ownership.owned.unlinked, undefined);
        const device = { kind: "volume" as const, id: "rd0" };
        await one.model.exports.create({ device, nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        assert.deepEqual(problems(one), []);
        one.model.close();
    });
});

describe("an export on a loopback address", () => {
    const tcp = { id: 3, transport: "tcp", address: "127.0.0.1" };

    async function withPort(): Promise<ModelFixture> {
        const one = await modelFixture(target);
        await one.model.volumes.create(MIB, { persist: true }, allow);
        await one.model.ports.create({ ...tcp, persist: true }, allow);
        return one;
    }

    it("lets no host in by default: every program of this host reaches it", async () => {
        const { model } = await withPort();
        const request = { device: { kind: "volume" as const, id: "rd0" }, nqn: NQN, ports: [3] };
        const refused = await failure(model.exports.create(request, allow));
        assert.deepEqual(
            [refused.kind, refused.message],
            [
                "InvalidArgument",
                "Every program of this host, whoever runs it, that reaches port 3 (tcp 127.0.0.1:4420) could read and write " +
                    `${NQN}: name the hosts that may, or say plainly that any host is allowed (allow-any-host).`,
            ],
        );
        assert.equal(model.state.exports.size, 0);
        await model.exports.create({ ...request, ports: [2] }, allow);
        const added = await failure(model.exports.addPort(NQN, 3, {}, allow));
        assert.match(added.message, /^Every program of this host/);
        await model.exports.addPort(NQN, 3, { allowAnyHost: true }, allow);
        assert.deepEqual(model.state.host.problems, []);
        model.close();
    });

    it("that an earlier version opened by its default is a problem until it is said what is meant", async () => {
        const one = await withPort();
        const request = { device: { kind: "volume" as const, id: "rd0" }, nqn: NQN, ports: [3], persist: true };
        await one.model.exports.create({ ...request, allowAnyHost: true }, allow);
        assert.deepEqual(one.model.state.host.problems, []);
        assert.equal(one.store.state.target?.exports[0]?.anyHostMeant, true);
        one.model.close();
        delete one.store.state.target?.exports[0]?.anyHostMeant;
        const model = await one.restart();
        const problem =
            "Every program of this host, whoever runs it, that reaches port 3 (tcp 127.0.0.1:4420) can read and write " +
            `${NQN}, by the default of an earlier version: name its hosts, or allow any host, to say that any is meant.`;
        assert.deepEqual(model.state.host.problems, [problem]);
        // Another change does not mean it.
        await model.exports.setEnabled(NQN, false, allow);
        assert.deepEqual(model.state.host.problems, [problem]);
        assert.equal(model.state.exports.get(NQN)?.allowAnyHost, true, "it is not narrowed silently");
        await model.exports.setAllowAnyHost(NQN, true, allow);
        assert.deepEqual(model.state.host.problems, []);
        await model.exports.setAllowAnyHost(NQN, false, allow);
        assert.equal(one.store.state.target?.exports[0]?.anyHostMeant, undefined);
        model.close();
    });
});
