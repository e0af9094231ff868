// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { KernelError, type KernelPort } from "../../../service/src/kernel/index.js";
import { sameNames } from "../../../service/src/kernel/devicemapper.js";
import { parseStatus, parseTables } from "../../../service/src/kernel/dmsetup-parse.js";
import { RootFixture, withRoot } from "./fixture.js";

const target = (length: number, type: string, params: string, start = 0): object => ({ start, length, type, params });

describe("dmsetup's tables", () => {
    it("belong to the names that exist, though names hold colons, blanks and each other", () => {
        const names = ["a", "a: 0 8 linear", "a:", "b c", "empty"];
        const text = [
            "a: 0 8 linear 8:0 0",
            "a: 8 16 linear 8:16 0",
            "a: 0 8 linear: 0 24 error ",
            "a:: 0 32 zero ",
            "b c: 0 40 striped 2 128 8:0 0 8:16 0",
            "empty: ",
            "unknown: 0 8 error",
            "",
        ].join("\n");
        assert.deepEqual(
            [...parseTables(text, names)],
            [
                ["a", [target(8, "linear", "8:0 0"), target(16, "linear", "8:16 0", 8)]],
                ["a: 0 8 linear", [target(24, "error", "")]],
                ["a:", [target(32, "zero", "")]],
                ["b c", [target(40, "striped", "2 128 8:0 0 8:16 0")]],
                ["empty", []],
            ],
        );
    });

    it("of upstream's cache target go over four lines", () => {
        const text =
            "rc-wt_sdb: 0 2097152 rapiddisk-cache conf:\n\tRapidDisk dev (/dev/rd0), disk dev (/dev/sdb) mode (WRITETHROUGH)\n" +
            "\tcapacity(64M), associativity(512), block size(4K)\n\ttotal blocks(16384), cached blocks(0)\nx: 0 8 error \n";
        const tables = parseTables(text, ["rc-wt_sdb", "x"]);
        assert.match(tables.get("rc-wt_sdb")?.[0]?.params ?? "", /^conf:\n\tRapidDisk dev[^]*cached blocks\(0\)$/);
        assert.equal(tables.get("rc-wt_sdb")?.length, 1);
        assert.deepEqual(tables.get("x"), [target(8, "error", "")]);
    });

    it("and states: only the first target counts, and an empty one is empty", () => {
        assert.equal(parseStatus("0 8 linear \n"), "");
        assert.equal(parseStatus("0 8 writecache 0 1 2 3\n8 8 linear \n"), "0 1 2 3");
        assert.equal(parseStatus(""), undefined);
        assert.equal(
            parseStatus("0 8 rapiddisk-cache stats: \n\treads(1), writes(2)\n\n"),
            "stats: \n\treads(1), writes(2)",
        );
    });
});

describe("device-mapper through dmsetup", () => {
    let root: RootFixture;
    let kernel: KernelPort;

    withRoot((...made) => ([root, kernel] = made));

    const failsWith = (errno: string, message?: RegExp) => (error: unknown) =>
        error instanceof KernelError && error.errno === errno && (message?.test(error.message) ?? true);
    const table = { length: 8, type: "rapiddisk-cache", params: "/dev/sdb /dev/rd0 64 0" };

    it("starts no program while there is no mapping", async () => {
        root.tool("dmsetup", "echo called >>$ROOT/calls");
        assert.deepEqual((await kernel.snapshot()).mappings, []);
        await assert.rejects(kernel.removeMapping("x"), failsWith("ENOENT"));
        assert.throws(() => readFileSync(`${root.root}/calls`));
    });

    it("passes each argument as one word, and nothing of our environment", async () => {
        root.tool(
            "dmsetup",
            'for a in "$@"; do echo "<$a>"; done >$ROOT/args; env >$ROOT/env; mkdir -p $ROOT/dev/mapper; : >$ROOT/dev/mapper/n',
        );
        process.env["SECRET_OF_THE_TEST"] = "1";
        await kernel.createMapping("n", "U-1", { ...table, params: "/dev/sdb /dev/rd0 $(id) ;*" });
        assert.equal(
            readFileSync(`${root.root}/args`, "utf8"),
            "<--manglename>\n<none>\n<create>\n<--uuid>\n<U-1>\n<--table>\n<0 8 rapiddisk-cache /dev/sdb /dev/rd0 $(id) ;*>\n<-->\n<n>\n",
        );
        const environment = readFileSync(`${root.root}/env`, "utf8");
        assert.doesNotMatch(environment, /SECRET_OF_THE_TEST/);
        assert.match(environment, /^LC_ALL=C$/m);
    });

    it("takes the errno of the ioctl that failed, and the reason from the kernel log when it is of this attempt", async () => {
        root.tool("dd", 'exec /bin/dd "$@"');
        const refusing = (target?: string): void =>
            root.tool(
                "dmsetup",
                `${target === undefined ? "" : `echo "3,9,1,-;device-mapper: table: 253:0: ${target} (-EBUSY)" >>$ROOT/dev/kmsg`}
                echo "device-mapper: reload ioctl on n  failed: Device or resource busy" >&2; echo "Invalid argument" >&2; exit 1`,
            );
        const without = failsWith("EBUSY", /^The kernel refused to create mapping n \(EBUSY\)\.$/);
        refusing();
        await assert.rejects(kernel.createMapping("n", "", table), without, "no log");
        root.file(
            "dev/kmsg",
            "3,9,1,-;device-mapper: table: 253:0: rapiddisk-cache: of somebody else, before (-EBUSY)\n",
        );
        await assert.rejects(kernel.createMapping("n", "", table), without);
        refusing("rapiddisk-cache: rd0 holds another cache");
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("EBUSY", /: rd0 holds another cache\.$/));
        refusing("linear: other");
        await assert.rejects(kernel.createMapping("n", "", table), without);
    });

    it("knows dmsetup's ways to say that something is missing, and bounds what it prints", async () => {
        root.tool("dmsetup", 'echo "Device n not found" >&2; echo "Command failed." >&2; exit 1');
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("ENOENT"));
        root.tool("dmsetup", 'echo "device-mapper: remove ioctl on n  failed: No such device or address" >&2; exit 1');
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("ENOENT"));
        root.tool("dmsetup", "exit 1");
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("EIO"));
        root.tool("dmsetup", "exec cat /dev/zero");
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("E2BIG"));
    });

    it("takes a mapping back whose node does not appear", async () => {
        root.tool(
            "dmsetup",
            'shift 2; echo "$@" >>$ROOT/calls; [ "$1" != mknodes ] || { echo "No such device" >&2; exit 1; }',
        );
        await assert.rejects(
            kernel.createMapping("n", "", { length: 8, type: "error", params: "" }),
            failsWith("ENODEV"),
        );
        assert.equal(
            readFileSync(`${root.root}/calls`, "utf8"),
            "create --table 0 8 error  -- n\nmknodes -- n\nremove --retry -- n\n",
        );
    });

    it("lets a running change come to its end when the port is closed, and starts no other", async () => {
        root.tool("dmsetup", ": >$ROOT/running; sleep 0.3; mkdir -p $ROOT/dev/mapper; : >$ROOT/dev/mapper/n");
        const creating = kernel.createMapping("n", "", table);
        while (!existsSync(`${root.root}/running`)) await new Promise((resolve) => setTimeout(resolve, 5));
        await kernel.close();
        await creating;
        await assert.rejects(kernel.createMapping("m", "", table), failsWith("ECANCELED"));
    });

    it("says which program is missing", async () => {
        await assert.rejects(kernel.createMapping("n", "", table), failsWith("ENOENT", /dmsetup is not installed/));
        await assert.rejects(kernel.loadModule("nvmet"), failsWith("ENOENT", /modprobe is not installed/));
    });

    it("reads names, UUIDs and states from sysfs and the tables in one run", async () => {
        for (const [minor, name] of ["rc-wt_sdb", "a b: c"].entries()) {
            root.device(`virtual/block/dm-${minor}`, 8, {
                "dm/name": `${name}\n`,
                "dm/uuid": minor === 0 ? "RAPIDDISK-1\n" : "\n",
                "dm/suspended": `${minor}\n`,
            });
        }
        root.tool(
            "dmsetup",
            'echo x >>$ROOT/runs; printf "rc-wt_sdb: 0 8 rapiddisk-cache 8:16 252:0 64 0\\na b: c: 0 8 error \\n"',
        );
        const { mappings } = await kernel.snapshot();
        assert.deepEqual(
            mappings.map(({ name, uuid, suspended, targets }) => ({ name, uuid, suspended, targets })),
            [
                {
                    name: "rc-wt_sdb",
                    uuid: "RAPIDDISK-1",
                    suspended: false,
                    targets: [target(8, "rapiddisk-cache", "8:16 252:0 64 0")],
                },
                { name: "a b: c", uuid: "", suspended: true, targets: [target(8, "error", "")] },
            ],
        );
        assert.equal(readFileSync(`${root.root}/runs`, "utf8"), "x\n");
    });

    it("has one name for a mapping in a reading, though it was renamed meanwhile", async () => {
        root.device("virtual/block/dm-0", 8, { "dm/name": "before\n", "dm/uuid": "\n", "dm/suspended": "0\n" });
        root.tool("dmsetup", "echo 'before: 0 8 linear 8:16 0'");
        const { mappings } = await kernel.snapshot();
        assert.deepEqual(
            mappings.map(({ name }) => name),
            ["before"],
        );
        const disk = { type: "disk", name: "sdb", path: "/dev/sdb" } as const;
        const renamed = sameNames(mappings, [disk, { type: "dm", name: "dm-0", path: "/dev/mapper/after" }]);
        assert.deepEqual(renamed, [{ ...mappings[0], name: "after" }]);
        // One that is in one of the two alone keeps its name.
        assert.deepEqual(sameNames(mappings, [disk]), mappings);
    });

    it("notices that a mapping came or went without a uevent", async () => {
        root.device("virtual/block/dm-0", 8, { "dm/name": "m0\n" });
        let notices = 0;
        const watch = kernel.watch(() => notices++);
        const noticed = async (): Promise<void> => {
            const before = notices;
            while (notices === before) await new Promise((resolve) => setTimeout(resolve, 20));
        };
        await new Promise((resolve) => setTimeout(resolve, 100));
        root.device("virtual/block/dm-1", 8, { "dm/name": "m1\n" });
        await noticed(); // one came
        root.file("sys/devices/virtual/block/dm-1/dm/name", "other\n");
        await noticed(); // another is in its place
        rmSync(`${root.root}/sys/class/block/dm-0`);
        await noticed(); // one went
        watch.close();
    });

    it("asks for the tables again when a mapping vanished before its turn", async () => {
        for (const minor of [0, 1]) root.device(`virtual/block/dm-${minor}`, 8, { "dm/name": `m${minor}\n` });
        root.tool(
            "dmsetup",
            'echo x >>$ROOT/runs; printf "m0: 0 8 error \\n"; ' +
                "[ ! -e $ROOT/sys/class/block/dm-1 ] || { rm $ROOT/sys/class/block/dm-1; exit 1; }",
        );
        const { mappings } = await kernel.snapshot();
        assert.deepEqual(mappings[0]?.targets, [target(8, "error", "")]);
        assert.equal(readFileSync(`${root.root}/runs`, "utf8"), "x\nx\n");
        root.tool("dmsetup", 'echo "Permission denied" >&2; exit 1');
        await assert.rejects(kernel.snapshot(), failsWith("EACCES"));
    });

    it("puts a new table in force, and on failure drops it and lets I/O go on", async () => {
        root.device("virtual/block/dm-0", 8, { "dm/name": "m0\n" });
        const table = { length: 8, type: "error", params: "" };
        const runs = (): string[] => {
            const lines = readFileSync(`${root.root}/runs`, "utf8").trim().split("\n");
            rmSync(`${root.root}/runs`);
            return lines;
        };
        root.tool("dmsetup", "shift 2; echo $* >>$ROOT/runs");
        await kernel.reloadMapping("m0", table);
        assert.deepEqual(runs(), ["reload --table 0 8 error -- m0", "resume --nolockfs -- m0"]);
        const refuse = 'echo "device-mapper: x ioctl on m0  failed: Cannot allocate memory" >&2; exit 1';
        root.tool("dmsetup", `shift 2; echo $* >>$ROOT/runs; [ "$1" != reload ] || { ${refuse}; }`);
        await assert.rejects(kernel.reloadMapping("m0", table), failsWith("ENOMEM"));
        assert.deepEqual(runs(), ["reload --table 0 8 error -- m0"]);
        root.tool("dmsetup", `shift 2; echo $* >>$ROOT/runs; [ "$2" != --nolockfs ] || { ${refuse}; }`);
        await assert.rejects(kernel.reloadMapping("m0", table), failsWith("ENOMEM"));
        assert.deepEqual(runs().slice(1), ["resume --nolockfs -- m0", "clear -- m0", "resume -- m0"]);
        await assert.rejects(kernel.reloadMapping("gone", table), failsWith("ENOENT"));
    });

    it("answers any number of callers who ask for statistics with a few processes, and never with an old answer", async () => {
        for (let minor = 0; minor < 12; minor++) {
            root.device(`virtual/block/dm-${minor}`, 8, { "dm/name": `m${minor}\n` });
        }
        root.tool(
            "dmsetup",
            "shift 2; mkdir $ROOT/run-$$; ls -d $ROOT/run-* | wc -l >>$ROOT/at-once; sleep 0.05; rmdir $ROOT/run-$$; " +
                'echo x >>$ROOT/runs; printf "0 8 rapiddisk-cache "; wc -l <$ROOT/runs',
        );
        const lines = (file: string): string[] => readFileSync(`${root.root}/${file}`, "utf8").trim().split("\n");
        const [first, second, ...others] = await Promise.all(
            Array.from({ length: 500 }, () => kernel.statusMapping("m0")),
        );
        assert.deepEqual([first, second], ["1", "2"]);
        assert.deepEqual([...new Set(others)], ["2"]);
        assert.equal(await kernel.statusMapping("m0"), "3");
        await Promise.all(Array.from({ length: 240 }, (_, index) => kernel.statusMapping(`m${index % 12}`)));
        assert.equal(lines("runs").length, 3 + 24);
        assert.ok(Math.max(...lines("at-once").map(Number)) <= 4, lines("at-once").join(" "));
        await assert.rejects(kernel.statusMapping("gone"), failsWith("ENOENT"));
        await Promise.all(Array.from({ length: 500 }, () => kernel.statsMapping("m0")));
        assert.equal(lines("runs").length, 3 + 24 + 2);
        await assert.rejects(kernel.statsMapping("gone"), failsWith("ENOENT"));
    });

    it("answers any number of callers who ask for the NVMe target with two readings", async () => {
        root.file("sys/kernel/config/nvmet/subsystems/nqn.x/attr_allow_any_host", "0\n");
        const answers = await Promise.all(Array.from({ length: 500 }, () => kernel.readNvmet()));
        assert.equal(new Set(answers).size, 2);
        assert.equal(answers[0]?.subsystems[0]?.nqn, "nqn.x");
        assert.notEqual(await kernel.readNvmet(), answers[1]);
    });
});

describe("modules", () => {
    it("are loaded, built in, on disk or missing, and modprobe's reasons become errnos", async () => {
        const root = new RootFixture();
        const kernel = root.kernel();
        root.file("sys/module/rapiddisk/initstate", "live\n");
        root.file("sys/module/nvmet/initstate", "coming\n");
        root.file(
            "lib/modules/6.12.0-test/modules.dep",
            "updates/rapiddisk-cache.ko.xz: updates/rapiddisk.ko.xz\nkernel/nvmet-tcp.ko:\n",
        );
        root.file("lib/modules/6.12.0-test/modules.builtin", "kernel/drivers/md/dm-writecache.ko\n");
        const { modules } = await kernel.snapshot();
        assert.deepEqual(
            [modules.rapiddisk, modules.nvmet, modules.dm_writecache, modules.nvmet_tcp],
            [true, false, true, false],
        );
        assert.deepEqual(await kernel.availableModules(), [
            "rapiddisk",
            "rapiddisk_cache",
            "dm_writecache",
            "nvmet_tcp",
        ]);
        const answers: [string, string][] = [
            ["modprobe: FATAL: Module x not found in directory /lib/modules/6.12.0-test", "ENOENT"],
            ["modprobe: ERROR: could not insert 'x': Exec format error", "ENOEXEC"],
            ["modprobe: ERROR: could not insert 'x': Operation not permitted", "EPERM"],
            ["modprobe: ERROR: could not insert 'x': Key was rejected by service", "EKEYREJECTED"],
            [
                "modprobe: ERROR: could not insert 'x': Unknown symbol in module, or unknown parameter (see dmesg)",
                "ENOEXEC",
            ],
        ];
        for (const [text, errno] of answers) {
            root.tool("modprobe", `echo "${text}" >&2; exit 1`);
            await assert.rejects(
                kernel.loadModule("nvmet_tcp"),
                (error) => error instanceof KernelError && error.errno === errno,
            );
        }
        root.tool("modprobe", "exit 0");
        await assert.rejects(kernel.loadModule("nvmet_tcp"), /does not have it/);
        await kernel.loadModule("dm_writecache");
        await kernel.close();
        root.remove();
    });
});
