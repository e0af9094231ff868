// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { objectPath, Variant, type ManagerClient } from "../../../service/src/client/index.js";
import type { ObjectCache } from "../../../service/src/rest/state/objectcache.js";
import { PolledState } from "../../../service/src/rest/state/polledstate.js";

describe("statistics", () => {
    it("of a thousand volumes take one call, which all who ask share", async () => {
        const paths = Array.from({ length: 1024 }, (_, number) => objectPath("volumes", `rd${number}`));
        const answer = new Map(paths.map((path) => [path, new Map([["read_ios", new Variant("t", 7n)]])]));
        const sent: string[] = [];
        const manager = {
            send: async ({ member }: { member: string }) => {
                sent.push(member);
                return answer;
            },
        } as unknown as ManagerClient;
        const polled = new PolledState(manager, new EventEmitter() as unknown as ObjectCache);
        const [one, other] = await Promise.all([polled.statistics.get(), polled.statistics.get()]);
        assert.equal(one, other);
        assert.equal(one.size, 1024);
        assert.equal(one.get(paths[1023]!)?.get("read_ios"), 7);
        assert.deepEqual(sent, ["GetAllStatistics"]);
    });
});
