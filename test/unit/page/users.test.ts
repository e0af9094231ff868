// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Who uses a device, from the kernel's reading to the texts of the page. */
import assert from "node:assert/strict";
import { plain } from "../../../cockpit-plugin/src/bus/plain.js";
import { textOf, textsOf, told, usersOf, type Details } from "../../../cockpit-plugin/src/state/details.js";
import { USERS } from "../../../cockpit-plugin/src/state/texts.js";
import { userDetails, usersProperties } from "../../../service/src/daemon/details.js";
import type { BlockDevice, NvmetTree } from "../../../service/src/kernel/port.js";
import { exportUsers } from "../../../service/src/model/deriveexports.js";
import { DeviceGraph } from "../../../service/src/model/graph.js";
import { directUser, USER_KINDS, userLine, userLines, type User } from "../../../service/src/model/users.js";
import { onPage } from "./details.js";

const device = (name: string, more: Partial<BlockDevice> = {}): BlockDevice => ({
    ...{ name, path: `/dev/${name}`, devno: "1:0", size: 2 ** 20, blockSize: 512, readOnly: false, removable: false },
    ...{ vendor: "", model: "", type: "disk" as const, holders: [], slaves: [], partitions: [], users: [] },
    ...more,
});

/** The lines as they always were: scripts compare them. */
const LINES: Readonly<Record<User["kind"], string>> = {
    mount: "mounted on X",
    journal: "journal or log of the file system on X",
    btrfs: "part of a mounted btrfs file system",
    swap: "swap",
    loop: "backing file of X",
    export: "exported as X",
    "export-off": "exported as X (switched off)",
    scsi: "exported by the SCSI target as X",
    cache: "cache of X",
    origin: "origin of X",
    holder: "held by X",
};

describe("who uses a device", () => {
    for (const kind of USER_KINDS) {
        it(`is a line and values, and has a text on the page: ${kind}`, () => {
            const user = directUser(kind, "X");
            assert.equal(userLine(user), LINES[kind]);
            assert.ok(USERS[kind], `cockpit-plugin/src/state/texts.ts has no text for ${kind}`);
            assert.equal(USERS[kind]?.includes("$0"), LINES[kind].includes("X"));
            const [seen] = told([onPage(userDetails(user))], [LINES[kind]]);
            assert.deepEqual([seen?.kind, seen?.text, textOf(seen!.values, "name")], [kind, LINES[kind], "X"]);
        });
    }

    it("is told of what is stacked on it, on a partition of it, and on that again", () => {
        const graph = new DeviceGraph(
            [
                device("rd0", { holders: ["dm-0"], partitions: ["rd0p1"] }),
                device("rd0p1", {
                    users: [{ kind: "mount", name: "/srv (through x) y" }],
                    holders: ["md0"],
                    parent: "rd0",
                }),
                device("md0", { partitions: ["md0p1"] }),
                device("md0p1", { users: [{ kind: "swap", name: "" }], parent: "md0" }),
                device("dm-0", { path: "/dev/mapper/rc-wt_sdb", holders: ["dm-1"] }),
                device("dm-1", { path: "/dev/mapper/luks", users: [{ kind: "swap", name: "" }] }),
            ],
            new Map([["dm-0", { mapping: "rc-wt_sdb", volume: "rd0", origin: "sdb" }]]),
        );
        const users = graph.usersOf("rd0");
        assert.deepEqual(userLines(users), [
            "cache of rc-wt_sdb",
            "held by luks (through rc-wt_sdb)",
            "swap (through luks) (through rc-wt_sdb)",
            "rd0p1: mounted on /srv (through x) y",
            "rd0p1: held by md0",
            "rd0p1: md0p1: swap (through md0)",
        ]);
        const seen = usersOf({
            Users: [],
            UserDetails: plain(users.map((user) => onPage(userDetails(user)))) as Details[],
        });
        assert.deepEqual(
            seen.map(({ values }) => [textOf(values, "partition"), ...textsOf(values, "through")]),
            [[""], ["", "rc-wt_sdb"], ["", "luks", "rc-wt_sdb"], ["rd0p1"], ["rd0p1"], ["rd0p1: md0p1", "md0"]],
        );
    });

    it("is told of its exports, switched on and off", () => {
        const namespaces = [true, false].map((enabled) => ({ devicePath: "/dev/rd0", enabled }));
        const tree = { subsystems: [{ nqn: "nqn.x", namespaces }] } as unknown as NvmetTree;
        assert.deepEqual(exportUsers(tree, ["/dev/rd0"]), [
            { kind: "export", name: "nqn.x" },
            { kind: "export-off", name: "nqn.x" },
        ]);
    });

    it("is told in the same order in lines and in values", () => {
        const { InUse, Users, UserDetails } = usersProperties([directUser("swap", ""), directUser("loop", "loop0")]);
        assert.deepEqual([InUse, Users], [true, ["swap", "backing file of loop0"]]);
        assert.deepEqual(
            UserDetails.map((one) => one.get("text")?.value),
            Users,
        );
    });

    it("stays in the service's words where it tells no values, or those of a kind that the page does not know", () => {
        const [older] = usersOf({ Users: ["swap"] });
        assert.deepEqual([older?.kind, older?.text], ["", "swap"]);
        const [newer] = usersOf({ Users: ["drbd0"], UserDetails: [{ kind: "drbd", text: "drbd0 (primary)" }] });
        assert.deepEqual([newer?.text, USERS[newer?.kind ?? ""]], ["drbd0 (primary)", undefined]);
        const [odd] = usersOf({ Users: ["x"], UserDetails: [{ text: 5, through: "x" }] });
        assert.deepEqual([odd?.kind, odd?.text, textsOf(odd!.values, "through")], ["", "5", []]);
    });
});
