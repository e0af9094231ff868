// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A cache whose origin is pulled out. */
import assert from "node:assert/strict";
import { allow, modelFixture, GIB, MIB } from "./fixture.js";

describe("a cache whose origin is gone", () => {
    for (const mode of ["write-through", "writeback"]) {
        for (const persist of [false, true]) {
            it(`is told, with what the origin was: ${mode}${persist ? ", saved" : ""}`, async () => {
                const one = await modelFixture(({ sim }) => sim.addDisk({ name: "sdb", size: GIB }));
                await one.model.volumes.create(64 * MIB, { number: 0, persist }, allow);
                await one.model.caches.create("rd0", "/dev/sdb", mode, { name: "c", persist }, allow);
                const problems = (): readonly string[] => one.model.state.host.problems;
                assert.deepEqual(problems(), []);

                one.kernel.sim.removeDisk("sdb");
                await one.model.refresh();
                assert.equal(one.model.state.caches.get("c")?.source, "/dev/sdb");
                assert.equal(one.model.state.caches.get("c")?.persistent, persist);
                assert.equal(problems().length, 1, problems().join("\n"));
                assert.match(problems()[0]!, /^\/dev\/sdb, the origin of c, is gone: /);
                assert.equal(/cannot be written back/.test(problems()[0]!), mode === "writeback");
                assert.deepEqual(one.model.state.host.problemDetails, [
                    {
                        kind: mode === "writeback" ? "origin-gone-unwritten" : "origin-gone",
                        object: "c",
                        type: "cache",
                        origin: "/dev/sdb",
                    },
                ]);
                one.model.close();

                const next = await one.restart();
                assert.equal(next.state.caches.get("c")?.originGone, true, "after a restart of the service");
                if (persist) {
                    assert.equal(next.state.caches.get("c")?.source, "/dev/sdb", "which is saved");
                }
                next.close();
            });
        }
    }
});
