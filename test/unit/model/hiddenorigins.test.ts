// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Origins of saved caches, which the boot hides until the caches are there. */
import assert from "node:assert/strict";
import { allow, modelFixture, MIB, type ModelFixture } from "./fixture.js";

const ORIGINS = { through: "/dev/disk/by-id/one", around: "/dev/disk/by-id/two", back: "/dev/disk/by-id/three" };
const MODES = { through: "write-through", around: "write-around", back: "writeback" } as const;
type Name = keyof typeof ORIGINS;
const NAMES = Object.keys(ORIGINS) as Name[];

/** Saved caches of every mode, as a boot finds them: their origins hidden, nothing made yet. */
async function booted(): Promise<ModelFixture> {
    const one = await modelFixture(({ sim }) => {
        for (const [index, name] of NAMES.entries()) {
            sim.addDisk({ name: `sd${"bcd"[index]}`, size: 256 * MIB, byId: [ORIGINS[name].split("/").at(-1)!] });
        }
    });
    one.store.state = {
        volumes: NAMES.map((_, number) => ({ number, size: 64 * MIB, readOnly: false })),
        caches: NAMES.map((name, volume) => ({
            ...{ name, volume, source: ORIGINS[name], mode: MODES[name] },
            ...(name === "back" ? { blockSize: 4096 as const } : {}),
        })),
    };
    one.model.close();
    for (const name of NAMES) {
        one.kernel.sim.hideOrigin({ name, source: ORIGINS[name], mode: MODES[name] });
    }
    return { ...one, model: await one.restart() };
}

const hidden = async ({ kernel }: ModelFixture): Promise<string[]> =>
    (await kernel.hiddenOrigins()).map(({ name }) => name);

describe("origins of saved caches", () => {
    it("stay hidden while their caches are there", async () => {
        const one = await booted();
        assert.deepEqual((await one.model.restore(allow, ["storage"])).failed, []);
        await one.model.revealUnmade();
        assert.deepEqual(await hidden(one), NAMES);
        one.model.close();
    });

    it("are revealed when the caches could not be made, but for a writeback cache", async () => {
        const one = await booted();
        one.kernel.sim.steps.failVerb("createMapping", "ENOMEM", 3);
        assert.equal((await one.model.restore(allow, ["storage"])).failed.length, 3);
        await one.model.revealUnmade();
        assert.deepEqual(await hidden(one), ["back"]);
        assert.match(
            one.lines.join("\n"),
            /stays hidden: the writeback cache back is not there.*rapiddisk forget back/,
        );
        await one.model.forget("back", allow);
        assert.deepEqual(await hidden(one), []);
        one.model.close();
    });

    it("are revealed when their caches are removed, or not persistent any more", async () => {
        const one = await booted();
        await one.model.restore(allow, ["storage"]);
        await one.model.caches.remove("through", allow);
        assert.deepEqual(await hidden(one), ["around", "back"]);
        await one.model.caches.setPersistent("around", false, allow);
        assert.deepEqual(await hidden(one), ["back"]);
        one.model.close();
    });

    it("are revealed when nothing is saved of them, as after a power cut in the midst of a removal", async () => {
        const one = await booted();
        one.kernel.sim.hideOrigin({ name: "gone", source: "/dev/disk/by-id/gone", mode: "writeback" });
        await one.model.restore(allow, ["storage"]);
        await one.model.revealUnmade();
        assert.deepEqual(await hidden(one), NAMES);
        one.model.close();
    });

    it("are revealed by a start that finds nothing saved, as when the state was moved away", async () => {
        const one = await booted();
        one.model.close();
        one.store.state = { volumes: [], caches: [] };
        const model = await one.restart();
        assert.deepEqual(await hidden(one), []);
        model.close();
    });

    it("of a state that cannot be read are revealed like those that could not be made", async () => {
        const one = await booted();
        one.model.close();
        one.store.damage = "damaged";
        const model = await one.restart();
        await model.revealUnmade();
        assert.deepEqual(await hidden(one), ["back"]);
        assert.match(one.lines.join("\n"), /not known before the saved state is repaired/);
        model.close();
    });
});
