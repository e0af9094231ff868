// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The blocks of a writeback cache suit what is on its origin. */
import assert from "node:assert/strict";
import type { DeviceContents, SimKernel } from "../../../service/src/kernel/index.js";
import { blockSizeFor } from "../../../service/src/model/blocksize.js";
import { allow, modelFixture, GIB, MIB, type ModelFixture } from "./fixture.js";
import { reboot } from "./reboot.js";

const SMALL: Partial<DeviceContents> = { type: "ext4", blockSize: 1024 };

function hardware({ sim }: SimKernel): void {
    sim.addDisk({ name: "sdb", size: GIB, byId: ["blue"] });
    sim.addDisk({ name: "sdc", size: GIB, byId: ["native"], blockSize: 4096 });
    sim.otherAttach(0, 64 * MIB);
}

/** What the kernel has of the cache c. */
async function mapped({ kernel }: ModelFixture): Promise<{ block: string | undefined; sectors: number | undefined }> {
    const { mappings, blockDevices } = await kernel.snapshot();
    const mapping = mappings.find(({ name }) => name === "c");
    const device = blockDevices.find(({ name }) => name === mapping?.device);
    return { block: mapping?.targets[0]?.params.split(" ")[3], sectors: device?.blockSize };
}

const create = ({ model }: ModelFixture, source = "/dev/sdb", persist = false): Promise<string> =>
    model.caches.create("rd0", source, "writeback", { name: "c", persist }, allow);

describe("blocks of a writeback cache", () => {
    const plain = { size: GIB, blockSize: 512 };
    const rules: [string, Partial<DeviceContents>, number, { origin?: typeof plain; saved?: number }?][] = [
        ["nothing", {}, 4096],
        ["ext4 of 4 KiB blocks", { type: "ext4", blockSize: 4096 }, 4096],
        ["a file system of 64 KiB blocks", { type: "ext4", blockSize: 65536 }, 4096],
        ["ext4 of 1 KiB blocks", SMALL, 512],
        ["XFS of 512-byte sectors", { type: "xfs", blockSize: 512 }, 512],
        ["a file system that says nothing of blocks", { type: "reiserfs" }, 512],
        ["LUKS", { type: "crypto_LUKS" }, 512],
        ["a physical volume of LVM", { type: "LVM2_member" }, 512],
        ["a member of an md array", { type: "linux_raid_member" }, 512],
        ["contradicting signatures", { type: "ambiguous" }, 512],
        ["a partition table", { table: "dos" }, 512],
        ["a partition table and a file system", { table: "dos", type: "ext4", blockSize: 4096 }, 512],
        ["a GPT", { table: "gpt" }, 512],
        ["a GPT, saved with large blocks before it was made", { table: "gpt" }, 512, { saved: 4096 }],
        ["a GPT of 4096-byte sectors", { table: "PMBR" }, 4096],
        ["a GPT of 4096-byte sectors, saved with small blocks", { table: "PMBR" }, 512, { saved: 512 }],
        ["a partition table that was made through a cache", { table: "dos" }, 4096, { saved: 4096 }],
        ["small blocks, though saved with large ones", SMALL, 512, { saved: 4096 }],
        ["large blocks, though saved with small ones", {}, 4096, { saved: 512 }],
        ["nothing, on 4 KiB sectors", {}, 4096, { origin: { size: GIB, blockSize: 4096 } }],
        ["XFS, on 4 KiB sectors", { type: "xfs", blockSize: 512 }, 4096, { origin: { size: GIB, blockSize: 4096 } }],
        ["ext4 of 1 KiB blocks, on 1 KiB sectors", SMALL, 1024, { origin: { size: GIB, blockSize: 1024 } }],
        ["nothing, on an odd number of sectors", {}, 512, { origin: { size: GIB + 512, blockSize: 512 } }],
    ];
    for (const [what, contents, expected, { origin = plain, saved } = {}] of rules) {
        it(`over ${what} are of ${expected} bytes`, () => {
            assert.equal(blockSizeFor(origin, { type: "", table: "", ...contents }, saved), expected);
        });
    }

    it("are seen in the table, in the sectors of the device and in the cache's property", async () => {
        const one = await modelFixture((kernel) => {
            hardware(kernel);
            kernel.sim.setContents("sdb", SMALL);
        });
        await create(one);
        assert.deepEqual(await mapped(one), { block: "512", sectors: 512 });
        assert.equal(one.model.state.caches.get("c")?.blockSize, 512);
        one.model.close();
    });

    it("are large on an origin without contents, and on one that has large sectors itself", async () => {
        for (const source of ["/dev/sdb", "/dev/sdc"]) {
            const one = await modelFixture(hardware);
            await create(one, source);
            assert.deepEqual(await mapped(one), { block: "4096", sectors: 4096 }, source);
            assert.equal(one.model.state.caches.get("c")?.blockSize, 4096);
            one.model.close();
        }
    });

    it("let a source have any number of sectors", async () => {
        const one = await modelFixture((kernel) => {
            hardware(kernel);
            kernel.sim.addDisk({ name: "sdd", size: GIB + 512 });
        });
        await create(one, "/dev/sdd");
        assert.deepEqual(await mapped(one), { block: "512", sectors: 512 });
        assert.equal(one.model.state.caches.get("c")?.size, GIB + 512);
        one.model.close();
    });

    it("are small where the origin cannot be looked at, which is told", async () => {
        const one = await modelFixture(hardware);
        one.kernel.sim.steps.failVerb("readContents", "ETIMEDOUT");
        await create(one);
        assert.deepEqual(await mapped(one), { block: "512", sectors: 512 });
        assert.match(one.lines.join("\n"), /^\/dev\/sdb gets writeback blocks of 512 bytes: .*ETIMEDOUT/m);
        one.model.close();
    });

    it("are of no other mode's concern: there the origin is not looked at", async () => {
        const one = await modelFixture(hardware);
        one.kernel.sim.steps.hangVerb("readContents");
        await one.model.caches.create("rd0", "/dev/sdb", "write-through", {}, allow);
        assert.equal(one.model.state.caches.get("rc-wt_sdb")?.blockSize, 4096);
        one.model.close();
    });

    it("are chosen again by a restore for what is on the origin by then, without a change to what is saved", async () => {
        const one = await modelFixture(hardware);
        await create(one, "/dev/sdb", true);
        assert.equal(one.store.state.caches[0]?.blockSize, 4096);
        one.model.close();
        const saved = JSON.stringify(one.store.state);
        for (const [contents, block] of [
            [SMALL, "512"],
            [{ type: "ext4", blockSize: 4096 }, "4096"],
            [{ table: "dos" }, "4096"],
            [{ table: "gpt" }, "512"],
        ] as const) {
            await reboot(one);
            one.kernel.sim.setContents("sdb", contents);
            const model = await one.restart();
            assert.deepEqual((await model.restore(allow)).failed, []);
            assert.deepEqual((await mapped(one)).block, block, JSON.stringify(contents));
            assert.equal(model.state.caches.get("c")?.persistent, true);
            assert.equal(JSON.stringify(one.store.state), saved);
            model.close();
        }
    });

    it("of a cache that is made persistent later are saved as they are", async () => {
        const one = await modelFixture((kernel) => {
            hardware(kernel);
            kernel.sim.setContents("sdb", { table: "dos" });
        });
        await create(one);
        await one.model.caches.setPersistent("c", true, allow);
        assert.equal(one.store.state.caches[0]?.blockSize, 512);
        one.model.close();
    });
});
