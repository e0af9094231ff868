// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { BusError, objectPath } from "../../../service/src/client/index.js";
import { render } from "../../../service/src/upstream/json.js";
import { runUpstream } from "../../../service/src/cli/upstream/run.js";
import type { Answers } from "./fixture.js";
import { cache, dictionary, exported, FakeEnvironment, NQN, port, root, volume } from "./fixture.js";

const BANNER = "rapiddisk 10.0.0\nCopyright (C) 2026 The RapidDisk Manager authors\n\n";

async function run(line: string, answers: Answers = {}, uid = 0) {
    const environment = new FakeEnvironment(answers, { uid });
    const status = await runUpstream(line === "" ? [] : line.split(" "), environment);
    return {
        status,
        stdout: environment.stdout,
        stderr: environment.stderr,
        changes: environment.changes,
        sent: environment.sent,
    };
}

function refuse(kind: string, message = "No."): BusError {
    return new BusError(`org.rapiddisk.Manager.Error.${kind}`, message);
}

const TARGET: Answers = {
    ListPorts: [[port(1), port(2, { Transport: ["s", "loop"], Address: ["s", ""] })]],
    ListExports: [[exported()]],
};
const HOSTS = ["nqn.2014-08.org.example:a", "nqn.2014-08.org.example:b"];
const FOR_HOSTS: Answers = {
    ...TARGET,
    ListExports: [[exported({ AllowAnyHost: ["b", false], AllowedHosts: ["as", HOSTS] })]],
};
const WITHOUT_TARGET: Answers = {
    GetAll: [
        root({
            Modules: [
                "a{sb}",
                new Map([
                    ["rapiddisk", true],
                    ["rapiddisk_cache", true],
                    ["nvmet", false],
                ]),
            ],
        }),
    ],
};

const STATISTICS = dictionary({
    reads: ["t", 1n],
    writes: ["t", 2n],
    cache_hits: ["t", 3n],
    replacement: ["t", 4n],
    write_replacement: ["t", 5n],
    read_invalidates: ["t", 6n],
    write_invalidates: ["t", 7n],
    uncached_reads: ["t", 8n],
    uncached_writes: ["t", 9n],
    disk_reads: ["t", 10n],
    disk_writes: ["t", 11n],
    cache_reads: ["t", 12n],
    cache_writes: ["t", 13n],
    hit_ratio: ["d", 0.5],
});

describe("old notation: preconditions", () => {
    it("needs root before anything else, even for help", async () => {
        for (const line of ["-l", "-h", "-v", "", "-z"]) {
            const { status, stdout, stderr, sent } = await run(line, {}, 1000);
            assert.equal(status, 243);
            assert.match(stdout, /need root/);
            assert.equal(stderr, "");
            assert.equal(sent.length, 0);
        }
    });

    for (const [module, file] of [
        ["rapiddisk", "rapiddisk"],
        ["rapiddisk_cache", "rapiddisk-cache"],
    ] as const) {
        it(`needs the module ${file}, even for -v`, async () => {
            const modules = new Map([
                ["rapiddisk", true],
                ["rapiddisk_cache", true],
                [module, false],
            ]);
            const { status, stdout, stderr } = await run("-v", { GetAll: [root({ Modules: ["a{sb}", modules] })] });
            assert.equal(status, 255);
            assert.equal(stdout, "");
            assert.match(stderr, new RegExp(`module ${file} is not loaded`));
        });
    }

    it("fails with 255 when the service does not answer", async () => {
        const gone = new BusError("org.freedesktop.DBus.Error.ServiceUnknown", "x");
        const { status, stderr } = await run("-l", { GetAll: gone, ListVolumes: gone, ListCaches: gone });
        assert.equal(status, 255);
        assert.match(stderr, /service is not there/);
    });
});

describe("old notation: help and version", () => {
    it("-v prints the banner", async () => {
        assert.deepEqual(await run("-v").then(({ status, stdout }) => [status, stdout]), [0, BANNER]);
    });

    it("-h ends with 0; -V, nothing and nonsense with 255", async () => {
        const cases: [string, number][] = [
            ["-h", 0],
            ["-V", 255],
            ["", 255],
            ["-z", 255],
            ["-a", 255],
            ["-j", 255],
        ];
        for (const [line, expected] of cases) {
            const { status, stdout } = await run(line);
            assert.equal(status, expected, line);
            assert.match(stdout, /Usage: rapiddisk/, line);
        }
    });
});

describe("old notation: lists", () => {
    const two: Answers = {
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
    };

    it("-l in text, byte for byte", async () => {
        const { status, stdout, stderr } = await run("-l", two);
        assert.equal(
            stdout,
            BANNER +
                "List of RapidDisk device(s):\n\n" +
                " RapidDisk Device 1: rd1\tSize (KB): 131072\tUsage (KB): 0\tStatus: Locked\n" +
                " RapidDisk Device 2: rd0\tSize (KB): 65536\tUsage (KB): 4\tStatus: Unlocked\n" +
                "\nList of RapidDisk-Cache mapping(s):\n\n" +
                " dm-writecache Target   1: rc-wb_dm-3\tCache: rd1  Target: dm-3 (WRITEBACK)\n" +
                " RapidDisk-Cache Target 2: rc-wt_sdb\tCache: rd0  Target: sdb (WRITE THROUGH)\n\n",
        );
        assert.deepEqual([status, stderr], [0, ""]);
    });

    it("-l in text without mappings", async () => {
        const { stdout } = await run("-gl", { ListCaches: [[]] });
        assert.ok(stdout.endsWith("List of RapidDisk-Cache mapping(s):\n\n  None\n\n"), stdout);
    });

    it("-l -j, byte for byte", async () => {
        const { stdout } = await run("-jl", two);
        assert.equal(
            stdout,
            '{"volumes": [{"rapiddisk": [{"device": "rd1", "size": 134217728, "usage": 0, "status": "locked"}, ' +
                '{"device": "rd0", "size": 67108864, "usage": 4096, "status": "unlocked"}]}, ' +
                '{"rapiddisk_cache": [{"device": "rc-wb_dm-3", "cache": "rd1", "source": "dm-3", "mode": "writeback"}, ' +
                '{"device": "rc-wt_sdb", "cache": "rd0", "source": "sdb", "mode": "write-through"}]}]}\n',
        );
    });

    it("-l without RAM disks fails with 254", async () => {
        const none = { ListVolumes: [[]] };
        const { status, stdout } = await run("-l -j", none);
        assert.deepEqual(
            [status, stdout],
            [254, '{"status": "Failed", "message": "Unable to locate any RapidDisk devices."}\n'],
        );
        assert.equal((await run("-l", none)).status, 254);
    });

    it("-q -j, byte for byte, without partitions and RAM disks", async () => {
        const device = (name: string, type: string, vendor = "", model = "") =>
            dictionary({
                name: ["s", name],
                path: ["s", `/dev/${name}`],
                size: ["t", 4294967296n],
                vendor: ["s", vendor],
                model: ["s", model],
                type: ["s", type],
            });
        const { stdout } = await run("-q -j", {
            GetResources: [
                [
                    device("sda", "disk", "ATA", "Fast Disk 2000"),
                    device("sda1", "partition"),
                    device("rd0", "ram"),
                    device("vda", "disk"),
                ],
            ],
        });
        assert.equal(
            stdout,
            '{"resources": [{"memory": [{"mem_total": 8589934592, "mem_free": 4294967296}]}, {"volumes": [' +
                '{"device": "sda", "size": 4294967296, "vendor": "ATA", "model": "Fast Disk 2000"}, ' +
                '{"device": "vda", "size": 4294967296, "vendor": "UNAVAILABLE", "model": "UNAVAILABLE"}]}]}\n',
        );
    });

    it("-s in text: 15 columns; -j: the names in order", async () => {
        const answers = { GetStatistics: [STATISTICS] };
        assert.equal((await run("-g -s rc-wt_sdb", answers)).stdout, "1 2 3 4 5 6 7 8 9 10 11 12 13 0 0\n");
        assert.equal(
            (await run("-j -s rc-wt_sdb", answers)).stdout,
            '{"statistics": [{"cache_stats": [{"device": "rc-wt_sdb", "reads": 1, "writes": 2, "cache_hits": 3, ' +
                '"replacement": 4, "write_replacement": 5, "read_invalidates": 6, "write_invalidates": 7, ' +
                '"uncached_reads": 8, "uncached_writes": 9, "disk_reads": 10, "disk_writes": 11, "cache_reads": 12, ' +
                '"cache_writes": 13}]}]}\n',
        );
    });

    it("-s of a writeback cache: 14 columns, told by its mode and not by its name", async () => {
        const answers = {
            ListCaches: [[cache("rc-wt_x", { Mode: ["s", "writeback"] })]],
            GetStatistics: [dictionary({ errors: ["t", 0n], num_blocks: ["t", 100n], num_discard_req: ["t", 9n] })],
        };
        assert.equal((await run("-g -s rc-wt_x", answers)).stdout, "0 100 0 0 0 0 0 0 0 0 0 0 0 9\n");
        assert.match(
            (await run("-j -s rc-wt_x", answers)).stdout,
            /"errors": 0, "num_blocks": 100, "num_free_blocks": 0,/,
        );
    });

    it("-s of an unknown mapping fails with 254", async () => {
        assert.equal((await run("-s rc-wt_sdz")).status, 254);
    });
});

describe("old notation: changes", () => {
    const done: [string, string, string, unknown[]][] = [
        ["-a 64", "Attached device rd1 of size 64 Mbytes.", "CreateVolume", [67108864n, new Map()]],
        ["-a64", "Attached device rd1 of size 64 Mbytes.", "CreateVolume", [67108864n, new Map()]],
        ["-d rd0", "Detached device rd0.", "Remove", [new Map()]],
        ["-r rd0 -c 128", "Resized device rd0 to 128 Mbytes.", "Resize", [134217728n, new Map()]],
        ["-f rd0", "Flushed all data from device rd0.", "Erase", [new Map()]],
        ["-L rd0", "Device rd0 is now set to read-only", "SetReadOnly", [true, new Map()]],
        ["-U rd0", "Device rd0 is now set to read-write", "SetReadOnly", [false, new Map()]],
        [
            "-m rd0 -b /dev/sdc",
            "Command to map rc-wt_sdc with rd0 and /dev/sdc has been sent.",
            "CreateCache",
            ["rd0", "/dev/sdc", "write-through", new Map()],
        ],
        [
            "-m rd0 -b /dev/sdc -p wb",
            "Command to map rc-wt_sdc with rd0 and /dev/sdc has been sent.",
            "CreateCache",
            ["rd0", "/dev/sdc", "writeback", new Map()],
        ],
        ["-u rc-wt_sdb", "Command to unmap rc-wt_sdb has been sent.", "Remove", [new Map()]],
    ];
    for (const [line, text, member, args] of done) {
        it(`${line} sends ${member} and says so`, async () => {
            const { status, stdout, changes } = await run(line);
            assert.deepEqual([status, stdout], [0, `${BANNER}${text}\n`]);
            assert.deepEqual(
                changes.map((sent) => [sent.member, sent.args, sent.timeoutMs]),
                [[member, args, 0]],
            );
            const json = await run(`-j ${line}`);
            assert.equal(json.stdout, `{"status": "Success", "message": "${text}"}\n`);
        });
    }

    const refused: [string, number, Answers?][] = [
        ["-a 0", 234],
        ["-a 1G", 234],
        ["-a 99999999999999999999", 234],
        ["-a 64", 255, { CreateVolume: refuse("Failed") }],
        ["-a 64", 244, { CreateVolume: refuse("NoMemory") }],
        ["-d rd9", 255],
        ["-d rd0", 255, { Remove: refuse("Busy") }],
        ["-d rd0", 255, { Remove: refuse("Failed") }],
        ["-r rd0", 234],
        ["-r rd0 -c x", 234],
        ["-r rd9 -c 128", 254],
        ["-r rd0 -c 64", 234],
        ["-r rd0 -c 32", 234, { Resize: refuse("Busy") }],
        ["-r rd0 -c 32", 234, { Resize: refuse("InvalidArgument") }],
        ["-r rd0 -c 128", 244, { Resize: refuse("NoMemory") }],
        ["-f rd9", 254],
        ["-f rd0", 240, { Erase: refuse("Busy") }],
        ["-f rd0", 251, { ListCaches: [[]], Erase: refuse("Busy") }],
        ["-L rd9", 254],
        ["-U rd9", 254],
        ["-L rd0", 255, { SetReadOnly: refuse("Busy") }],
        ["-m rd9 -b /dev/sdc", 254],
        ["-m rd0", 234],
        ["-m rd0 -b sdc", 255],
        ["-m rd0 -b /dev/sdc -p zz", 234],
        ["-m rd0 -b /dev/sdc -p constructor", 234],
        ["-m rd0 -b /dev/sdc", 255, { CreateCache: refuse("Busy") }],
        ["-m rd0 -b /dev/sdc -p wb", 255, { CreateCache: refuse("NotSupported") }],
        ["-u rc-wt_no", 254],
        ["-u rc-wt_sdb", 255, { Remove: refuse("Busy") }],
        [
            "-u rc-wt_sdb",
            240,
            { ListCaches: [[cache("rc-wt_sdb", { Users: ["as", ["mounted on /mnt"]] })]], Remove: refuse("Busy") },
        ],
        ["-u rc-wt_sdb", 255, { Remove: refuse("Failed") }],
        ["-u w", 1, { ListCaches: [[cache("w", { Mode: ["s", "writeback"] })]], Remove: refuse("Failed") }],
        ...["-i eth0", "-i eth0 -P text", "-i eth0 -P 0", "-i eth0 -P 1 -t fc", "-X", "-e", "-x", "-R"].map(
            (line): [string, number] => [line, 234],
        ),
        ...["-X -P 1", "-e -b rd9", "-e -b rd0 -P 1", "-x -b rd0", "-R -b rd0", "-x -b rd9"].map(
            (line): [string, number] => [line, 255],
        ),
        ["-i eth0 -P 1", 255, { CreatePort: refuse("AlreadyExists") }],
        ["-X -P 1", 255, { ...TARGET, Remove: refuse("Busy") }],
        ["-x -b rd0", 255, { ...TARGET, Remove: refuse("Failed") }],
        ["-x -b rd0 -P 2", 255, TARGET],
        ["-x -b rd0", 255, FOR_HOSTS],
        ["-x -b rd0 -H nqn.2014-08.org.example:c", 255, FOR_HOSTS],
        ["-e -b rd0", 255, FOR_HOSTS],
        ["-n", 255, WITHOUT_TARGET],
        ["-N", 255, WITHOUT_TARGET],
    ];
    for (const [line, expected, answers] of refused) {
        const why = answers
            ? ` (${Object.values(answers)
                  .map((answer) => (answer instanceof BusError ? answer.errorName.split(".").at(-1) : ""))
                  .join("")})`
            : "";
        it(`${line} fails with ${expected}${why}`, async () => {
            const text = await run(line, answers);
            assert.equal(text.status, expected);
            assert.ok(text.stdout.startsWith(BANNER) && text.stdout.length > BANNER.length, text.stdout);
            assert.equal(text.stderr, "");
            const json = await run(`-j ${line}`, answers);
            assert.equal(json.status, expected);
            const { status, message } = JSON.parse(json.stdout) as { status: string; message: string };
            assert.equal(status, "Failed");
            assert.equal(`${BANNER}${message}\n`, text.stdout);
        });
    }

    it("sends nothing that changes when the arguments are wrong", async () => {
        for (const line of ["-a 0", "-r rd0 -c x", "-m rd0 -b /dev/sdc -p zz", "-m rd0 -b sdc", "-n"]) {
            assert.deepEqual((await run(line)).changes, [], line);
        }
    });
});

describe("JSON of the old notation", () => {
    it("escapes as the old JSON library does", () => {
        assert.equal(
            render('a"b\\c/\b\f\n\r\t\u0001\u001fé\\u00ab'),
            '"a\\"b\\\\c/\\b\\f\\n\\r\\t\\u0001\\u001Fé\\\\u00ab"',
        );
    });

    it("has signed 64-bit integers", () => {
        assert.equal(render(2n ** 63n - 1n), "9223372036854775807");
        assert.equal(render(2n ** 64n - 1n), "-1");
    });
});

describe("old notation: NVMe", () => {
    const calls = async (line: string, answers: Answers) => {
        const { status, changes } = await run(line, answers);
        assert.equal(status, 0);
        return changes.map(({ member, args }) => [
            member,
            ...args.map((argument) =>
                argument instanceof Map
                    ? Object.fromEntries(
                          [...(argument as Map<string, { value: unknown }>)].map(([key, { value }]) => [key, value]),
                      )
                    : argument,
            ),
        ]);
    };
    const changes: [string, Answers, unknown[][]][] = [
        ["-i eth0 -P 3", {}, [["CreatePort", 3, "tcp", "eth0", { family: "ipv4" }]]],
        ["-i NULL -P 3 -t loop", {}, [["CreatePort", 3, "loop", "", {}]]],
        ["-X -P 2", TARGET, [["Remove", {}]]],
        ["-e -b rd0", {}, [["CreateExport", "rd0", { "allow-any-host": true }]]],
        [
            `-e -b rd0 -P 1 -H ${HOSTS[0]}`,
            { ListPorts: TARGET.ListPorts! },
            [["CreateExport", "rd0", { ports: ["1"], hosts: [HOSTS[0]], "no-key": true }]],
        ],
        ["-e -b rd0 -P 2", TARGET, [["AddPort", 2, { "allow-any-host": true }]]],
        ["-e -b rd0 -P 1", TARGET, []],
        [
            `-e -b rd0 -P 2 -H nqn.2014-08.org.example:c`,
            FOR_HOSTS,
            [
                ["AllowHost", "nqn.2014-08.org.example:c", { "no-key": true }],
                ["AddPort", 2, {}],
            ],
        ],
        ["-x -b rd0", TARGET, [["Remove", {}]]],
        ["-x -b rd0 -P 1", TARGET, [["Remove", {}]]],
        [`-x -b rd0 -H ${HOSTS[0]}`, FOR_HOSTS, [["DenyHost", HOSTS[0], {}]]],
        ["-R -b rd0", TARGET, [["Revalidate", {}]]],
    ];
    for (const [line, answers, expected] of changes) {
        it(line, async () => assert.deepEqual(await calls(line, answers), expected));
    }

    it("-e -H says on standard error that an NQN does not authenticate a host, unless the host has a key or JSON is asked for", async () => {
        const line = `-e -b rd0 -P 1 -H ${HOSTS[0]}`;
        const { status, stdout, stderr } = await run(line, FOR_HOSTS);
        assert.equal(status, 0);
        assert.match(
            stderr,
            /^rapiddisk: note: nqn\.2014-08\.org\.example:a needs no key, and an NQN does not authenticate a host: [^\n]+\n$/,
        );
        assert.doesNotMatch(stdout, /authenticate a host/);
        const keyed = exported({
            AllowAnyHost: ["b", false],
            AllowedHosts: ["as", HOSTS],
            AuthenticatedHosts: ["as", [HOSTS[0]]],
        });
        assert.equal((await run(line, { ...TARGET, ListExports: [[keyed]] })).stderr, "");
        assert.equal((await run(`-j ${line}`, FOR_HOSTS)).stderr, "");
    });

    it("-e without -H says on standard error that anyone who reaches the port can use the device, unless it is loop", async () => {
        const { status, stdout, stderr } = await run("-e -b rd0 -P 1", TARGET);
        assert.equal(status, 0);
        assert.match(stderr, /^rapiddisk: note: No host was named \(-H\), so any host may connect to nqn\.[^\n]+\n$/);
        assert.doesNotMatch(stdout, /any host/);
        assert.equal((await run("-j -e -b rd0 -P 1", TARGET)).stderr, "");
        const local = exported({ Ports: ["ao", [objectPath("ports", "2")]] });
        assert.equal((await run("-e -b rd0 -P 2", { ...TARGET, ListExports: [[local]] })).stderr, "");
    });

    it("-x takes an export off one port of two, and says that the other still carries it", async () => {
        const two = { Ports: ["ao", [objectPath("ports", "1"), objectPath("ports", "2")]] as [string, unknown] };
        const answers = { ...TARGET, ListExports: [[exported(two)]] };
        const { status, stdout, changes: sent } = await run("-g -x -b rd0 -P 1", answers);
        assert.equal(status, 0);
        assert.match(stdout, /Warning\. The NQN was removed from port 1, but is still exported on other ports\./);
        assert.deepEqual(
            sent.map(({ member }) => member),
            ["RemovePort"],
        );
    });

    it("-x for the last host takes the export apart", async () => {
        const last = { AllowAnyHost: ["b", false], AllowedHosts: ["as", [HOSTS[0]]] } as Record<
            string,
            [string, unknown]
        >;
        const answers = { ...TARGET, ListExports: [[exported(last)]] };
        assert.deepEqual(await calls(`-x -b rd0 -H ${HOSTS[0]}`, answers), [["Remove", {}]]);
    });

    it("-N -j and -n -j have the old shapes", async () => {
        const ports =
            '[{"port": 1, "address": "192.0.2.10", "protocol": "tcp"}, {"port": 2, "address": "UNDEFINED", "protocol": "loop"}]';
        assert.equal((await run("-N -j", TARGET)).stdout, `{"targets": [{"nvmet_ports": ${ports}}]}\n`);
        assert.equal(
            (await run("-n -j", FOR_HOSTS)).stdout,
            `{"targets": [{"nvmet_targets": [{"nqn": "${NQN}", "namespace": 1, "device": "/dev/rd0", "enabled": "true", ` +
                `"allowed_hosts": [{"host": "${HOSTS[0]}"}, {"host": "${HOSTS[1]}"}], ` +
                `"assigned_ports": [{"port": 1, "address": "192.0.2.10", "protocol": "tcp"}]}]}]}\n`,
        );
    });
});
