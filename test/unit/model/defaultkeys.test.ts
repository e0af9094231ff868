// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A host that is named without a key gets one where its name would be all that it needs, and the key is given out once. */
import assert from "node:assert/strict";
import { checkKey } from "../../../service/src/model/nqn.js";
import type { Model } from "../../../service/src/model/model.js";
import type { Authorize, Permission } from "../../../service/src/model/types.js";
import { allow, modelFixture, failure, MIB, type ModelFixture } from "./fixture.js";
import { HOST, KEY, NQN, OTHER_HOST, target } from "./exports.js";
import { reboot } from "./reboot.js";

const device = (id: string) => ({ kind: "volume" as const, id });
const SECOND = `${NQN}-second`;
const OPEN = /names are no secret/;

/** Somebody who asks: a name, and what permission was asked of it. */
function asker(name: string): { authorize: Authorize; asked: Permission[] } {
    const asked: Permission[] = [];
    const ask = async (some: readonly Permission[]): Promise<void> => void asked.push(...some);
    return { authorize: Object.assign(ask, { asker: name }), asked };
}

/** Volumes rd0 and rd1, port 1 (tcp) and port 2 (loop). */
async function two(more: (one: ModelFixture) => void = () => undefined): Promise<ModelFixture> {
    const one = await modelFixture(target);
    more(one);
    await one.model.volumes.create(MIB, { persist: true }, allow);
    await one.model.volumes.create(MIB, {}, allow);
    await one.model.refresh();
    return one;
}

const keyed = (model: Model, nqn = NQN): string[] => model.exports.get(nqn).authenticatedHosts;
const open = (model: Model): string[] => model.state.host.problems.filter((line) => OPEN.test(line));
const keyOf = ({ kernel }: ModelFixture, host = HOST): string => kernel.sim.nvmetKeys(host)[0] ?? "";

describe("a key that is made for a host without one", () => {
    it("is made when an export for it is created, and given out once", async () => {
        const one = await two();
        const { authorize, asked } = asker(":1.1");
        await one.model.exports.create(
            { device: device("rd0"), nqn: NQN, hosts: [HOST, OTHER_HOST], ports: [1] },
            authorize,
        );
        assert.deepEqual(new Set(keyed(one.model)), new Set([HOST, OTHER_HOST]));
        const keys = await one.model.exports.takeHostKeys(NQN, [], authorize);
        assert.deepEqual(keys, new Map([HOST, OTHER_HOST].map((host) => [host, keyOf(one, host)])));
        keys.forEach((key) => checkKey(key, "It"));
        assert.notEqual(keys.get(HOST), keys.get(OTHER_HOST));
        assert.deepEqual(await one.model.exports.takeHostKeys(NQN, [], authorize), new Map());
        assert.deepEqual(
            asked.map(({ action }) => action),
            ["export-create"],
        );
        assert.deepEqual(open(one.model), []);
        assert.ok(!one.lines.join().includes("DHHC"));
        one.model.close();
    });

    it("is made when it is allowed, saved with the export, and there again after a reboot", async () => {
        const one = await two();
        const { authorize } = asker(":1.1");
        await one.model.exports.create(
            { device: device("rd0"), nqn: NQN, allowAnyHost: false, ports: [1], persist: true },
            authorize,
        );
        await one.model.exports.allowHost(NQN, HOST, {}, authorize);
        const [key] = (await one.model.exports.takeHostKeys(NQN, [HOST], authorize)).values();
        assert.equal(key, keyOf(one));
        assert.equal((await one.keys.load(HOST))?.key, key);
        one.model.close();
        await reboot(one);
        const model = await one.restart();
        await model.restore(allow);
        assert.deepEqual(keyed(model), [HOST]);
        assert.equal(keyOf(one), key);
        model.close();
    });

    it("is not made over loop alone, nor where the kernel has none, nor when it is said that none is wanted", async () => {
        const cases: [string, number, boolean, { noKey?: boolean }, RegExp | undefined][] = [
            ["loop", 2, true, {}, undefined],
            ["no keys in the kernel", 1, false, {}, /can read and write .* may connect without a key; this kernel/],
            ["no key wanted", 1, true, { noKey: true }, /can read and write .* may connect without a key; give each/],
        ];
        for (const [name, port, auth, how, problem] of cases) {
            const one = await two(({ kernel }) => kernel.sim.setNvmetFeatures({ auth }));
            const { authorize } = asker(":1.1");
            await one.model.exports.create(
                { device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [port], ...how },
                authorize,
            );
            await one.model.exports.allowHost(NQN, OTHER_HOST, how, authorize);
            assert.deepEqual(keyed(one.model), [], name);
            assert.deepEqual(await one.model.exports.takeHostKeys(NQN, [], authorize), new Map(), name);
            assert.equal(open(one.model).length, problem === undefined ? 0 : 1, name);
            assert.match(open(one.model).join(), problem ?? /^$/, name);
            one.model.close();
        }
    });

    it("is not made for a host that has one: it keeps that", async () => {
        const one = await two();
        const { authorize } = asker(":1.1");
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1] }, authorize);
        const key = keyOf(one);
        await one.model.exports.create({ device: device("rd1"), nqn: SECOND, hosts: [HOST], ports: [1] }, authorize);
        assert.equal(keyOf(one), key);
        assert.deepEqual(keyed(one.model, SECOND), [HOST]);
        assert.deepEqual(await one.model.exports.takeHostKeys(SECOND, [], authorize), new Map());
        one.model.close();
    });

    it("is refused for a host that another export allows without one, which it would shut out", async () => {
        const one = await two();
        const { authorize, asked } = asker(":1.1");
        const first = { device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1], noKey: true };
        await one.model.exports.create(first, allow);
        const second = { device: device("rd1"), nqn: SECOND, ports: [1] };
        const refused = /may connect to .* without a key, and a key counts on every export: .*no-key/;
        const error = await failure(one.model.exports.create({ ...second, hosts: [HOST] }, authorize));
        assert.equal(error.kind, "InvalidArgument");
        assert.match(error.message, refused);
        await one.model.exports.create({ ...second, allowAnyHost: false }, allow);
        assert.match((await failure(one.model.exports.allowHost(SECOND, HOST, {}, authorize))).message, refused);
        assert.deepEqual(asked, [], "nobody is asked for what is refused");
        assert.equal(keyOf(one), "");
        await one.model.exports.allowHost(SECOND, HOST, { noKey: true }, authorize);
        assert.deepEqual(keyed(one.model, SECOND), []);
        one.model.close();
    });

    it("does not come to an export that is put on a network port later: the problems tell of its hosts", async () => {
        const one = await two();
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [2] }, allow);
        assert.deepEqual(open(one.model), []);
        await one.model.exports.addPort(NQN, 1, {}, allow);
        assert.equal(open(one.model).length, 1);
        await one.model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow);
        assert.deepEqual(open(one.model), []);
        one.model.close();
    });

    it("is not added to what was saved without one: that is restored as it was, and told", async () => {
        const one = await two();
        await one.model.exports.create(
            { device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1], noKey: true, persist: true },
            allow,
        );
        one.model.close();
        await reboot(one);
        const model = await one.restart();
        await model.restore(allow);
        assert.deepEqual([keyed(model), open(model).length], [[], 1]);
        model.close();
    });

    it("goes with the creation that failed", async () => {
        const one = await two();
        const { authorize } = asker(":1.1");
        one.kernel.sim.steps.failVerb("nvmetCreate", "ENOMEM", 1_000_000);
        await failure(
            one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1] }, authorize),
        );
        one.kernel.sim.steps.clearFaults();
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1] }, allow);
        assert.notDeepEqual(keyOf(one), "");
        one.model.close();
    });

    it("cannot be given together with the word that none is wanted", async () => {
        const one = await two();
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, allowAnyHost: false }, allow);
        const error = await failure(one.model.exports.allowHost(NQN, HOST, { key: KEY, noKey: true }, allow));
        assert.equal(error.kind, "InvalidArgument");
        assert.ok(!error.message.includes("DHHC"));
        one.model.close();
    });
});

describe("a key that waits to be given out", () => {
    /** An export whose host has one. */
    async function waiting(): Promise<{ one: ModelFixture; authorize: Authorize }> {
        const one = await two();
        const { authorize } = asker(":1.1");
        await one.model.exports.create({ device: device("rd0"), nqn: NQN, hosts: [HOST], ports: [1] }, authorize);
        return { one, authorize };
    }

    it("goes to another than who asked only with the permission to set it", async () => {
        const { one } = await waiting();
        const refusing: Authorize = Object.assign(() => Promise.reject(new Error("no")), { asker: ":1.2" });
        await assert.rejects(one.model.exports.takeHostKeys(NQN, [], refusing), /^Error: no$/);
        await assert.rejects(one.model.exports.takeHostKeys(NQN, [HOST], refusing), /^Error: no$/);
        const { authorize: other, asked } = asker(":1.3");
        assert.equal((await one.model.exports.takeHostKeys(NQN, [HOST], other)).get(HOST), keyOf(one));
        assert.deepEqual(asked, [
            {
                action: "export-allow-host",
                details: { "export.nqn": NQN, "export.device": "/dev/rd0", "export.host": HOST },
            },
        ]);
        one.model.close();
    });

    it("goes to one of two who take it at once", async () => {
        const { one, authorize } = await waiting();
        const taken = await Promise.all([1, 2].map(() => one.model.exports.takeHostKeys(NQN, [HOST], authorize)));
        assert.deepEqual(taken.map(({ size }) => size).sort(), [0, 1]);
        one.model.close();
    });

    const ends: [string, (one: ModelFixture) => Promise<unknown>][] = [
        ["its host has another one", ({ model }) => model.exports.setHostKeys(NQN, HOST, { key: KEY }, allow)],
        ["its host is denied", ({ model }) => model.exports.denyHost(NQN, HOST, allow)],
        [
            "others changed it",
            async ({ kernel }) => kernel.sim.otherNvmetWrite({ kind: "host", host: HOST }, "dhchap_key", KEY),
        ],
        [
            "the export is another one",
            async ({ model }) => {
                await model.exports.remove(NQN, allow);
                await model.exports.create({ device: device("rd0"), nqn: NQN, allowAnyHost: false }, allow);
            },
        ],
    ];
    for (const [name, end] of ends) {
        it(`is gone when ${name}`, async () => {
            const { one, authorize } = await waiting();
            await end(one);
            assert.deepEqual(await one.model.exports.takeHostKeys(NQN, [], authorize), new Map());
            one.model.close();
        });
    }
});
