// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { BusError, objectPath } from "../../../service/src/client/index.js";
import { runUpstream } from "../../../service/src/cli/upstream/run.js";
import { banner, HELP } from "../../../service/src/cli/upstream/texts.js";
import type { Answers } from "./fixture.js";
import { cache, dictionary, exported, FakeEnvironment, port, root, volume } from "./fixture.js";

/** What rapiddisk 9.2.0 did; see README.md for how it was recorded. */
interface Recorded {
    /** Name of what was there, see STATES. */
    state: string;
    line: string;
    status: number;
    /** With {banner} and {help} in the place of these. */
    stdout: string;
    stderr?: string;
}

const RECORDED = JSON.parse(readFileSync(new URL("recorded.json", import.meta.url), "utf8")) as Recorded[];

type Changes = Record<string, [string, unknown]>;

const refuse = (kind: string): BusError => new BusError(`org.rapiddisk.Manager.Error.${kind}`, "No.");
const modules = (missing: string): Answers => {
    const names = ["rapiddisk", "rapiddisk_cache", "nvmet"].map((name): [string, boolean] => [name, name !== missing]);
    return { GetAll: [root({ Modules: ["a{sb}", new Map(names)] })] };
};
const disk = (name: string, size: bigint, vendor = "", model = "") =>
    dictionary({
        name: ["s", name],
        path: ["s", `/dev/${name}`],
        size: ["t", size],
        vendor: ["s", vendor],
        model: ["s", model],
        type: ["s", "disk"],
    });
const UNMAPPED: Answers = { ListCaches: [[]] };
const MOUNTED: Changes = { Users: ["as", ["mounted on /mnt"]] };
const PORTS: Answers = {
    ...UNMAPPED,
    ListPorts: [[port(1), port(2, { Transport: ["s", "loop"], Address: ["s", ""] })]],
    CreatePort: ({ args }) => (args[0] === 1 ? refuse("AlreadyExists") : [objectPath("ports", String(args[0]))]),
};
/** rd0 exported through ports to hosts, or to any. */
const target = (ports: number[], hosts: string[]): Answers => ({
    ...PORTS,
    ListExports: [
        [
            exported({
                AllowAnyHost: ["b", hosts.length === 0],
                AllowedHosts: ["as", hosts],
                Ports: ["ao", ports.map((id) => objectPath("ports", String(id)))],
            }),
        ],
    ],
    Remove: ({ path }) => (path.includes("/ports/") ? refuse("Busy") : []),
});

const STATES: Record<string, Answers> = {
    none: { ListVolumes: [[]], ListCaches: [[]], CreateVolume: [objectPath("volumes", "rd0")] },
    one: {
        ...modules("nvmet"),
        GetResources: [[disk("sda", 4294967296n, "ATA", "FASTDISK"), disk("sdb", 1073741824n)]],
        Remove: ({ path }) => (path.includes("/volumes/") ? refuse("Busy") : []),
        Erase: refuse("Busy"),
        CreateCache: refuse("Busy"),
        CreatePort: refuse("NotSupported"),
        CreateExport: refuse("NotSupported"),
        GetStatistics: [
            dictionary({
                ...Object.fromEntries(
                    [
                        ...["reads", "writes", "cache_hits", "replacement", "write_replacement", "read_invalidates"],
                        ...["write_invalidates", "uncached_reads", "uncached_writes", "disk_reads", "disk_writes"],
                        ...["cache_reads", "cache_writes"],
                    ].map((name, index): [string, [string, unknown]] => [name, ["t", BigInt(index + 1)]]),
                ),
                hit_ratio: ["d", 0.5],
            }),
        ],
    },
    bare: UNMAPPED,
    idle: {
        ...UNMAPPED,
        CreateCache: ({ args }) =>
            args[1] === "/dev/nosuch"
                ? refuse("NotFound")
                : [objectPath("caches", args[2] === "write-around" ? "rc-wa_sdc" : "rc-wt_sdc")],
    },
    two: {
        ListVolumes: [
            [volume("rd0"), volume("rd1", { Size: ["t", 134217728n], Used: ["t", 0n], ReadOnly: ["b", true] })],
        ],
        ListCaches: [
            [
                cache("rc-wt_sdb"),
                cache("rc-wb_dm-3", {
                    Volume: ["o", objectPath("volumes", "rd1")],
                    Source: ["s", "/dev/mapper/vg-lv"],
                    Mode: ["s", "writeback"],
                }),
            ],
        ],
        GetResources: [[dictionary({ name: ["s", "dm-3"], path: ["s", "/dev/mapper/vg-lv"] })]],
        GetStatistics: [
            dictionary({
                errors: ["t", 0n],
                num_blocks: ["t", 100n],
                num_free_blocks: ["t", 90n],
                num_wb_blocks: ["t", 5n],
                ...Object.fromEntries(
                    [
                        ...["num_read_req", "num_read_cache_hits", "num_write_req", "num_write_uncommitted_blk_hits"],
                        ...["num_write_committed_blk_hits", "num_write_cache_bypass", "num_write_cache_alloc"],
                        ...["num_write_freelist_blocked", "num_flush_req", "num_discard_req"],
                    ].map((name, index): [string, [string, unknown]] => [name, ["t", BigInt(index + 1)]]),
                ),
            }),
        ],
    },
    mounted: { ListCaches: [[cache("rc-wt_sdb", MOUNTED)]], Remove: refuse("Busy") },
    busy: { ListCaches: [[cache("rc-wt_sdb", { Users: ["as", ["swap"]] })]], Remove: refuse("Busy") },
    wbfull: { ListCaches: [[cache("rc-wb_sdb", { Mode: ["s", "writeback"] })]], Remove: refuse("Failed") },
    erasing: { ...UNMAPPED, Erase: refuse("Busy") },
    diskmounted: {
        ...UNMAPPED,
        ListVolumes: [[volume("rd0", MOUNTED)]],
        Erase: refuse("Busy"),
        Remove: refuse("Busy"),
    },
    refused: { ...UNMAPPED, CreateCache: refuse("Failed") },
    full: { ...UNMAPPED, Resize: refuse("Busy") },
    ports: PORTS,
    noports: UNMAPPED,
    target: target([1], []),
    both: target([1, 2], []),
    hosts: target([1, 2], ["nqn.host1", "nqn.host2"]),
    onehost: target([1, 2], ["nqn.host1"]),
    nomodule: modules("rapiddisk"),
    nocache: modules("rapiddisk_cache"),
};

/** Failures that we tell in sentences of our own: these say more, or come from the service. */
const OWN_SENTENCES = [
    /is currently mapped/, // the service names every user
    /currently mapped as a cache drive/,
    /is currently mounted/,
    /Unable to (unmap|create map|flush)/,
    /subsystem is not loaded/,
    /Invalid (argument|port)/,
    /during matching of size/,
    /Please specify a size/,
    /^mem_device_flush|^cache_device_map/,
    /already exists/,
    /This port is currently in use/,
    /^NQN \S+ does not exists!$|^Error\. NQN export: /,
    /No host provided|You did not specified/,
];

describe("old notation: what rapiddisk 9.2.0 itself answered", () => {
    for (const { state, line, status, stdout, stderr = "" } of RECORDED) {
        it(`${state}: ${line || "(nothing)"}`, async () => {
            const environment = new FakeEnvironment(STATES[state]);
            const got = await runUpstream(line === "" ? [] : line.split(" "), environment);
            assert.equal(got, status);
            if (state.startsWith("no") && stderr !== "") {
                assert.equal(environment.stdout, "");
                assert.match(environment.stderr, /^The kernel module \S+ is not loaded\.[^\n]+\n$/);
                return;
            }
            assert.equal(environment.stderr, stderr);
            const expected = stdout.replace("{banner}", banner(environment.version)).replace("{help}", HELP);
            const json = stdout.startsWith('{"status": "Failed"');
            const said = json ? (JSON.parse(stdout) as { message: string }).message : stdout.replace("{banner}", "");
            if (status === 0 || !OWN_SENTENCES.some((own) => own.test(said.trim()))) {
                assert.equal(environment.stdout, expected);
            } else if (json) {
                assert.match(environment.stdout, /^\{"status": "Failed", "message": ".+"\}\n$/);
            } else {
                assert.ok(environment.stdout.startsWith(banner(environment.version)), environment.stdout);
                assert.match(environment.stdout.slice(banner(environment.version).length), /^[^\n]+\n$/);
            }
        });
    }

    it("was recorded for every action", () => {
        const letters = new Set(RECORDED.flatMap(({ line }) => line.match(/(?<=(^| )-[gj]*)[a-zA-Z]/g) ?? []));
        for (const letter of "adefhiLlmNnqRrsUuvXx") {
            assert.ok(letters.has(letter), letter);
        }
    });
});
