// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { fits, found, madeOutside, named, sorted } from "../../../cockpit-plugin/src/state/list.js";
import { byPath, cache, exported, port, volume } from "./objects.js";

describe("page: lists", () => {
    const volumes = [
        volume(10, { Size: 5, Users: ["mounted on /srv/Data"], InUse: true }),
        volume(2, { Size: 7, Persistent: true }),
        volume(1, { Size: 7 }),
    ];

    it("are sorted by a value, then by name as people order it", () => {
        const names = (by: (it: (typeof volumes)[0]) => string | number, descending: boolean) =>
            sorted("volumes", volumes, by, descending).map(({ Name }) => Name);
        assert.deepEqual(
            names(({ Name }) => Name, false),
            ["rd1", "rd2", "rd10"],
        );
        assert.deepEqual(
            names(({ Name }) => Name, true),
            ["rd10", "rd2", "rd1"],
        );
        assert.deepEqual(
            names(({ Size }) => Size, true),
            ["rd1", "rd2", "rd10"],
        );
    });

    it("find every word anywhere in an object, whatever the case, but not in its path on the bus", () => {
        const it = volumes[0] as (typeof volumes)[0];
        assert.ok(found(it, ""));
        assert.ok(found(it, "  DATA rd1 "));
        assert.ok(!found(it, "data rd2"));
        assert.ok(!found(it, "rapiddisk"));
    });

    it("are narrowed by what is true of an object", () => {
        const [used, saved] = volumes as [(typeof volumes)[0], (typeof volumes)[0]];
        assert.ok(fits("volumes", used, "in-use") && !fits("volumes", used, "free"));
        assert.ok(fits("volumes", saved, "saved") && !fits("volumes", saved, "unsaved"));
        assert.ok(fits("ports", port(1, { Exports: ["/x"] }), "in-use") && fits("ports", port(1), "free"));
        assert.ok(fits("exports", exported("nqn.a", "/", { Enabled: false }), "free"));
    });

    it("know what was made outside", () => {
        assert.ok(madeOutside(port(1, { Managed: false })) && !madeOutside(port(1)));
        assert.ok(madeOutside(exported("nqn.a", "/", { Managed: false })) && !madeOutside(exported("nqn.a", "/")));
        assert.ok(madeOutside(cache("c", "/", { Managed: false })) && !madeOutside(cache("c", "/")));
        assert.ok(madeOutside(volume(1, { Managed: false })) && !madeOutside(volume(1)));
        assert.ok(fits("volumes", volume(1, { Managed: false }), "outside"));
    });

    it("have an object by the name that an address says", () => {
        assert.equal(named("ports", byPath(port(7)), "7")?.Id, 7);
        assert.equal(named("volumes", byPath(...volumes), "rd3"), undefined);
    });
});
