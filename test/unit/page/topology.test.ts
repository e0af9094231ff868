// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { topology, type TopologyNode } from "../../../cockpit-plugin/src/state/topology.js";
import { directUser } from "../../../service/src/model/users.js";
import { usedBy } from "./details.js";
import { byPath, cache, exported, volume } from "./objects.js";

/** The picture in one line: what a thing is, its text, and what stands on it. */
const drawn = (node: TopologyNode): string =>
    `${node.what} ${node.text}${node.on.length > 0 ? ` [${node.on.map(drawn).join(", ")}]` : ""}`;

describe("page: what stands on what", () => {
    it("leads from a RAM disk to its cache, the disk behind it, who uses it, its export and the connected host", () => {
        const disk = volume(0, {
            ...usedBy(
                directUser("cache", "rc"),
                { ...directUser("mount", "/srv"), through: ["rc"] },
                { ...directUser("export", "nqn.x"), through: ["rc"] },
            ),
        });
        const mapping = cache("rc", disk.path, usedBy(directUser("mount", "/srv"), directUser("export", "nqn.x")));
        const share = exported("nqn.x", mapping.path);
        const hosts = [{ port: 1, transport: "tcp", known: true, exclusive: true, hosts: ["nqn.host"] }];
        const trees = topology(
            { volumes: byPath(disk), caches: byPath(mapping), exports: byPath(share) },
            new Map([[share.path, hosts]]),
        );
        assert.deepEqual(trees.map(drawn), [
            "volume rd0 [cache rc [origin /dev/sdb [user mounted on /srv, export nqn.x [host nqn.host]]]]",
        ]);
    });

    it("has an export once, also one that is switched off, and what uses a partition beside it", () => {
        const disk = volume(
            0,
            usedBy(directUser("export-off", "nqn.x"), { ...directUser("export", "nqn.x"), partition: "rd0p1" }),
        );
        const share = exported("nqn.x", disk.path);
        const trees = topology({ volumes: byPath(disk), caches: byPath(), exports: byPath(share) }, new Map());
        assert.deepEqual(trees.map(drawn), ["volume rd0 [user rd0p1: exported as nqn.x, export nqn.x]"]);
    });

    it("has what stands on nothing of ours as a tree of its own, and RAM disks in order", () => {
        const trees = topology(
            {
                volumes: byPath(volume(10), volume(9)),
                caches: byPath(cache("other", "/")),
                exports: byPath(exported("nqn.y", "/", { Device: "/dev/sdz" })),
            },
            new Map(),
        );
        assert.deepEqual(trees.map(drawn), [
            "volume rd9",
            "volume rd10",
            "device /dev/sdz [export nqn.y]",
            "cache other [origin /dev/sdb]",
        ]);
    });

    it("shows each host once, and says when it cannot be told", () => {
        const share = exported("nqn.x", "/");
        const through = (port: number, known: boolean, ...hosts: string[]) => ({
            port,
            transport: "tcp",
            known,
            exclusive: true,
            hosts,
        });
        const [tree] = topology(
            { volumes: new Map(), caches: new Map(), exports: byPath(share) },
            new Map([[share.path, [through(1, true, "b", "a"), through(2, true, "a"), through(3, false)]]]),
        );
        assert.equal(drawn(tree as TopologyNode), "device /dev/rd0 [export nqn.x [host a, host b, unknown ]]");
    });

    it("has a key of its own for everything in it", () => {
        const disk = volume(0, { Users: ["swap", "held by loop0"] });
        const trees = topology(
            {
                volumes: byPath(disk),
                caches: byPath(cache("a", disk.path), cache("b", disk.path)),
                exports: byPath(exported("nqn.x", disk.path), exported("nqn.y", disk.path)),
            },
            new Map(),
        );
        const keys: string[] = [];
        const collect = (node: TopologyNode): void => {
            keys.push(node.key);
            node.on.forEach(collect);
        };
        trees.forEach(collect);
        assert.equal(new Set(keys).size, keys.length);
        assert.equal(keys.length, 9);
    });
});
