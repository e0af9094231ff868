// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What failed and could not be undone: it is told, put in order later, and never done over what came after it. */
import assert from "node:assert/strict";
import { KernelError } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, failure, MIB, wholeState, type ModelFixture } from "./fixture.js";
import { HOST, NQN, OTHER_HOST, target } from "./exports.js";
import { OPERATIONS, type Operation } from "./operations.js";

const DEVICE = { kind: "volume" as const, id: "rd0" };

async function prepared(operation: Operation): Promise<ModelFixture> {
    const one = await modelFixture(operation.prepare);
    await operation.before?.(one.model);
    one.kernel.sim.steps.resetSteps();
    return one;
}

async function stepsOf(operation: Operation): Promise<number> {
    const one = await prepared(operation);
    await operation.run(one.model);
    one.model.close();
    return one.kernel.sim.steps.log.length - (operation.tidying ?? 0);
}

/** Fails in a step, and in everything that would undo the steps before. */
async function stuck(operation: Operation, step: number): Promise<{ one: ModelFixture; before: string }> {
    const one = await prepared(operation);
    const before = await wholeState(one);
    for (let further = step; further < step + 40; further++) {
        one.kernel.sim.steps.failStep(further, "EIO");
    }
    await failure(operation.run(one.model));
    one.kernel.sim.steps.clearFaults();
    return { one, before };
}

/** What is wrong but for hosts that were allowed without a key, which is so before and after. */
const others = (problems: readonly string[]): string[] =>
    problems.filter((one) => !one.includes("names are no secret"));

/** Follows the kernel until nothing is wrong: ports that an export could not be put back on are tried by themselves. */
async function allWell(model: Model): Promise<void> {
    if (others(model.state.host.problems).length > 0) {
        const well = new Promise<void>((resolve) => {
            model.listen({
                added: () => undefined,
                removed: () => undefined,
                changed: (kind, _id, object) => {
                    if (kind === "host" && "problems" in object && others(object.problems).length === 0) resolve();
                },
            });
        });
        model.follow();
        await well;
    }
}

describe("an operation that fails in any step and cannot be undone", () => {
    for (const operation of OPERATIONS.filter(({ name }) => /port|export|host/.test(name))) {
        it(`${operation.name}: is told, and undone as soon as that can be done`, async () => {
            const count = await stepsOf(operation);
            for (let step = 1; step <= count; step++) {
                for (const how of ["in the running service", "by the next start"]) {
                    const { one, before } = await stuck(operation, step);
                    assert.ok(one.intents.open.size === 0 || one.model.state.host.problems.length > 0);
                    let model: Model = one.model;
                    if (how === "by the next start") {
                        model.close();
                        model = await one.restart();
                    } else {
                        await model.reconcileNotes();
                    }
                    assert.equal(one.intents.open.size, 0, one.lines.join("\n"));
                    await allWell(model);
                    assert.equal(await wholeState({ ...one, model }), before, `step ${step} ${how}`);
                    model.close();
                }
            }
        });
    }
});

/** An export whose removal failed half-way: it has no namespace and is off its port, and nothing can be made for now. */
async function halfRemoved(): Promise<ModelFixture> {
    const one = await modelFixture(target);
    const { model, kernel } = one;
    await model.volumes.create(MIB, { persist: true }, allow);
    await model.refresh();
    const request = { device: DEVICE, nqn: NQN, hosts: [HOST, OTHER_HOST], ports: [1], persist: true };
    await model.exports.create(request, allow);
    kernel.sim.steps.resetSteps();
    kernel.sim.steps.failStep(4, "EIO");
    kernel.sim.steps.failVerb("nvmetCreate", "ENOMEM", 1_000_000);
    const error = await failure(model.exports.remove(NQN, allow));
    assert.match(error.message, /EIO.* Then remove-namespace could not be undone: .*ENOMEM/);
    assert.match(
        model.state.host.problems.join(),
        /export-remove of .* failed and could not be undone: remove-namespace .*ENOMEM.*; it is tried again\./,
    );
    assert.equal(one.intents.open.size, 1);
    return one;
}

const repair = ({ kernel }: ModelFixture): void => kernel.sim.steps.clearFaults();
const exported = async ({ kernel }: ModelFixture): Promise<unknown[]> => {
    const { subsystems, ports } = await kernel.readNvmet();
    const on = ports.filter((port) => port.subsystems.includes(NQN)).map((port) => port.id);
    return subsystems.map(({ nqn, hosts, namespaces }) => [nqn, hosts.length, namespaces[0]?.enabled, on]);
};
const WHOLE = [[NQN, 2, true, [1]]];

describe("an export whose removal failed and could not be undone", () => {
    it("is made as it was by the running service when the reason is gone", async () => {
        const one = await halfRemoved();
        await one.model.reconcileNotes();
        assert.match(one.model.state.host.problems.join(), /ENOMEM/);
        repair(one);
        await allWell(one.model);
        assert.deepEqual(await exported(one), WHOLE);
        assert.equal(one.store.state.target?.exports.length, 1);
        assert.equal(one.intents.open.size, 0);
        one.model.close();
    });

    it("is made as it was by the next start, or stays told when it cannot be", async () => {
        const one = await halfRemoved();
        one.model.close();
        const second = await one.restart();
        assert.match(second.state.host.problems.join(), /export-remove of .* failed and could not be undone.*ENOMEM/);
        repair(one);
        second.close();
        const third = await one.restart();
        assert.deepEqual(third.state.host.problems, []);
        assert.deepEqual(await exported(one), WHOLE);
        assert.equal(third.state.exports.get(NQN)?.persistent, true);
        third.close();
    });

    it("stays gone when it was removed after all, and one that is made in its place stays", async () => {
        const one = await halfRemoved();
        repair(one);
        await one.model.exports.remove(NQN, allow);
        assert.equal(one.intents.open.size, 0);
        await one.model.exports.create({ device: DEVICE, nqn: NQN, hosts: [HOST], persist: true }, allow);
        one.model.close();
        const next = await one.restart();
        assert.deepEqual(await exported(one), [[NQN, 1, true, [1, 2]]]);
        assert.equal(next.state.exports.get(NQN)?.persistent, true);
        next.close();
    });

    it("is left to others who made one of that name in its place", async () => {
        const one = await halfRemoved();
        const { sim } = one.kernel;
        [HOST, OTHER_HOST].forEach((host) => sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host }));
        sim.otherNvmetRemove({ kind: "subsystem", nqn: NQN });
        sim.otherNvmetCreate({ kind: "subsystem", nqn: NQN });
        repair(one);
        await one.model.reconcileNotes();
        assert.match(one.lines.join("\n"), /export-remove of .*: another one is there by now, which was left alone/);
        assert.deepEqual(await exported(one), [[NQN, 0, undefined, []]]);
        assert.equal(one.intents.open.size, 0);
        one.model.close();
    });
});

describe("an export whose opening failed and could not be undone", () => {
    it("is what later changes made it: nobody is let in again", async () => {
        const one = await modelFixture(target);
        const { model, kernel } = one;
        await model.volumes.create(MIB, { persist: true }, allow);
        await model.refresh();
        await model.exports.create(
            { device: DEVICE, nqn: NQN, hosts: [HOST, OTHER_HOST], noKey: true, persist: true },
            allow,
        );
        kernel.sim.steps.resetSteps();
        kernel.sim.steps.failStep(3, "EIO");
        kernel.sim.steps.failVerb("nvmetCreate", "ENOMEM", 1_000_000);
        await failure(model.exports.setAllowAnyHost(NQN, true, allow));
        repair(one);
        assert.equal(one.intents.open.size, 1);
        await model.exports.allowHost(NQN, HOST, { noKey: true }, allow);
        assert.deepEqual([one.intents.open.size, others(model.state.host.problems)], [0, []]);
        model.close();
        const next = await one.restart();
        assert.deepEqual(next.state.exports.get(NQN)?.allowedHosts, [HOST]);
        assert.equal(next.state.exports.get(NQN)?.persistent, true);
        next.close();
    });
});

describe("a creation that failed and could not be undone", () => {
    it("is taken apart later, also when the target could not be read as it failed", async () => {
        const one = await modelFixture(target);
        await one.model.volumes.create(MIB, {}, allow);
        const readNvmet = one.kernel.readNvmet.bind(one.kernel);
        one.kernel.sim.steps.resetSteps();
        for (let step = 4; step < 40; step++) {
            one.kernel.sim.steps.failStep(step, "EIO");
        }
        one.kernel.readNvmet = async (part) => {
            if (one.kernel.sim.steps.log.length >= 4) throw new KernelError("EMFILE", "no descriptors");
            return readNvmet(part);
        };
        await failure(one.model.exports.create({ device: DEVICE, nqn: NQN, hosts: [HOST], noKey: true }, allow));
        one.kernel.readNvmet = readNvmet;
        one.kernel.sim.steps.clearFaults();
        assert.equal((await exported(one)).length, 1);
        one.model.close();
        const next = await one.restart();
        assert.deepEqual(await exported(one), []);
        assert.deepEqual([one.intents.open.size, next.state.host.problems], [0, []]);
        next.close();
    });
});

describe("a removal of a volume over which the service was killed", () => {
    it("saves nothing of a disk that others made under its name", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(64 * MIB, { persist: true }, allow);
        one.kernel.sim.steps.resetSteps();
        one.kernel.sim.steps.crashStep(1, "after");
        void one.model.volumes.remove("rd0", allow);
        while (one.intents.open.size === 0 || one.kernel.sim.steps.log.length === 0) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        one.model.close();
        one.kernel.sim.steps.restartProcess();
        one.kernel.sim.otherAttach(0, 16 * MIB);
        const next = await one.restart();
        assert.deepEqual(one.store.state.volumes, []);
        assert.deepEqual([next.state.volumes.get("rd0")?.persistent, next.state.host.problems], [false, []]);
        next.close();
    });
});

describe("notes of unfinished work", () => {
    it("are replayed in the order in which the work was begun", async () => {
        const one = await modelFixture();
        await one.model.volumes.create(MIB, {}, allow);
        one.model.close();
        const entry = { number: 0, size: MIB, readOnly: false };
        const object = { kind: "volume" as const, number: 0 };
        for (const after of [{ ...entry, withCaches: true }, entry]) {
            await one.intents.begin({ operation: "volume-persist", object, before: null, after });
        }
        const next = await one.restart();
        assert.deepEqual(one.store.state.volumes, [entry]);
        next.close();
    });
});
