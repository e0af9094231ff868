// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readProblem } from "../../../cockpit-plugin/src/state/problemline.js";
import { readUser } from "../../../cockpit-plugin/src/state/userline.js";
import type { BlockDevice, NvmetTree } from "../../../service/src/kernel/port.js";
import { exportLines } from "../../../service/src/model/deriveexports.js";
import { DeviceGraph } from "../../../service/src/model/graph.js";

const device = (name: string, more: Partial<BlockDevice> = {}): BlockDevice => ({
    ...{ name, path: `/dev/${name}`, devno: "1:0", size: 2 ** 20, blockSize: 512, readOnly: false, removable: false },
    ...{ vendor: "", model: "", type: "disk" as const, holders: [], slaves: [], partitions: [], users: [] },
    ...more,
});

const user = (what: string, name: string, more = {}) => ({ what, name, partition: "", through: [], ...more });

describe("page: who uses a device", () => {
    it("is known by every line that the service makes of the host", () => {
        const source = readFileSync(new URL("../../../service/src/kernel/users.ts", import.meta.url), "utf8");
        const lines = [...source.matchAll(/[`"]([a-z][^`"]* (?:on|of|as|system)(?: \$\{[^`]*\})?|swap)[`"]/g)]
            .map(([, line]) => (line ?? "").replace(/\$\{[^}]*\}/g, "NAME"))
            .filter((line) => line === "swap" || line.includes(" "));
        assert.ok(lines.length >= 7, lines.join("\n"));
        for (const line of lines) assert.notEqual(readUser(line).what, "other", line);
    });

    it("is known by what is stacked on it, on a partition of it, and on that again", () => {
        const graph = new DeviceGraph(
            [
                device("rd0", { holders: ["dm-0"], partitions: ["rd0p1"] }),
                device("rd0p1", { users: ["mounted on /srv (through x) y"], parent: "rd0" }),
                device("dm-0", { path: "/dev/mapper/rc-wt_sdb", holders: ["dm-1"] }),
                device("dm-1", { path: "/dev/mapper/luks", users: ["swap"] }),
            ],
            new Map([["dm-0", { mapping: "rc-wt_sdb", volume: "rd0", origin: "sdb" }]]),
        );
        assert.deepEqual(graph.usersOf("rd0").map(readUser), [
            user("cache", "rc-wt_sdb"),
            user("holder", "luks", { through: ["rc-wt_sdb"] }),
            user("swap", "", { through: ["luks", "rc-wt_sdb"] }),
            user("mount", "/srv (through x) y", { partition: "rd0p1" }),
        ]);
    });

    it("is known by its exports, switched on and off", () => {
        const namespaces = [true, false].map((enabled) => ({ devicePath: "/dev/rd0", enabled }));
        const tree = { subsystems: [{ nqn: "nqn.2021-06.org.rapiddisk:a", namespaces }] } as unknown as NvmetTree;
        assert.deepEqual(exportLines(tree, ["/dev/rd0"]).map(readUser), [
            user("export", "nqn.2021-06.org.rapiddisk:a"),
            user("off", "nqn.2021-06.org.rapiddisk:a"),
        ]);
    });

    it("stays as it is told where the form is not known", () =>
        assert.deepEqual(readUser("drbd0 (primary)"), user("other", "drbd0 (primary)")));
});

describe("page: what a problem is about", () => {
    const about = (sentence: string) => Object.values(readProblem(sentence)).join(" ").trim();
    it("is found in what the service says of saved objects", () => {
        assert.equal(about("rd5 is saved but not there; Restore makes it again, Forget drops it."), "missing rd5");
        assert.equal(
            about("Port 3 is saved but not there, and the last Restore could not make it: x."),
            "missing Port 3",
        );
        assert.equal(about("nqn.x:a is not on port 2, where it is saved; Restore puts it there."), "port nqn.x:a 2");
        assert.equal(about("rd0 is saved as locked, but can be written; Restore locks it."), "locked rd0");
        assert.equal(
            about("rc-wt_sdb is there on rd1 for /dev/sdb, but saved is rd2 for /dev/sdb; remove it and Restore."),
            "different rc-wt_sdb",
        );
        assert.equal(
            about("rd1 is another volume: it is there with 1 bytes, saved are 2; remove it."),
            "different rd1",
        );
        assert.equal(about("A file cannot be read."), "other");
    });
});
