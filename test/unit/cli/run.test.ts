// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { BusError, objectPath } from "../../../service/src/client/index.js";
import { processEnvironment } from "../../../service/src/cli/environment.js";
import { type Answers, cache, dictionary, root, run, volume } from "./fixture.js";

const ASK = new BusError("org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", "A password is needed.");
const refuse = (kind: string, message: string) => new BusError(`org.rapiddisk.Manager.Error.${kind}`, message);

describe("commands: one message each", () => {
    const cases: [string, string, string, string, number, string][] = [
        ["volume create 512M", "", "CreateVolume", "ta{sv}", 0, "Created rd1, 512 MiB: /dev/rd1\n"],
        ["volume resize rd0 1G", "volumes/rd0", "Resize", "ta{sv}", 0, "Resized rd0 to 64 MiB.\n"],
        ["volume lock rd0", "volumes/rd0", "SetReadOnly", "ba{sv}", 0, "Locked rd0: writes are refused.\n"],
        ["volume unlock rd0", "volumes/rd0", "SetReadOnly", "ba{sv}", 0, "Unlocked rd0.\n"],
        ["volume erase rd0", "volumes/rd0", "Erase", "a{sv}", 0, "Erased rd0.\n"],
        ["volume remove /dev/rd0", "volumes/rd0", "Remove", "a{sv}", 0, "Removed rd0.\n"],
        ["volume remove /org/rapiddisk/Manager/volumes/rd0", "volumes/rd0", "Remove", "a{sv}", 0, "Removed rd0.\n"],
        [
            "cache create rd0 /dev/sdc",
            "",
            "CreateCache",
            "sssa{sv}",
            0,
            "Created rc-wt_sdc, write-through, rd0 in front of /dev/sdb: /dev/mapper/rc-wt_sdc\n",
        ],
        ["cache flush rc-wt_sdb", "caches/rc_2dwt_5fsdb", "Flush", "a{sv}", 0, "Flushed rc-wt_sdb.\n"],
        ["cache remove /dev/mapper/rc-wt_sdb", "caches/rc_2dwt_5fsdb", "Remove", "a{sv}", 0, "Removed rc-wt_sdb.\n"],
        [
            "cache reset-stats rc-wt_sdb",
            "caches/rc_2dwt_5fsdb",
            "ResetStatistics",
            "a{sv}",
            0,
            "Reset the statistics of rc-wt_sdb.\n",
        ],
        ["volume persist rd0", "volumes/rd0", "SetPersistent", "ba{sv}", 0, "rd0 is made again at each boot.\n"],
        ["volume persist rd0 --off", "volumes/rd0", "SetPersistent", "ba{sv}", 0, "rd0 is not made again at boot.\n"],
        [
            "cache persist x",
            "caches/x",
            "SetPersistent",
            "ba{sv}",
            0,
            "x, with its volume, is made again at each boot.\n",
        ],
        [
            "cache resize x",
            "caches/x",
            "Resize",
            "a{sv}",
            0,
            "Neither /dev/sdb nor rd0 has grown: x stays at 1 GiB, cached in 64 MiB.\n",
        ],
        ["cache mode x write-around", "caches/x", "SetMode", "sa{sv}", 0, "The mode of x is write-through.\n"],
        ["forget rd9", "", "Forget", "sa{sv}", 0, "Forgot rd9.\n"],
        ["jobs cancel 3", "jobs/3", "Cancel", "a{sv}", 0, "Cancelled job 3.\n"],
    ];
    for (const [line, path, member, signature, status, stdout] of cases) {
        it(line, async () => {
            const result = await run(line);
            assert.deepEqual([result.status, result.stdout, result.stderr], [status, stdout, ""]);
            assert.deepEqual(
                result.changes.map((sent) => [sent.path, sent.member, sent.signature, sent.timeoutMs]),
                [[`/org/rapiddisk/Manager${path && `/${path}`}`, member, signature, 0]],
            );
        });
    }

    it("makes a volume in one call; another one is for --json, which shows every property", async () => {
        const sent = async (line: string): Promise<string[]> => (await run(line)).sent.map(({ member }) => member);
        assert.deepEqual(await sent("volume create 512M"), ["CreateVolume"]);
        assert.deepEqual(await sent("volume create 512M --json"), ["CreateVolume", "GetAll"]);
        assert.match((await run("volume create 512M --json")).stdout, /"size": ?67108864/i);
    });

    it("takes the short names of modes, and leaves it to the service to refuse what is none", async () => {
        const mode = async (line: string, at: number): Promise<unknown> => (await run(line)).changes[0]!.args[at];
        assert.equal(await mode("cache create rd0 /dev/sdc --mode wa", 2), "write-around");
        assert.equal(await mode("cache create rd0 /dev/sdc --mode wt", 2), "write-through");
        assert.equal(await mode("cache create rd0 /dev/sdc --mode wb", 2), "writeback");
        assert.equal(await mode("cache create rd0 /dev/sdc --mode toString", 2), "toString");
        assert.equal(await mode("cache mode x wa", 0), "write-around");
    });

    it("passes size, number, persist, mode and name on as they are", async () => {
        const { changes } = await run("volume create 1.5GiB --number 7 --persist");
        assert.deepEqual(changes[0]!.args, [1610612736n, dictionary({ number: ["u", 7], persist: ["b", true] })]);
        const populated = await run("volume create 1G --populate");
        assert.deepEqual(populated.changes[0]!.args, [1073741824n, dictionary({ populate: ["b", true] })]);
        const made = await run("cache create rd0 /dev/disk/by-id/x --mode writeback --name fast --persist");
        assert.deepEqual(made.changes[0]!.args, [
            "rd0",
            "/dev/disk/by-id/x",
            "writeback",
            dictionary({ name: ["s", "fast"], persist: ["b", true] }),
        ]);
    });

    it("asks the service what any other link to a device means", async () => {
        const { sent, changes } = await run("volume erase /dev/disk/by-id/ram", {
            Resolve: [objectPath("volumes", "rd5")],
        });
        assert.deepEqual(sent[0]!.args, ["/dev/disk/by-id/ram"]);
        assert.equal(changes[0]!.path, objectPath("volumes", "rd5"));
    });

    it("does several in their order and stops at the first that is refused", async () => {
        const { status, stdout, stderr, changes } = await run("volume remove rd0 rd1 rd2 rd0", {
            Remove: ({ path }) => (path.endsWith("rd1") ? refuse("Busy", "rd1 is in use: swap.") : []),
        });
        assert.equal(status, 4);
        assert.equal(stdout, "");
        assert.equal(stderr, "rapiddisk: rd1 is in use: swap. (Done before that: 1.)\n");
        assert.deepEqual(
            changes.map(({ path }) => path.at(-1)),
            ["0", "1"],
        );
    });
});

describe("commands: answers", () => {
    it("list shows volumes and caches", async () => {
        const { stdout } = await run("list");
        assert.equal(
            stdout,
            "VOLUME    SIZE   USED  ACCESS      AT BOOT  USED BY\n" +
                "rd0     64 MiB  4 KiB  read-write  no       -\n\n" +
                "CACHE      MODE           VOLUME  SOURCE     SIZE  CACHED IN  AT BOOT  USED BY\n" +
                "rc-wt_sdb  write-through  rd0     /dev/sdb  1 GiB     64 MiB  no       -\n",
        );
    });

    it("list says which volumes are populated as soon as one is", async () => {
        const volumes = [volume("rd0"), volume("rd1", { Populated: ["b", true], Used: ["t", 67108864n] })];
        const { stdout } = await run("volume list", { ListVolumes: [volumes] });
        assert.equal(
            stdout,
            "VOLUME    SIZE    USED  POPULATED  ACCESS      AT BOOT  USED BY\n" +
                "rd0     64 MiB   4 KiB  no         read-write  no       -\n" +
                "rd1     64 MiB  64 MiB  yes        read-write  no       -\n",
        );
    });

    it("show tells what a writeback cache holds that its source lacks", async () => {
        const answers: Answers = {
            GetAll: [cache("rc-wb_sdb", { Mode: ["s", "writeback"] })],
            GetStatistics: [dictionary({ unwritten_bytes: ["t", 1572864n] })],
        };
        const { stdout } = await run("cache show rc-wb_sdb", answers);
        assert.match(stdout, /^Unwritten bytes: +1\.5 MiB \(1572864 bytes\)$/m);
        const json = JSON.parse((await run("cache show rc-wb_sdb --json", answers)).stdout) as Record<string, unknown>;
        assert.equal(json.unwritten_bytes, 1572864);
    });

    it("show and --json give what a variant holds, and show none of what is for programs", async () => {
        const users: Record<string, [string, unknown]> = {
            Users: ["as", ["cache of x"]],
            UserDetails: ["aa{sv}", [dictionary({ kind: ["s", "cache"] })]],
        };
        const answers: Answers = { GetAll: [volume("rd0", users)] };
        const { stdout } = await run("volume show rd0", answers);
        assert.match(stdout, /^Users: +cache of x$/m);
        assert.doesNotMatch(stdout, /details/i);
        const json = JSON.parse((await run("volume show rd0 --json", answers)).stdout) as Record<string, unknown>;
        assert.deepEqual(json.user_details, [{ kind: "cache" }]);
    });

    it("show tells the rest of a cache whose statistics cannot be read", async () => {
        const answers: Answers = {
            GetAll: [cache("rc-wb_sdb", { Mode: ["s", "writeback"] })],
            GetStatistics: refuse("Failed", "no"),
        };
        const { status, stdout } = await run("cache show rc-wb_sdb", answers);
        assert.equal(status, 0);
        assert.doesNotMatch(stdout, /Unwritten/);
        assert.match(stdout, /^Mode: +writeback$/m);
    });

    it("list --json is JSON with bytes", async () => {
        const { stdout } = await run("list --json");
        const value = JSON.parse(stdout) as { volumes: Record<string, unknown>[]; caches: Record<string, unknown>[] };
        assert.deepEqual(value.volumes, [
            {
                path: "/org/rapiddisk/Manager/volumes/rd0",
                name: "rd0",
                number: 0,
                device: "/dev/rd0",
                size: 67108864,
                used: 4096,
                populated: false,
                read_only: false,
                errors: 0,
                in_use: false,
                users: [],
                persistent: false,
                managed: true,
            },
        ]);
        assert.equal(value.caches[0]!.cache_size, 67108864);
    });

    it("empty lists say so, and are empty in JSON", async () => {
        const nothing = { ListVolumes: [[]], ListCaches: [[]] };
        assert.equal((await run("list", nothing)).stdout, "No volumes.\n\nNo cache mappings.\n");
        assert.deepEqual(JSON.parse((await run("list --json", nothing)).stdout), {
            ...{ volumes: [], caches: [], ports: [], exports: [] },
        });
    });

    it("show gives every property", async () => {
        const { stdout } = await run("volume show rd0");
        assert.match(stdout, /^Name: +rd0$/m);
        assert.match(stdout, /^Size: +64 MiB \(67108864 bytes\)$/m);
        assert.match(stdout, /^Read only: +no$/m);
        assert.match((await run("cache show rc-wt_sdb")).stdout, /^Volume: +rd0$/m);
    });

    it("status, modules, resources and jobs", async () => {
        assert.match((await run("status")).stdout, /^Modules loaded: +rapiddisk, rapiddisk_cache, nvmet$/m);
        assert.match((await run("modules")).stdout, /^dm_writecache +no$/m);
        assert.equal(
            (await run("modules load", { LoadModules: [["dm_writecache"]] })).stdout,
            "Loaded dm_writecache.\n",
        );
        assert.equal((await run("modules load", { LoadModules: [[]] })).stdout, "Nothing was missing.\n");
        const restored = await run("restore", { Restore: [["rd0"], ["rd1 could not be made."]] });
        assert.equal(restored.stdout, "Made rd0.\nrd1 could not be made.\n");
        const problem = await run("status", { GetAll: [root({ Problems: ["as", ["rd1 is missing."]] })] });
        assert.match(problem.stdout, /^Problem: +rd1 is missing\.$/m);
        const device = dictionary({
            name: ["s", "sda"],
            path: ["s", "/dev/sda"],
            size: ["t", 1024n],
            vendor: ["s", ""],
            model: ["s", "M 1"],
            type: ["s", "disk"],
            "in-use": ["b", true],
            users: ["as", ["mounted on /"]],
            cacheable: ["b", false],
        });
        const answers = { GetResources: [[device]] };
        assert.match((await run("resources", answers)).stdout, /^\/dev\/sda +1 KiB +disk +- +M 1 +no +mounted on \/$/m);
        assert.equal(
            (JSON.parse((await run("resources --json", answers)).stdout) as { in_use: boolean }[])[0]!.in_use,
            true,
        );
        const job = dictionary({
            Operation: ["s", "cache-flush"],
            State: ["s", "running"],
            Progress: ["d", 0.375],
            Bytes: ["t", 0n],
            ExpectedEndTime: ["t", 0n],
            Objects: ["ao", [objectPath("caches", "rc-wb_x")]],
            Error: ["s", ""],
            Message: ["s", ""],
            Cancellable: ["b", true],
        });
        const objects = new Map([
            [objectPath("jobs", "10"), new Map([["org.rapiddisk.Manager.Job", job]])],
            [objectPath("jobs", "9"), new Map([["org.rapiddisk.Manager.Job", job]])],
            [objectPath("volumes", "rd0"), new Map([["org.rapiddisk.Manager.Volume", volume("rd0")]])],
        ]);
        const jobs = await run("jobs", { GetManagedObjects: [objects] });
        assert.match(jobs.stdout, /^ {2}9 {2}cache-flush {2}running +37 % {2}rc-wb_x +-\n 10 /m);
        assert.equal((await run("jobs", { GetManagedObjects: [new Map()] })).stdout, "No jobs.\n");
    });
});

describe("failures", () => {
    const cases: [string, Error, number, RegExp][] = [
        [
            "volume erase rd0",
            refuse("Busy", "rd0 is in use: mounted on /mnt."),
            4,
            /^rapiddisk: rd0 is in use: mounted on \/mnt\.\n$/,
        ],
        ["volume erase rd0", refuse("InvalidArgument", "x"), 2, /x/],
        ["volume erase rd0", refuse("NotFound", "x"), 3, /x/],
        ["volume erase rd0", refuse("NoMemory", "x"), 6, /x/],
        ["volume erase rd0", refuse("NotAuthorized", "x"), 5, /x/],
        ["volume erase rd0", refuse("Failed", "evil\u001b[2J"), 1, /evil\\x1b\[2J/],
        [
            "volume erase rd0",
            new BusError("org.freedesktop.DBus.Error.UnknownObject", "x"),
            3,
            /There is no volume rd0\./,
        ],
        [
            "volume erase rd0",
            new BusError("org.freedesktop.DBus.Error.ServiceUnknown", "x"),
            7,
            /systemctl start rapiddiskd/,
        ],
        ["volume erase rd0", new BusError("org.freedesktop.DBus.Error.AccessDenied", "x"), 5, /x/],
        ["volume erase rd0", new BusError("org.freedesktop.DBus.Error.NoReply", "x"), 7, /did not answer/],
        ["volume erase rd0", new BusError("org.freedesktop.DBus.Error.TimedOut", "x"), 7, /did not answer/],
        ["volume erase rd0", refuse("TimedOut", "The kernel did not."), 1, /The kernel did not/],
        ["volume erase rd0", new Error("odd"), 1, /odd/],
    ];
    for (const [line, error, expected, message] of cases) {
        it(`${error instanceof BusError ? error.errorName : "anything else"} ends with ${expected}`, async () => {
            const { status, stdout, stderr } = await run(line, { Erase: error });
            assert.deepEqual([status, stdout], [expected, ""]);
            assert.match(stderr, message);
        });
    }

    const numbers: [string, string][] = [
        ["volume create 1M --number -1", '--number takes a whole number from 0 to 1048575, not "-1".'],
        ["volume create 1M --number 1048576", '--number takes a whole number from 0 to 1048575, not "1048576".'],
        ["volume create 1M --number 4294967296", '--number takes a whole number from 0 to 1048575, not "4294967296".'],
        ["volume create 1M --number 1.5", '--number takes a whole number from 0 to 1048575, not "1.5".'],
        ["volume create 0.3K", "0.3K is too small; the smallest volume has 4096 bytes."],
        ["volume resize rd0 1K", "1K is too small; the smallest volume has 4096 bytes."],
        ["port create loop --id 0", '--id takes a whole number from 1 to 65535, not "0".'],
        ["port create loop --id 65536", '--id takes a whole number from 1 to 65535, not "65536".'],
        ["port show 65536", '"65536" is not the number of a port; it must be 1 to 65535.'],
        ["export add-port rd0 one", '"one" is not the number of a port; it must be 1 to 65535.'],
        ["restore --wait 601", '--wait takes a whole number from 0 to 600, not "601".'],
    ];
    for (const [line, message] of numbers) {
        it(`${line} names what was typed and what would be right`, async () => {
            const { status, stderr, changes } = await run(line);
            assert.deepEqual([status, stderr, changes], [2, `rapiddisk: ${message}\n`, []]);
        });
    }

    it("a service that works on a change and answers nothing else is given up, one that answers is not", async () => {
        const silent = new BusError("org.freedesktop.DBus.Error.NoReply", "x");
        const given = await run("volume erase rd0", { Erase: () => new Promise(() => undefined), Ping: silent });
        assert.deepEqual([given.status, given.stdout], [7, ""]);
        assert.match(given.stderr, /did not answer.*Whether a change was made is not known/);
        let done = (): void => undefined;
        const erased = new Promise<unknown[]>((resolve) => (done = () => resolve([])));
        const answering = () => {
            done();
            return [];
        };
        const waited = await run("volume erase rd0", { Erase: () => erased, Ping: answering });
        assert.deepEqual([waited.status, waited.stdout], [0, "Erased rd0.\n"]);
    });

    it("are JSON on standard error with --json", async () => {
        const { stdout, stderr } = await run("volume erase rd0 --json", { Erase: refuse("Busy", "In use.") });
        assert.equal(stdout, "");
        assert.deepEqual(JSON.parse(stderr), {
            error: { name: "org.rapiddisk.Manager.Error.Busy", message: "In use." },
        });
        assert.equal(
            (JSON.parse((await run("lsit --json")).stderr) as { error: { name: string } }).error.name,
            "usage",
        );
    });
});

describe("asking for a password", () => {
    const once = (): Answers => ({ Erase: ({ interactive }) => (interactive ? [] : ASK) });

    it("allows it only after the service said that it is needed", async () => {
        const { status, changes } = await run("volume erase rd0", once(), { uid: 1000 });
        assert.deepEqual([status, changes.map(({ interactive }) => interactive)], [0, [false, true]]);
        assert.deepEqual(
            (await run("volume erase rd0", {}, { uid: 1000 })).changes.map(({ interactive }) => interactive),
            [false],
        );
    });

    it("is not done with --no-ask-password", async () => {
        const { status, changes, stderr } = await run("volume erase rd0 --no-ask-password", once(), { uid: 1000 });
        assert.deepEqual([status, changes.length], [5, 1]);
        assert.match(stderr, /as root, or on a terminal/);
    });

    it("is not done as root", async () => {
        assert.equal((await run("volume erase rd0", once(), { uid: 0 })).changes.length, 1);
    });
});

describe("--explain", () => {
    it("prints the message of every command that changes something, and sends none", async () => {
        const lines = [
            "volume create 1M",
            "volume resize rd0 1G",
            "volume lock rd0",
            "volume erase rd0",
            "volume remove rd0 rd1",
            "cache create rd0 /dev/sdb",
            "cache flush x",
            "cache remove x",
            "cache reset-stats x",
            "modules load",
            "jobs cancel 1",
        ];
        for (const line of lines) {
            const { status, stdout, sent } = await run(`${line} --explain`);
            assert.deepEqual([status, sent.length], [0, 0], line);
            assert.match(
                stdout,
                /^(busctl --timeout=infinity call org\.rapiddisk\.Manager \/org\/rapiddisk\/Manager\S* org\.rapiddisk\.Manager\S* .*\n)+((# .*: )?busctl call .* GetAll .*\n)?$/,
                line,
            );
        }
    });

    it("prints reading messages too", async () => {
        assert.equal(
            (await run("list --explain")).stdout,
            "busctl call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager ListVolumes\n" +
                "busctl call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager ListCaches\n" +
                "busctl call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager ListPorts\n" +
                "busctl call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager ListExports\n",
        );
        assert.match(
            (await run("status --explain")).stdout,
            / org\.freedesktop\.DBus\.Properties GetAll s org\.rapiddisk\.Manager\n$/,
        );
    });
});

describe("the terminal", () => {
    it("is cleared between watched tables, and not elsewhere", async () => {
        const answers = { ListVolumes: [[]], ListCaches: [[]] };
        const { stdout } = await run("stats --watch 0.1 --count 2", answers, { columns: 80 });
        assert.equal(stdout.split("\u001b[H\u001b[2J").length, 3);
        assert.ok(!(await run("list")).stdout.includes("\u001b"));
    });

    it("gets no color with NO_COLOR", () => {
        const before = process.env.NO_COLOR;
        try {
            process.env.NO_COLOR = "1";
            assert.equal(processEnvironment("1").color, false);
            delete process.env.NO_COLOR;
            assert.equal(processEnvironment("1").color, process.env.TERM !== "dumb");
        } finally {
            if (before !== undefined) {
                process.env.NO_COLOR = before;
            }
        }
    });

    it("gets version and help", async () => {
        assert.equal((await run("--version")).stdout, "rapiddisk 10.0.0\n");
        assert.match((await run("--help")).stdout, /Usage: rapiddisk COMMAND/);
    });
});
