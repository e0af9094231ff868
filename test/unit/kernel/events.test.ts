// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { type FSWatcher, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { digests } from "../../../service/src/kernel/digests.js";
import { DirectoryWatch } from "../../../service/src/kernel/directorywatch.js";
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

    it("name the devices that they are about, all of a burst, or none where there are others", async () => {
        const line = (name: string): string => `KERNEL[1.5] add      /devices/virtual/block/${name} (block)\\n`;
        root.tool(
            "udevadm",
            `printf '${line("rd0")}'; printf '${line("rd1")}${line("rd2/rd2p1")}${line("rd1")}'; sleep 60`,
        );
        const seen: KernelEvent[] = [];
        const events = new KernelEvents(new Tools([`${root.root}/bin`]), [{ subsystem: "mount", read: () => "same" }]);
        events.watch((event) => seen.push(event));
        const named = (): string[] => seen.flatMap(({ devices }) => devices ?? []);
        await until(() => new Set(named()).size === 3);
        assert.deepEqual([...new Set(named())].sort(), ["rd0", "rd1", "rd2p1"]);
        events.changed("block", "rd7");
        await until(() => named().includes("rd7"));
        events.changed("block", "rd7");
        events.changed("block");
        await until(() => seen.some(({ devices }) => devices === undefined));
        events.close();
    });

    it("of digests name the devices by which alone two readings differ", () => {
        root.ramDisk(0, 2048);
        const paths = new Paths(root.root);
        const digest = digests(paths, { digest: (names) => `${names.includes("dm-0")}` }).find((one) => one.devices)!;
        const before = digest.read();
        root.ramDisk(1, 2048);
        const now = digest.read();
        assert.deepEqual(digest.devices!(before, now), ["rd1"]);
        assert.deepEqual(digest.devices!(now, before), ["rd1"]);
        root.file("sys/class/block/dm-0/size", "1\n");
        assert.equal(digest.devices!(now, digest.read()), undefined);
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

const names = (root: RootFixture): string[] => readdirSync(`${root.root}/sys/class/block`);

describe("what RAM disks change without a uevent", () => {
    it("is seen at once up to 64 disks with upstream's module, and within a round beyond", () => {
        const root = new RootFixture();
        for (let number = 0; number < 200; number++) root.ramDisk(number, 2048);
        const digest = new RamDigest(new Paths(root.root));
        const all = names(root);
        const rounds = Math.ceil(200 / 64);
        let last = 0;
        for (let round = 0; round < rounds; round++) last = digest.read(all);
        assert.equal(digest.read(all), last, "nothing changed");
        root.file("sys/devices/virtual/block/rd150/ro", "1\n");
        let changed = false;
        for (let round = 0; round < rounds; round++) changed ||= digest.read(all) !== last;
        assert.ok(changed);
        root.remove();
    });

    it("is seen within a round of eight each with ours, and usage is nothing of it", () => {
        const root = new RootFixture();
        root.file("sys/kernel/rapiddisk/memory", "limit 1\n");
        for (let number = 0; number < 24; number++) root.ourRamDisk(number, 2048);
        const digest = new RamDigest(new Paths(root.root));
        const all = names(root);
        const round = (): number => {
            digest.read(all);
            digest.read(all);
            return digest.read(all);
        };
        const first = round();
        assert.equal(round(), first, "nothing changed");
        const summary = (used: number, errors: number): void =>
            root.file(
                "sys/devices/virtual/block/rd15/rapiddisk/summary",
                `size 1048576\nused ${used}\nhighest_written 9\nerrors ${errors}\nread_only 0\n`,
            );
        summary(999, 0);
        assert.equal(round(), first, "usage does not count");
        summary(999, 1);
        assert.notEqual(round(), first);
        root.remove();
    });
});

describe("changes in directories that raise no uevent", () => {
    const shape = { named: { subsystems: { each: { named: { namespaces: { each: {} } } } } } };
    let root: RootFixture;
    let watch: DirectoryWatch;

    beforeEach(() => {
        root = new RootFixture();
        watch = new DirectoryWatch(`${root.root}/target`, shape);
    });

    afterEach(() => {
        watch.close();
        root.remove();
    });

    /** Waits until the watch tells of what was done. */
    const told = async (what: () => void): Promise<void> => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        const before = watch.read();
        what();
        await until(() => watch.read() !== before);
    };

    it("are told of, in directories that came later as well, and in those that came again", async () => {
        assert.equal(watch.complete, false);
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "0\n"));
        assert.equal(watch.complete, true);
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "1\n"));
        await told(() => root.file("target/subsystems/two/attr_allow_any_host", "1\n"));
        await told(() => root.file("target/subsystems/two/namespaces/7/enable", "1\n"));
        await told(() => root.file("target/subsystems/two/namespaces/7/enable", "0\n"));
        await told(() => rmSync(`${root.root}/target/subsystems/one`, { recursive: true }));
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "0\n"));
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "1\n"));
        await told(() => rmSync(`${root.root}/target`, { recursive: true }));
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "0\n"));
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "1\n"));
    });

    it("are told of in directories that the kernel made without telling, as a module does that is being loaded", async () => {
        mkdirSync(`${root.root}/target`);
        watch.read();
        const silent = watch as unknown as { root: { watcher: FSWatcher } };
        silent.root.watcher.removeAllListeners("change");
        const before = watch.read();
        root.file("target/subsystems/one/namespaces/1/enable", "0\n");
        await until(() => watch.read() !== before);
        await told(() => root.file("target/subsystems/one/namespaces/1/enable", "1\n"));
    });

    it("are not made up where nothing happens, nor by reading", async () => {
        root.file("target/subsystems/one/namespaces/1/enable", "0\n");
        watch.read();
        await new Promise((resolve) => setTimeout(resolve, 50));
        const before = watch.read();
        readdirSync(`${root.root}/target/subsystems/one/namespaces`);
        readFileSync(`${root.root}/target/subsystems/one/namespaces/1/enable`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        assert.equal(watch.read(), before);
    });
});

describe("digests", () => {
    it("tell nothing of what was changed while nobody listened", async () => {
        let reads = 0;
        const events = new KernelEvents(new Tools([]), [{ subsystem: "block", read: () => `${(reads++, "same")}` }]);
        events.changed("block");
        const seen: string[] = [];
        events.watch(({ subsystem }) => seen.push(subsystem));
        await until(() => reads >= 2);
        events.close();
        assert.deepEqual(seen, []);
    });

    it("are read less often the more they cost", async () => {
        let slow = 0;
        let quick = 0;
        const busy = (): string => {
            const before = process.cpuUsage();
            while (process.cpuUsage(before).user < 50_000);
            return `${slow++}`;
        };
        const events = new KernelEvents(new Tools([]), [
            { subsystem: "mount", read: busy },
            { subsystem: "block", read: () => `${quick++}` },
        ]);
        events.watch(() => undefined);
        await until(() => quick >= 4);
        events.close();
        assert.equal(
            slow,
            2,
            "45 ms more than is small are a two hundredth of 9 s; for the first time there is no pause",
        );
    });
});
