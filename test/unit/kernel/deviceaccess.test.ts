// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { DeviceAccess } from "../../../service/src/kernel/deviceaccess.js";
import { Tools } from "../../../service/src/kernel/exec.js";
import { Paths } from "../../../service/src/kernel/paths.js";
import { RootFixture } from "./fixture.js";

describe("the devices that the unit may open", () => {
    let root: RootFixture;

    beforeEach(() => {
        root = new RootFixture();
        drivers("  8 sd");
        root.file("proc/self/cgroup", "0::/system.slice/rapiddiskd.service\n");
        root.tool("systemctl", '[ ! -e $ROOT/refuses ] || exit 1; echo "$@" >>$ROOT/calls');
    });

    afterEach(() => root.remove());

    const opened = (): Promise<void> => Promise.resolve();
    const drivers = (block: string): void =>
        root.file("proc/devices", `Character devices:\n  1 mem\n\nBlock devices:\n${block}\n`);
    const access = (): DeviceAccess => new DeviceAccess(new Paths(root.root), new Tools([`${root.root}/bin`]));
    const calls = (): string[] =>
        existsSync(`${root.root}/calls`) ? readFileSync(`${root.root}/calls`, "utf8").trim().split("\n") : [];

    it("are looked up again when a driver came, once for each time", async () => {
        const devices = access();
        await devices.with(opened);
        assert.deepEqual(calls(), []);
        drivers("  8 sd\n252 rapiddisk");
        await Promise.all([devices.with(opened), devices.with(opened)]);
        await devices.with(opened);
        assert.deepEqual(calls(), ["--runtime set-property -- rapiddiskd.service DeviceAllow=block-* rw"]);
    });

    it("are asked for again when systemd did not do it", async () => {
        const devices = access();
        drivers("  8 sd\n252 rapiddisk");
        root.file("refuses", "");
        await devices.with(opened);
        assert.deepEqual(calls(), []);
        root.tool("systemctl", 'echo "$@" >>$ROOT/calls');
        await devices.with(opened);
        assert.equal(calls().length, 1);
    });

    it("are left alone outside of the unit", async () => {
        root.file("proc/self/cgroup", "0::/user.slice/user-0.slice/session-1.scope\n");
        const devices = access();
        drivers("  8 sd\n252 rapiddisk");
        await devices.with(opened);
        assert.deepEqual(calls(), []);
    });
});
