// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Shared } from "../../../service/src/rest/state/shared.js";
import { volumeList } from "../../../service/src/rest/v1/answers.js";

const VOLUME = "/org/rapiddisk/Manager/volumes/rd0";
const CACHE = "/org/rapiddisk/Manager/caches/c";

describe("the list of v1", () => {
    it("made with statistics that were read again meanwhile is not taken for one made with the new ones", async () => {
        let used = 4096n;
        let now = 0;
        let devicesRead = (): void => undefined;
        const clock = (): number => now;
        const volumes = new Shared(async () => new Map([["rd0", { Name: "rd0", Used: used }]]), 2_000, clock);
        const resources = { get: () => new Promise((resolve) => (devicesRead = () => resolve([]))) };
        const objects: Record<string, Map<string, object>> = {
            volumes: new Map([
                [VOLUME, { Name: "rd0", Device: "/dev/rd0", Size: 1048576n, Used: 0n, ReadOnly: false }],
            ]),
            caches: new Map([[CACHE, { Name: "c", Volume: VOLUME, Source: "/dev/mapper/lv", Mode: "write-through" }]]),
        };
        const mirror = {
            present: true,
            revision: 1,
            whenPresent: () => Promise.resolve(),
            all: (kind: string) => objects[kind] ?? new Map(),
        };
        const list = volumeList({ objects: mirror, polled: { volumes, resources } } as never);
        const first = list.make();
        await new Promise((resolve) => setImmediate(resolve));
        used = 900_000n;
        now = 10_000;
        await volumes.get();
        devicesRead();
        assert.match((await first).text.toString(), /4096/);
        assert.equal(list.ready(), undefined, "the old answer is not ready");
        const second = list.make();
        await new Promise((resolve) => setImmediate(resolve));
        devicesRead();
        assert.match((await second).text.toString(), /900000/);
    });
});
