// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { Writer } from "../../../service/src/bus/wire/writer.js";
import { statisticsRow } from "../../../service/src/daemon/statistics.js";

describe("statistics on the bus", () => {
    it("are counts and a share, also where a counter is larger than a number holds exactly", () => {
        const row = statisticsRow({ read_bytes: 2 ** 53, write_bytes: 2 ** 63, reads: 7, hit_ratio: 0.5 });
        assert.deepEqual(
            [...row].map(([name, { signature }]) => `${name} ${signature}`),
            ["read_bytes t", "write_bytes t", "reads t", "hit_ratio d"],
        );
        assert.equal(BigInt(row.get("read_bytes")!.value as bigint), 2n ** 53n);
        assert.doesNotThrow(() => new Writer().writeBody("a{sv}", [row]));
    });
});
