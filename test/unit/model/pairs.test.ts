// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Every pair of operations on one device, at once, in many orders of their steps: no device is ever put to two uses. */
import assert from "node:assert/strict";
import type { KernelPort } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";
import { HOST, target } from "./exports.js";

/** How many orders of steps each pair is run in. */
const ORDERS = 4;

const nqn = (name: string): string => `nqn.2021-06.org.rapiddisk:pair-${name}`;

/** rd1 is the device in question: free, but for what the operation puts there first. */
interface Operation {
    name: string;
    before?(one: ModelFixture): Promise<unknown>;
    run(model: Model): Promise<unknown>;
}

const exportOf = (id: string, name: string, kind: "volume" | "cache" = "volume") => ({
    device: { kind, id },
    nqn: nqn(name),
    hosts: [HOST],
    ports: [2],
});

const cached =
    (name: string, volume: string, source: string, mode = "write-through") =>
    async (model: Model): Promise<unknown> =>
        model.caches.create(volume, source, mode, { name }, allow);

/** A saved export or cache that is not there, as after a reboot. */
async function savedExport({ model, store }: ModelFixture): Promise<void> {
    await model.exports.create({ ...exportOf("rd1", "saved"), persist: true }, allow);
    const { target: saved } = structuredClone(store.state);
    await model.exports.remove(nqn("saved"), allow);
    store.state = { ...store.state, ...(saved === undefined ? {} : { target: saved }) };
}

async function savedCache({ store }: ModelFixture): Promise<void> {
    store.state = {
        volumes: [{ number: 1, size: 64 * MIB, readOnly: false }],
        caches: [{ name: "saved", volume: 1, source: "/dev/sdc", mode: "write-through" }],
    };
}

const OPERATIONS: Operation[] = [
    { name: "export it", run: (model) => model.exports.create(exportOf("rd1", "a"), allow) },
    { name: "export it under another name", run: (model) => model.exports.create(exportOf("rd1", "b"), allow) },
    { name: "cache it", run: cached("over", "rd0", "/dev/rd1") },
    { name: "cache it by another volume", run: cached("over2", "rd2", "/dev/rd1", "write-around") },
    { name: "cache it by writeback", run: cached("overwb", "rd3", "/dev/rd1", "writeback") },
    { name: "cache its partition", run: cached("part", "rd4", "/dev/rd1p1") },
    { name: "make it a cache", run: cached("by", "rd1", "/dev/sdb") },
    { name: "make it a writeback cache", run: cached("bywb", "rd1", "/dev/sdd", "writeback") },
    {
        name: "switch an export of it on",
        before: async ({ model }) => {
            await model.exports.create(exportOf("rd1", "off"), allow);
            await model.exports.setEnabled(nqn("off"), false, allow);
        },
        run: (model) => model.exports.setEnabled(nqn("off"), true, allow),
    },
    { name: "restore an export of it", before: savedExport, run: (model) => model.restore(allow, ["exports"]) },
    { name: "restore a cache of it", before: savedCache, run: (model) => model.restore(allow, ["storage"]) },
    { name: "erase it", run: (model) => model.volumes.erase("rd1", allow) },
    { name: "lock it", run: (model) => model.volumes.setReadOnly("rd1", true, allow) },
    { name: "shrink it", run: (model) => model.volumes.resize("rd1", 32 * MIB, allow) },
    { name: "remove it", run: (model) => model.volumes.remove("rd1", allow) },
    {
        name: "take an export of it apart",
        before: ({ model }) => model.exports.create(exportOf("rd1", "there"), allow),
        run: (model) => model.exports.remove(nqn("there"), allow),
    },
    {
        name: "take an export of it apart, which fails half-way",
        before: async ({ model, kernel }) => {
            await model.exports.create(exportOf("rd1", "stays"), allow);
            const remove = kernel.nvmetRemove.bind(kernel);
            kernel.nvmetRemove = async (node) => {
                if (node.kind === "subsystem" && node.nqn === nqn("stays")) {
                    await remove({ kind: "subsystem", nqn: nqn("nobody") });
                }
                await remove(node);
            };
        },
        run: (model) => model.exports.remove(nqn("stays"), allow),
    },
    {
        name: "take a cache of it apart",
        before: ({ model }) => cached("gone", "rd5", "/dev/rd1")(model),
        run: (model) => model.caches.remove("gone", allow),
    },
    {
        name: "export a cache over it",
        before: ({ model }) => cached("up", "rd5", "/dev/rd1")(model),
        run: (model) => model.exports.create(exportOf("up", "up", "cache"), allow),
    },
    {
        name: "cache a cache over it",
        before: ({ model }) => cached("up2", "rd5", "/dev/rd1")(model),
        run: cached("top", "rd0", "/dev/mapper/up2"),
    },
    {
        name: "remove a cache over it",
        before: ({ model }) => cached("up3", "rd5", "/dev/rd1")(model),
        run: (model) => model.caches.remove("up3", allow),
    },
];

/** Numbers that look random and are the same on each run. */
function numbers(seed: number): (below: number) => number {
    let state = seed + 0x9e3779b9;
    return (below) => {
        state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
        return (state >>> 8) % below;
    };
}

/** Lets one of the verbs that wait go on at a time, whichever the numbers say; each waits for all that run to come to rest. */
function shuffle({ kernel }: ModelFixture, next: (below: number) => number): () => void {
    const waiting: (() => void)[] = [];
    let planned = false;
    const plan = (): void => {
        if (!planned) {
            planned = true;
            setImmediate(() => {
                planned = false;
                waiting.splice(next(waiting.length), 1)[0]?.();
                if (waiting.length > 0) {
                    plan();
                }
            });
        }
    };
    kernel.sim.steps.setTurns(
        () =>
            new Promise((resolve) => {
                waiting.push(resolve);
                plan();
            }),
    );
    return () => {
        kernel.sim.steps.setTurns(undefined);
        waiting.splice(0).forEach((go) => go());
    };
}

/** Everything that uses each whole disk: the mappings on it or on its partitions, and its enabled exports. */
async function usesOf(kernel: KernelPort): Promise<Map<string, string[]>> {
    const { mappings, nvmet, blockDevices } = await kernel.snapshot();
    const diskOf = new Map(blockDevices.map((device) => [device.name, device.parent ?? device.name]));
    const byPath = new Map(blockDevices.map((device) => [device.path, device.name]));
    const uses = new Map<string, string[]>();
    const add = (device: string, use: string): void => {
        const disk = diskOf.get(device) ?? device;
        uses.set(disk, [...(uses.get(disk) ?? []), use]);
    };
    for (const mapping of mappings) {
        const slaves = blockDevices.find((device) => device.name === mapping.device)?.slaves ?? [];
        slaves.forEach((slave) => add(slave, `mapping ${mapping.name}`));
    }
    for (const { nqn: name, namespaces } of nvmet.subsystems) {
        for (const one of namespaces.filter(({ enabled }) => enabled)) {
            add(byPath.get(one.devicePath) ?? one.devicePath, `export ${name}`);
        }
    }
    return uses;
}

function prepare(kernel: ModelFixture["kernel"]): void {
    target(kernel);
    for (const name of ["sdb", "sdc", "sdd"]) {
        kernel.sim.addDisk({ name, size: GIB });
    }
    for (let number = 0; number <= 5; number++) {
        kernel.sim.otherAttach(number, 64 * MIB);
    }
}

async function runPair(first: Operation, second: Operation, order: number): Promise<void> {
    let one = await modelFixture(prepare);
    const ready = await Promise.allSettled([first.before?.(one), second.before?.(one)]);
    // Two that each need the device for themselves from the beginning are no pair.
    if (ready.some(({ status }) => status === "rejected")) {
        one.model.close();
        return;
    }
    if (/partition/.test(first.name + second.name)) {
        one.kernel.sim.addPartitions("rd1", [16 * MIB, 16 * MIB]);
    }
    one.model.close();
    one = { ...one, model: await one.restart() };
    const stop = shuffle(one, numbers(order));
    const results = await Promise.allSettled([first.run(one.model), second.run(one.model)]);
    stop();
    const outcome = results.map((result) =>
        result.status === "fulfilled" ? "ok" : String((result.reason as Error).message),
    );
    for (const result of results) {
        const kind = result.status === "fulfilled" ? "" : (result.reason as { kind?: string }).kind;
        assert.notEqual(kind, undefined, `not an error of the model: ${outcome.join(" | ")}`);
    }
    const uses = [...(await usesOf(one.kernel))].filter(([, list]) => list.length > 1);
    assert.deepEqual(uses, [], `order ${order}: ${outcome.join(" | ")}`);
    assert.equal(one.intents.open.size, 0, `order ${order}: ${outcome.join(" | ")}`);
    one.model.close();
}

describe("two operations on one device at once never put it to two uses", () => {
    for (const [index, first] of OPERATIONS.entries()) {
        it(`${first.name}, and any other`, async () => {
            for (const second of OPERATIONS.slice(index)) {
                for (let order = 0; order < ORDERS; order++) {
                    await runPair(first, second, order).catch((error: Error) => {
                        error.message = `${first.name} + ${second.name}: ${error.message}`;
                        throw error;
                    });
                }
            }
        });
    }
});
