// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { KernelEvents } from "../../../service/src/kernel/events.js";
import { Tools } from "../../../service/src/kernel/exec.js";
import { Paths } from "../../../service/src/kernel/paths.js";
import { RamDigest } from "../../../service/src/kernel/ramdigest.js";
import type { KernelEvent } from "../../../service/src/kernel/index.js";
import { RootFixture } from "./fixture.js";

const until = async (condition: () => boolean): Promise<void> => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("events", () => {
    let root: RootFixture;

    beforeEach(() => {
        root = new RootFixture();
    });

    afterEach(() => root.remove());

    it("come from uevents by subsystem, a burst as few, and nothing else of what udevadm prints", async () => {
        const lines = "KERNEL[1.5] add      /devices/virtual/block/rd0 (block)\\n".repeat(200);
        root.tool(
            "udevadm",
            `printf 'monitor will print\\nUDEV  [1.0] add /x (block)\\n${lines}KERNEL[2.0] add /module/x (module)\\n'; sleep 60`,
        );
        const seen: KernelEvent["subsystem"][] = [];
        const events = new KernelEvents(new Tools([`${root.root}/bin`]), []);
        events.watch(({ subsystem }) => seen.push(subsystem));
        await until(() => seen.includes("module") && seen.filter((one) => one === "block").length >= 2);
        await new Promise((resolve) => setTimeout(resolve, 120));
        events.close();
        assert.ok(seen.filter((one) => one === "block").length <= 4, seen.join(" "));
        assert.deepEqual([...new Set(seen)].sort(), ["block", "module"]);
    });

    it("come after udevadm died too: it is started again, and what was lost is told of", async () => {
        root.tool("udevadm", "echo x >>$ROOT/starts; exit 1");
        const seen: string[] = [];
        const events = new KernelEvents(new Tools([`${root.root}/bin`]), []);
        events.watch(({ subsystem }) => seen.push(subsystem));
        await until(() => seen.includes("unknown"));
        events.close();
    });

    it("come from digests where there is no udevadm, and stop when nobody listens", async () => {
        let text = "a";
        let reads = 0;
        const read = (): string => {
            reads++;
            return text;
        };
        const events = new KernelEvents(new Tools([`${root.root}/bin`]), [{ subsystem: "mount", read }]);
        const seen: string[] = [];
        const watch = events.watch(({ subsystem }) => seen.push(subsystem));
        await until(() => reads > 0);
        text = "b";
        await until(() => seen.length > 0);
        assert.deepEqual(seen, ["mount"]);
        watch.close();
        const before = reads;
        await new Promise((resolve) => setTimeout(resolve, 1200));
        assert.equal(reads, before);
    });

    it("come after a change of ours even when others undid it before a digest could show it, and once", async () => {
        let reads = 0;
        const digests = (["nvmet", "mount"] as const).map((subsystem) => ({
            subsystem,
            read: () => `${(reads++, "same")}`,
        }));
        const events = new KernelEvents(new Tools([`${root.root}/bin`]), digests);
        const seen: string[] = [];
        events.watch(({ subsystem }) => seen.push(subsystem));
        await until(() => reads > 0);
        events.changed("nvmet");
        await until(() => seen.length > 0);
        const then = reads;
        await until(() => reads >= then + 2);
        events.close();
        assert.deepEqual(seen, ["nvmet"]);
    });
});

describe("what RAM disks change without a uevent", () => {
    it("is seen at once up to 64 disks, and within a round beyond", () => {
        const root = new RootFixture();
        for (let number = 0; number < 200; number++) root.ourRamDisk(number, 2048);
        const digest = new RamDigest(new Paths(root.root));
        const rounds = Math.ceil(200 / 64);
        let last = "";
        for (let round = 0; round < rounds; round++) last = digest.read();
        assert.equal(digest.read(), last, "nothing changed");
        root.file(
            "sys/devices/virtual/block/rd150/rapiddisk/summary",
            "size 1048576\nused 0\nhighest_written 0\nerrors 0\nread_only 1\n",
        );
        let changed = false;
        for (let round = 0; round < rounds; round++) changed ||= digest.read() !== last;
        assert.ok(changed);
        last = digest.read();
        root.file(
            "sys/devices/virtual/block/rd150/rapiddisk/summary",
            "size 1048576\nused 999\nhighest_written 9\nerrors 0\nread_only 1\n",
        );
        for (let round = 0; round < rounds; round++) assert.equal(digest.read(), last, "usage does not count");
        root.remove();
    });

    it("is seen with upstream's module too", () => {
        const root = new RootFixture();
        root.ramDisk(0, 2048);
        const digest = new RamDigest(new Paths(root.root));
        const before = digest.read();
        root.file("sys/devices/virtual/block/rd0/ro", "1\n");
        assert.notEqual(digest.read(), before);
        root.remove();
    });
});
