// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What was authorized is what is acted on: everything here changes an object while a person types a password. */
import assert from "node:assert/strict";
import type { Authorize, Permission } from "../../../service/src/model/types.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, GIB, MIB, RecordingAuthorizer, type ModelFixture } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, OTHER_KEY, target } from "./exports.js";

const CHANGED = /changed while permission was asked/;
const OTHER = `${NQN}-other`;
const BLUE = "/dev/disk/by-id/virtio-blue";

function prepare(kernel: ModelFixture["kernel"]): void {
    target(kernel);
    kernel.sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
    kernel.sim.addDisk({ name: "sdc", size: GIB });
    for (const number of [0, 1, 2]) {
        kernel.sim.otherAttach(number, 64 * MIB);
    }
}

const ours = (id: string, nqn = NQN, more: object = {}) => ({
    device: { kind: "volume" as const, id },
    ...{ nqn, hosts: [HOST], ports: [2], ...more },
});

/** Somebody else makes an export of the same name for another device. */
function remakeExport({ sim }: ModelFixture["kernel"], nqn: string, device: string): void {
    const subsystem = { kind: "subsystem" as const, nqn };
    const namespace = { kind: "namespace" as const, nqn, id: 1 };
    sim.otherNvmetRemove({ kind: "port-link", port: 2, nqn });
    sim.otherNvmetWrite(namespace, "enable", "0");
    sim.otherNvmetRemove(namespace);
    sim.otherNvmetRemove({ kind: "allowed-host", nqn, host: HOST });
    sim.otherNvmetRemove(subsystem);
    sim.otherNvmetCreate(subsystem);
    sim.otherNvmetCreate(namespace);
    sim.otherNvmetWrite(namespace, "device_path", device);
    sim.otherNvmetWrite(namespace, "enable", "1");
    sim.otherNvmetCreate({ kind: "allowed-host", nqn, host: HOST });
    sim.otherNvmetCreate({ kind: "port-link", port: 2, nqn });
}

function remakeCache({ sim }: ModelFixture["kernel"], source: string): void {
    sim.otherRemoveMapping("c");
    const params = `${source} /dev/rd0 ${(64 * MIB) / 512} 0`;
    sim.otherCreateMapping("c", "RAPIDDISK-wt-c", { length: GIB / 512, type: "rapiddisk-cache", params });
}

const remakeDisk = ({ sim }: ModelFixture["kernel"]): void => {
    sim.otherDetach(0);
    sim.otherAttach(0, 64 * MIB);
    sim.write(0, 0, 4096);
};

const readdress = ({ sim }: ModelFixture["kernel"], address: string): void => {
    sim.otherNvmetRemove({ kind: "port", id: 7 });
    sim.otherNvmetCreate({ kind: "port", id: 7 });
    for (const [name, value] of Object.entries({ trtype: "tcp", adrfam: "ipv4", traddr: address, trsvcid: "4421" })) {
        sim.otherNvmetWrite({ kind: "port", id: 7 }, `addr_${name}`, value);
    }
};

const swapDisks = ({ sim }: ModelFixture["kernel"]): void => {
    sim.removeDisk("sdb");
    sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-red"] });
};

interface Case {
    name: string;
    before?: (model: Model) => Promise<unknown>;
    run: (model: Model, authorize: Authorize) => Promise<unknown>;
    meanwhile: (kernel: ModelFixture["kernel"]) => void;
}

const cached = (model: Model): Promise<string> =>
    model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c" }, allow);
const exported = (model: Model): Promise<string> => model.exports.create(ours("rd0"), allow);
const ported = (model: Model): Promise<string> =>
    model.ports.create({ id: 7, transport: "tcp", address: "192.0.2.10", service: "4421" }, allow);

const CASES: Case[] = [
    ...(
        [
            ["erase", (model, authorize) => model.volumes.erase("rd0", authorize)],
            ["remove", (model, authorize) => model.volumes.remove("rd0", authorize)],
            ["resize", (model, authorize) => model.volumes.resize("rd0", 128 * MIB, authorize)],
            ["lock", (model, authorize) => model.volumes.setReadOnly("rd0", true, authorize)],
            ["save", (model, authorize) => model.volumes.setPersistent("rd0", true, authorize)],
            ["export", (model, authorize) => model.exports.create(ours("rd0"), authorize)],
            [
                "use as a cache",
                (model, authorize) => model.caches.create("rd0", "/dev/sdc", "write-through", {}, authorize),
            ],
            ["cache", (model, authorize) => model.caches.create("rd1", "/dev/rd0", "write-through", {}, authorize)],
        ] as [string, Case["run"]][]
    ).map(([name, run]): Case => ({ name: `${name} a volume that was made again`, run, meanwhile: remakeDisk })),
    {
        name: "cache a disk that was unplugged, its path gone",
        run: (model, authorize) => model.caches.create("rd0", BLUE, "writeback", { persist: true }, authorize),
        meanwhile: swapDisks,
    },
    {
        name: "cache a disk whose path means another one",
        run: (model, authorize) => model.caches.create("rd0", BLUE, "writeback", { persist: true }, authorize),
        meanwhile: ({ sim }) => {
            sim.removeDisk("sdb");
            sim.addDisk({ name: "sdd", size: GIB, byId: ["virtio-blue"] });
        },
    },
    {
        name: "cache a disk whose name another one has",
        run: (model, authorize) => model.caches.create("rd0", "/dev/sdb", "writeback", {}, authorize),
        meanwhile: swapDisks,
    },
    {
        name: "cache a partition whose disk is another one",
        before: async () => undefined,
        run: (model, authorize) => model.caches.create("rd0", "/dev/rd2p1", "write-through", {}, authorize),
        meanwhile: ({ sim }) => {
            sim.otherDetach(2);
            sim.otherAttach(2, 64 * MIB);
            sim.addPartitions("rd2", [16 * MIB]);
        },
    },
    ...(
        [
            ["remove", (model, authorize) => model.caches.remove("c", authorize)],
            ["flush", (model, authorize) => model.caches.flush("c", authorize)],
            ["save", (model, authorize) => model.caches.setPersistent("c", true, authorize)],
            ["change the mode of", (model, authorize) => model.caches.setMode("c", "write-around", authorize)],
            ["resize", (model, authorize) => model.caches.resize("c", authorize)],
            ["reset the statistics of", (model, authorize) => model.caches.resetStatistics("c", authorize)],
            [
                "export",
                (model, authorize) =>
                    model.exports.create({ ...ours("c"), device: { kind: "cache", id: "c" } }, authorize),
            ],
        ] as [string, Case["run"]][]
    ).flatMap(([name, run]): Case[] =>
        ["/dev/sdb", "/dev/sdc"].map((source) => ({
            name: `${name} a cache that was made again over ${source}`,
            before: cached,
            run,
            meanwhile: (kernel) => remakeCache(kernel, source),
        })),
    ),
    ...(
        [
            ["let a host into", (model, authorize) => model.exports.allowHost(NQN, OTHER_HOST, {}, authorize)],
            ["deny a host", (model, authorize) => model.exports.denyHost(NQN, HOST, authorize)],
            ["open", (model, authorize) => model.exports.setAllowAnyHost(NQN, true, authorize)],
            ["change the keys at", (model, authorize) => model.exports.setHostKeys(NQN, HOST, { key: KEY }, authorize)],
            ["add a port to", (model, authorize) => model.exports.addPort(NQN, 1, {}, authorize)],
            ["take off a port", (model, authorize) => model.exports.removePort(NQN, 2, authorize)],
            ["switch off", (model, authorize) => model.exports.setEnabled(NQN, false, authorize)],
            ["remove", (model, authorize) => model.exports.remove(NQN, authorize)],
            ["save", (model, authorize) => model.exports.setPersistent(NQN, true, authorize)],
        ] as [string, Case["run"]][]
    ).flatMap(([name, run]): Case[] =>
        ["/dev/rd0", "/dev/rd1"].map((device) => ({
            name: `${name} an export that was made again for ${device}`,
            before: exported,
            run,
            meanwhile: (kernel) => remakeExport(kernel, NQN, device),
        })),
    ),
    {
        name: "switch on an export whose device is another one",
        before: async (model) => {
            await exported(model);
            await model.exports.setEnabled(NQN, false, allow);
        },
        run: (model, authorize) => model.exports.setEnabled(NQN, true, authorize),
        meanwhile: remakeDisk,
    },
    {
        name: "make a port whose interface has another address",
        run: (model, authorize) =>
            model.ports.create({ id: 0, transport: "tcp", address: "eth0", service: "4421" }, authorize),
        meanwhile: ({ sim }) =>
            sim.setNetwork({ addresses: [{ interface: "eth0", family: "ipv4", address: "198.51.100.7" }] }),
    },
    ...(
        [
            ["remove", (model, authorize) => model.ports.remove("7", authorize)],
            ["save", (model, authorize) => model.ports.setPersistent("7", true, authorize)],
            ["export on", (model, authorize) => model.exports.create(ours("rd0", NQN, { ports: [7] }), authorize)],
        ] as [string, Case["run"]][]
    ).map(([name, run]): Case => ({
        name: `${name} a port that was made again for another address`,
        before: ported,
        run,
        meanwhile: (kernel) => readdress(kernel, "127.0.0.1"),
    })),
    {
        name: "put an export on a port that was made again for another address",
        before: async (model) => {
            await ported(model);
            await exported(model);
        },
        run: (model, authorize) => model.exports.addPort(NQN, 7, {}, authorize),
        meanwhile: (kernel) => readdress(kernel, "127.0.0.1"),
    },
];

async function kernelOf({ kernel }: ModelFixture): Promise<string> {
    const { memory, ...rest } = await kernel.snapshot();
    void memory;
    return JSON.stringify(rest);
}

describe("what changed while permission was asked is left alone, and the caller is told so", () => {
    for (const { name, before, run, meanwhile } of CASES) {
        it(name, async () => {
            const one = await modelFixture((kernel) => {
                prepare(kernel);
                kernel.sim.addPartitions("rd2", [16 * MIB]);
            });
            await before?.(one.model);
            await one.model.refresh();
            let state = "";
            const saved = JSON.stringify(one.store.state);
            const error = await failure(
                run(one.model, async () => {
                    meanwhile(one.kernel);
                    state = await kernelOf(one);
                }),
            );
            assert.match(error.message, CHANGED);
            assert.equal(error.kind, "Failed");
            assert.equal(await kernelOf(one), state);
            assert.equal(JSON.stringify(one.store.state), saved);
            one.model.close();
        });
    }

    it("but what stayed the same goes on, also when its size or its users changed", async () => {
        const one = await modelFixture(prepare);
        const { model, kernel } = one;
        await model.volumes.resize("rd0", 256 * MIB, async () => kernel.sim.otherResize(0, 128 * MIB));
        await model.caches.create("rd0", BLUE, "write-through", { name: "c" }, async () =>
            kernel.sim.addDisk({ name: "sdd", size: GIB }),
        );
        await model.exports.create(ours("rd1"), async () => kernel.sim.otherResize(1, 128 * MIB));
        await model.exports.denyHost(NQN, HOST, async () => kernel.sim.otherResize(1, 256 * MIB));
        model.close();
    });

    it("and a volume of no certain number gets the next one that is free", async () => {
        const one = await modelFixture(prepare);
        const { model, kernel } = one;
        const take: Authorize = async () => {
            kernel.sim.otherAttach(3, MIB);
            kernel.sim.otherAttach(4, MIB);
        };
        assert.equal(await model.volumes.create(MIB, {}, take), "rd5");
        const certain = await failure(
            model.volumes.create(MIB, { number: 6 }, async () => kernel.sim.otherAttach(6, MIB)),
        );
        assert.equal(certain.kind, "AlreadyExists");
        model.close();
    });
});

describe("a change of a host's keys asks for every export that allows the host", () => {
    const nqns = (authorizer: RecordingAuthorizer): (string | undefined)[] =>
        authorizer.asked.map(({ action, details }) => `${action} ${details["export.nqn"]} ${details["export.device"]}`);
    const asked = [`export-allow-host ${NQN} /dev/rd0`, `export-allow-host ${OTHER} /dev/rd1`];

    async function two(keys: object | undefined, persist = false): Promise<ModelFixture> {
        const one = await modelFixture(prepare);
        await one.model.exports.create(ours("rd0"), allow);
        await one.model.exports.create(ours("rd1", OTHER, { persist }), allow);
        await (keys && one.model.exports.setHostKeys(OTHER, HOST, keys, allow));
        return one;
    }

    for (const [what, request] of [
        ["other keys", { key: OTHER_KEY }],
        ["none", { clear: true }],
    ] as const) {
        it(`which gets ${what}`, async () => {
            const { model } = await two({ key: KEY });
            const authorizer = new RecordingAuthorizer();
            await model.exports.setHostKeys(NQN, HOST, request, authorizer.authorize);
            assert.deepEqual(nqns(authorizer), asked);
            model.close();
        });
    }

    it("which is let in with its first key", async () => {
        const { model } = await two(undefined);
        await model.exports.denyHost(NQN, HOST, allow);
        const authorizer = new RecordingAuthorizer();
        await model.exports.allowHost(NQN, HOST, { key: KEY }, authorizer.authorize);
        assert.deepEqual(nqns(authorizer), asked);
        model.close();
    });

    it("also when such an export is saved and not there", async () => {
        const one = await two({ key: KEY }, true);
        const { state } = structuredClone({ state: one.store.state });
        await one.model.exports.remove(OTHER, allow);
        one.store.state = state;
        one.model.close();
        const model = await one.restart();
        const authorizer = new RecordingAuthorizer();
        await model.exports.setHostKeys(NQN, HOST, { key: KEY }, authorizer.authorize);
        assert.deepEqual(nqns(authorizer), asked);
        model.close();
    });

    it("and is refused when one allows it by then that nobody was asked about", async () => {
        const one = await two({ key: KEY });
        const third = `${NQN}-third`;
        const error = await failure(
            one.model.exports.setHostKeys(NQN, HOST, { key: OTHER_KEY }, async () => {
                one.kernel.sim.otherNvmetCreate({ kind: "subsystem", nqn: third });
                one.kernel.sim.otherNvmetCreate({ kind: "allowed-host", nqn: third, host: HOST });
            }),
        );
        assert.match(error.message, CHANGED);
        assert.equal(one.kernel.sim.nvmetKeys(HOST)[0], KEY);
        one.model.close();
    });

    it("but nobody is asked about others when none is changed", async () => {
        const { model } = await two({ key: KEY });
        const authorizer = new RecordingAuthorizer();
        await model.exports.denyHost(NQN, HOST, authorizer.authorize);
        await model.exports.allowHost(NQN, HOST, {}, authorizer.authorize);
        assert.deepEqual(nqns(authorizer), [asked[0], asked[0]]);
        model.close();
    });
});

describe("a host that has a key is let in with that one or without, never with another", () => {
    async function keyed(persist: boolean): Promise<ModelFixture> {
        const one = await modelFixture(prepare);
        await one.model.exports.create(ours("rd1", OTHER, { persist }), allow);
        await one.model.exports.setHostKeys(OTHER, HOST, { key: KEY }, allow);
        await one.model.exports.create(ours("rd0", NQN, { hosts: [OTHER_HOST] }), allow);
        return one;
    }

    it("another is refused, only after permission was given, and says what to do", async () => {
        const one = await keyed(false);
        const permissions: Permission[] = [];
        const error = await failure(
            one.model.exports.allowHost(NQN, HOST, { key: OTHER_KEY }, async (some) => void permissions.push(...some)),
        );
        assert.equal(error.kind, "AlreadyExists");
        assert.match(error.message, /has another key already .*: allow it without one, then change/);
        assert.ok(!error.message.includes("DHHC"));
        assert.ok(permissions.length > 0, "what a host's key is could be found out without permission");
        assert.equal(one.kernel.sim.nvmetKeys(HOST)[0], KEY);
        assert.deepEqual(one.model.state.exports.get(NQN)?.allowedHosts, [OTHER_HOST]);
        one.model.close();
    });

    it("the same is taken, and none as well", async () => {
        const one = await keyed(true);
        await one.model.exports.allowHost(NQN, HOST, { key: KEY }, allow);
        assert.deepEqual(one.model.state.exports.get(NQN)?.authenticatedHosts, [HOST]);
        await one.model.exports.denyHost(NQN, HOST, allow);
        await one.model.exports.allowHost(NQN, HOST, {}, allow);
        assert.deepEqual(one.model.state.exports.get(NQN)?.authenticatedHosts, [HOST]);
        assert.equal((await one.keys.load(HOST))?.key, KEY);
        one.model.close();
    });

    it("another than that of a saved export that is not there is refused", async () => {
        const one = await keyed(true);
        const keys = await one.keys.load(HOST);
        const { state } = structuredClone({ state: one.store.state });
        await one.model.exports.remove(OTHER, allow);
        one.store.state = state;
        await one.keys.save(HOST, keys ?? null);
        one.model.close();
        const model = await one.restart();
        const error = await failure(model.exports.allowHost(NQN, HOST, { key: OTHER_KEY }, allow));
        assert.equal(error.kind, "AlreadyExists");
        assert.equal((await one.keys.load(HOST))?.key, KEY);
        model.close();
    });

    for (const how of ["allowed", "named when an export is made"]) {
        it(`and goes by that of a saved export which is not there, when it is ${how} by another one`, async () => {
            const one = await keyed(true);
            const keys = await one.keys.load(HOST);
            const { state } = structuredClone({ state: one.store.state });
            await one.model.exports.remove(OTHER, allow);
            one.store.state = state;
            await one.keys.save(HOST, keys ?? null);
            one.model.close();
            const model = await one.restart();
            await (how === "allowed"
                ? model.exports.allowHost(NQN, HOST, {}, allow)
                : model.exports.create(ours("rd2", `${NQN}-third`, { persist: true }), allow));
            await model.exports.setPersistent(NQN, true, allow);
            assert.equal(one.kernel.sim.nvmetKeys(HOST)[0], KEY);
            assert.deepEqual(
                one.store.state.target?.exports.find((entry) => entry.nqn === OTHER)?.authenticated,
                [HOST],
                "the saved export lets it in without a key",
            );
            model.close();
        });
    }
});

describe("Forget drops what is saved and not there, by its exact name", () => {
    async function saved(): Promise<ModelFixture> {
        const one = await modelFixture(prepare);
        await one.model.ports.create({ id: 1000, transport: "tcp", address: "127.0.0.1", persist: true }, allow);
        await one.model.ports.setPersistent("1", true, allow);
        await one.model.volumes.setPersistent("rd0", true, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "c", persist: true }, allow);
        return one;
    }

    for (const name of ["01", "0x1", " 1 ", "1.0", "1e0", "1e3", "rd00", "rd0 ", "C", "c ", "", "+1"]) {
        it(`not by ${JSON.stringify(name)}`, async () => {
            const one = await saved();
            one.kernel.sim.otherNvmetRemove({ kind: "port", id: 1000 });
            await one.model.refresh();
            const before = JSON.stringify(one.store.state);
            const authorizer = new RecordingAuthorizer();
            const error = await failure(one.model.forget(name, authorizer.authorize));
            assert.equal(error.kind, "NotFound");
            assert.deepEqual(authorizer.asked, []);
            assert.equal(JSON.stringify(one.store.state), before);
            one.model.close();
        });
    }

    it("not while it is there", async () => {
        const one = await saved();
        for (const name of ["1", "1000", "rd0", "c"]) {
            assert.equal((await failure(one.model.forget(name, allow))).kind, "Busy", name);
        }
        one.model.close();
    });

    it("not when it is there again by the time that permission was given", async () => {
        const one = await modelFixture(prepare);
        await one.model.volumes.create(MIB, { number: 9, persist: true }, allow);
        one.kernel.sim.otherDetach(9);
        await one.model.refresh();
        const error = await failure(one.model.forget("rd9", async () => one.kernel.sim.otherAttach(9, MIB)));
        assert.equal(error.kind, "Busy");
        assert.equal(one.store.state.volumes.length, 1);
        one.model.close();
    });

    it("not another entry than the one that was asked about", async () => {
        const one = await modelFixture(prepare);
        await one.model.volumes.create(MIB, { number: 9, persist: true }, allow);
        one.kernel.sim.otherDetach(9);
        await one.model.refresh();
        const error = await failure(
            one.model.forget("rd9", async () => {
                await one.model.volumes.create(2 * MIB, { number: 9, persist: true }, allow);
                one.kernel.sim.otherDetach(9);
            }),
        );
        assert.match(error.message, CHANGED);
        assert.equal(one.store.state.volumes[0]?.size, 2 * MIB);
        one.model.close();
    });

    it("a cache that has the name of a port which is there", async () => {
        const one = await modelFixture(prepare);
        await one.model.ports.setPersistent("1", true, allow);
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", { name: "1", persist: true }, allow);
        one.kernel.sim.otherRemoveMapping("1");
        await one.model.refresh();
        await one.model.forget("1", allow);
        assert.deepEqual(one.store.state.caches, []);
        assert.equal(one.store.state.target?.ports.length, 1);
        one.model.close();
    });
});
