// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { EventReadings } from "../../../service/src/model/eventreadings.js";
import { allow, MIB, modelFixture, type ModelFixture } from "./fixture.js";

async function until(holds: () => boolean): Promise<void> {
    while (!holds()) await sleep(5);
}

/** A model that follows events alone, with how often everything was read since. */
async function following(
    prepare: Parameters<typeof modelFixture>[0] = undefined,
): Promise<ModelFixture & { whole: () => number }> {
    const never = { lookEvery: 3_600_000, readEvery: 3_600_000 };
    const one = await modelFixture(prepare, undefined, never);
    await sleep(50); // Events of the set-up have passed.
    one.model.follow();
    let whole = 0;
    const snapshot = one.kernel.snapshot.bind(one.kernel);
    one.kernel.snapshot = () => (whole++, snapshot());
    return { ...one, whole: () => whole };
}

describe("events of RAM disks", () => {
    it("cause no reading of everything after what was done here", async () => {
        const one = await following((sim) => sim.sim.otherAttach(9, MIB));
        const { volumes } = one.model;
        await volumes.create(MIB, {}, allow);
        await volumes.create(MIB, { persist: true }, allow);
        await volumes.resize("rd1", 2 * MIB, allow);
        await volumes.setReadOnly("rd0", true, allow);
        await volumes.remove("rd0", allow);
        await sleep(100);
        one.model.close();
        assert.equal(one.whole(), 0);
        assert.deepEqual([...one.model.state.volumes.keys()], ["rd1", "rd9"]);
        assert.deepEqual(one.lines, []);
    });

    it("have the disks read alone that others made, changed and removed", async () => {
        const one = await following((sim) => sim.sim.otherAttach(9, MIB));
        const { sim } = one.kernel;
        const { state } = one.model;
        sim.otherAttach(3, MIB);
        await until(() => state.volumes.has("rd3"));
        sim.otherResize(3, 2 * MIB);
        await until(() => state.volumes.get("rd3")?.size === 2 * MIB);
        sim.otherSetReadOnly("rd9", true);
        await until(() => state.volumes.get("rd9")?.readOnly === true);
        sim.otherDetach(9);
        await until(() => !state.volumes.has("rd9"));
        one.model.close();
        assert.equal(one.whole(), 0);
        assert.equal(state.host.memoryCommitted, 2 * MIB);
    });

    it("have everything read where the disk is not the one that is noted, saved or used", async () => {
        const one = await following((sim) => sim.sim.otherAttach(9, MIB));
        const { sim } = one.kernel;
        const { state, volumes } = one.model;
        await volumes.create(MIB, { persist: true }, allow);
        sim.otherDetach(0);
        sim.otherAttach(0, MIB);
        await until(() => state.volumes.get("rd0")?.managed === false);
        assert.equal(state.volumes.get("rd0")?.persistent, false);
        assert.ok(one.whole() > 0);
        await volumes.create(MIB, {}, allow);
        const before = one.whole();
        sim.otherDetach(1);
        await until(() => !state.volumes.has("rd1"));
        one.model.close();
        assert.ok(one.whole() > before, "what was noted of rd1 is forgotten");
        assert.deepEqual(one.ownership.owned.volumes, []);
    });

    it("of the NVMe target have that read, and what it has: a helper was started before the port that needs it", async () => {
        const one = await following((sim) => {
            sim.sim.setModule("nvmet", { loaded: true });
            sim.sim.setModule("nvmet_tcp", { loaded: true });
        });
        const { sim } = one.kernel;
        sim.setEventsLost(true);
        sim.setNvmetFeatures({ tls: true, tlshd: true });
        sim.setEventsLost(false);
        sim.otherNvmetCreate({ kind: "port", id: 1 });
        await until(() => one.model.state.ports.has("1") && one.model.state.host.features.includes("nvme-tls"));
        one.model.close();
        assert.equal(one.whole(), 0);
    });

    it("of the NVMe target are shown although what is gone from it cannot be noted", async () => {
        const one = await following((sim) => {
            sim.sim.setModule("nvmet", { loaded: true });
            sim.sim.setModule("nvmet_tcp", { loaded: true });
        });
        const { sim } = one.kernel;
        await one.model.ports.create({ id: 1, transport: "loop", address: "" }, allow);
        one.ownership.save = async () => {
            throw new Error("no space for the notes");
        };
        sim.otherNvmetRemove({ kind: "port", id: 1 });
        await until(() => !one.model.state.ports.has("1"));
        one.model.close();
        assert.ok(
            one.lines.some((line) => line.includes("no space for the notes")),
            one.lines.join("\n"),
        );
    });

    it("have everything read for the first of all, whose device number nobody knows", async () => {
        const one = await following();
        one.kernel.sim.otherAttach(3, MIB);
        await until(() => one.model.state.volumes.has("rd3"));
        one.model.close();
        assert.equal(one.whole(), 1);
    });
});

describe("events", () => {
    it("of more RAM disks than can be read one by one, or of anything else, have everything read", async () => {
        const read: (string | readonly number[])[] = [];
        const readings = new EventReadings({
            readAll: async () => void read.push("all"),
            readTarget: async () => void read.push("target"),
            readDisks: async (numbers) => read.push(numbers) > 0 && !numbers.includes(13),
            cost: () => 1,
        });
        const last = (): unknown => read.at(-1);
        readings.take({ subsystem: "block", devices: ["rd1"] });
        readings.take({ subsystem: "block", devices: ["rd2", "rd1"] });
        await until(() => read.length === 1);
        assert.deepEqual(read, [[1, 2]]);
        readings.take({ subsystem: "block", devices: Array.from({ length: 65 }, (_, number) => `rd${number}`) });
        await until(() => read.length === 2);
        for (const devices of [["rd1", "sda"], ["rd1p1"], undefined]) {
            readings.take({ subsystem: "block", ...(devices ? { devices } : {}) });
            await until(() => last() === "all" && read.length > 2);
            read.pop();
        }
        readings.take({ subsystem: "block", devices: ["rd13"] });
        await until(() => last() === "all" && read.length === 4);
        read.splice(2);
        readings.take({ subsystem: "nvmet" });
        await until(() => last() === "target");
        read.pop();
        readings.take({ subsystem: "mount" });
        readings.stop();
        await sleep(50);
        assert.deepEqual(read, [[1, 2], "all"]);
    });
});
