// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { needsRoot, nobody } from "../harness/index.js";
import type { CliFixture } from "./fixture.js";
import { startCliFixture } from "./fixture.js";
import { sameSerial } from "../../unit/model/exports.js";

const MIB = 1048576;

interface Volume {
    name: string;
    number: number;
    device: string;
    size: number;
    read_only: boolean;
    persistent: boolean;
    users: string[];
}
interface Cache {
    name: string;
    mode: string;
    source: string;
    volume: string;
    persistent: boolean;
}

describe("rapiddisk over a real bus, with a simulated kernel", function () {
    let fixture: CliFixture;

    before(async function () {
        needsRoot(this);
        fixture = await startCliFixture(`polkit.addRule(function (action, subject) {
            if (action.id === "org.rapiddisk.manager.volume-create" && action.lookup("volume.size") === "8388608") {
                return polkit.Result.YES;
            }
        });`);
        await fixture.kernel("addDisk", {
            name: "sdb",
            size: 1024 * MIB,
            vendor: "ACME",
            model: "Slow Disk 9",
            byId: ["ata-slow"],
        });
        await fixture.kernel("addDisk", { name: "sdc", size: 64 * MIB });
    });

    after(() => fixture?.stop());

    /** Runs a command that must work. @returns what it printed */
    async function ok(line: string): Promise<string> {
        const { status, stdout, stderr } = await fixture.rapiddisk(line);
        assert.deepEqual([status, stderr], [0, ""], `rapiddisk ${line}: ${stderr}`);
        return stdout;
    }

    async function refused(line: string, status: number, message: RegExp): Promise<void> {
        const result = await fixture.rapiddisk(line);
        assert.equal(result.status, status, `rapiddisk ${line}: ${result.stdout}${result.stderr}`);
        assert.match(result.stderr, message);
        assert.equal(result.stdout, "");
    }

    it("walks through the life of a volume and a cache", async () => {
        assert.equal(await ok("volume create 64M"), "Created rd0, 64 MiB: /dev/rd0\n");
        assert.equal(await ok("volume create 32MiB --number 7 --persist"), "Created rd7, 32 MiB: /dev/rd7\n");
        await refused("volume create 1M --number 7", 8, /rd7/);
        assert.equal(await ok("volume create 8M --number 9 --populate"), "Created rd9, 8 MiB: /dev/rd9\n");
        assert.match(await ok("volume show rd9"), /^ *populated:? +yes$/im);
        assert.equal(await ok("volume remove rd9"), "Removed rd9.\n");
        const volumes = await fixture.json<Volume[]>("volume list");
        assert.deepEqual(
            volumes.map(({ name, size, persistent }) => [name, size, persistent]),
            [
                ["rd0", 64 * MIB, false],
                ["rd7", 32 * MIB, true],
            ],
        );
        assert.equal(await ok("volume resize rd0 96M"), "Resized rd0 to 96 MiB.\n");
        assert.equal((await fixture.json<Volume>("volume show /dev/rd0")).size, 96 * MIB);
        await ok("volume lock rd0 rd7");
        assert.equal((await fixture.json<Volume>("volume show rd7")).read_only, true);
        await ok("volume unlock rd0 rd7");
        await ok("volume persist rd7 --off");
        assert.equal((await fixture.json<Volume>("volume show rd7")).persistent, false);
        await ok("volume erase rd7");

        assert.match(
            await ok("cache create rd0 /dev/sdb --mode wa"),
            /^Created rc-wa_sdb, write-around, rd0 in front of /,
        );
        await refused("volume remove rd0", 4, /rd0 is in use.*rc-wa_sdb/);
        await refused("cache create rd7 /dev/sdb", 4, /sdb/);
        const [cache] = await fixture.json<Cache[]>("cache list");
        assert.deepEqual([cache!.name, cache!.mode], ["rc-wa_sdb", "write-around"]);
        assert.match(await ok("cache mode rc-wa_sdb write-through"), /write-through/);
        await ok("cache persist rc-wa_sdb");
        await ok("cache flush rc-wa_sdb");
        await ok("cache reset-stats rc-wa_sdb");
        assert.match(await ok("list"), /^rd0 [^]*^rc-wa_sdb +write-through +rd0 +\/dev\/sdb/m);
        assert.match(await ok("stats"), /^rd0 [^]*^rc-wa_sdb /m);
        assert.match(await ok("stats rc-wa_sdb"), /^cache_hits: +0$/m);
        assert.equal((await ok("stats --watch 0.1 --count 2 --json")).trimEnd().split("\n").length, 2);
        await ok("cache remove /dev/mapper/rc-wa_sdb");
        await ok("volume remove rd0 rd7");
        assert.equal(await ok("list"), "No volumes.\n\nNo cache mappings.\n");
    });

    it("walks through the life of a port and an export", async () => {
        assert.equal(await ok("modules load"), "Loaded dm_writecache, nvmet, nvmet_tcp, nvme_loop.\n");
        const host = "nqn.2014-08.org.example:host";
        const nqn = "nqn.2014-08.org.example:life";
        await ok("volume create 64M");
        assert.equal(await ok("port create tcp eth0"), "Created port 1: tcp 192.0.2.10:4420\n");
        assert.equal(await ok("port create loop"), "Created port 2: loop\n");
        await refused("port create tcp 198.51.100.7", 3, /not on this host/);
        await refused("export create rd0", 2, /say plainly/);
        const made = await ok(`export create rd0 --nqn ${nqn} --closed --port 1 --serial S1`);
        assert.equal(made, `Exported /dev/rd0 as ${nqn} on port 1\n`);
        const allowed = await ok(`export allow rd0 ${host} --generate-key`);
        const key = /^Key: (\S+)$/m.exec(allowed)?.[1] ?? "";
        assert.match(key, /^DHHC-1:00:/);
        await ok("volume create 1M --number 9");
        const second = await fixture.rapiddisk("export create rd9 --closed --port 1 --serial S1");
        assert.deepEqual([second.status, second.stderr], [4, `rapiddisk: ${sameSerial("S1", nqn)}\n`]);
        await ok("volume remove rd9");
        await ok("export add-port rd0 2");
        await refused("export allow rd0 --any", 4, /must prove a key/);
        const shown = await ok("export show rd0");
        assert.ok(
            shown.includes(`nvme connect -t tcp -a 192.0.2.10 -s 4420 -n ${nqn} -q ${host} --dhchap-secret KEY\n`),
        );
        assert.ok(!shown.includes(key.slice(10)));
        assert.match(await ok("list"), /^nqn\.2014-08\.org\.example:life +\/dev\/rd0 +yes +1,2 +no/m);
        await ok(`export rekey rd0 ${host} --off`);
        await ok("export persist rd0");
        assert.match(await ok("status"), /^Problem: +nqn\S+ is saved, but rd0 is not/m);
        await ok("export disable rd0");
        await refused("volume remove rd0", 4, /switched off/);
        await ok("export enable rd0");
        await ok("export remove-port rd0 2");
        await ok(`export deny rd0 ${host}`);
        await refused(`export deny rd0 ${host}`, 3, /not in the list/);
        await refused("port remove 1", 4, /example:life/);
        await ok("export remove rd0");
        await refused("export remove rd0", 3, /no export rd0/);
        await ok("port remove 1 2");
        await ok("volume remove rd0");
        assert.equal(await ok("list"), "No volumes.\n\nNo cache mappings.\n");
    });

    it("answers what does not change anything", async () => {
        assert.match(await ok("status"), /^Service: +\S+, interface version 1$/m);
        assert.match(await ok("modules"), /^rapiddisk +yes$/m);
        assert.match(await ok("resources"), /^\/dev\/sdb +1 GiB +disk +ACME +Slow Disk 9 +yes +-$/m);
        assert.equal(await ok("modules load"), "Nothing was missing.\n");
        assert.match(await ok("jobs"), /JOB|No jobs/);
        assert.equal(await ok("restore"), "Nothing was made.\n");
        await refused("forget rd9", 3, /rd9/);
        await refused("jobs cancel 999", 3, /There is no job 999\./);
    });

    it("says which volume is forgotten with its cache", async () => {
        await ok("volume create 64M");
        await ok("cache create rd0 /dev/sdb --persist --name c");
        await fixture.kernel("otherRemoveMapping", "c");
        while ((await fixture.json<Cache[]>("cache list")).length > 0) {
            // The service sees it in a moment; each look takes its time.
        }
        assert.equal(await ok("forget c"), "Forgot c.\nForgot rd0, which was saved only because of it.\n");
        await ok("volume remove rd0");
    });

    it("says what is wrong, with a status for each kind", async () => {
        await refused("volume show rd5", 3, /There is no volume rd5\./);
        await refused("volume create 1000B", 2, /smallest/);
        await refused("volume create 100T", 6, /./);
        await refused("cache create rd5 /dev/sdb", 3, /rd5/);
        await refused("cache create rd5 /dev/sdb --mode fast", 2, /fast/);
        await ok("volume create 4M");
        await fixture.kernel("mount", "rd0", "/mnt");
        await refused("volume erase rd0", 4, /mounted on \/mnt/);
        await refused("volume remove rd0", 4, /mounted on \/mnt/);
        await fixture.kernel("unmount", "rd0", "/mnt");
        await ok("volume remove rd0");
    });

    it("prints busctl lines that do the same", async () => {
        const explained = async (line: string): Promise<void> => {
            const text = await ok(`${line} --explain`);
            const { status, stderr } = await fixture.shell(text);
            assert.equal(status, 0, `${text}${stderr}`);
        };
        await explained("volume create 16M --number 3 --persist");
        const volume = await fixture.json<Volume>("volume show rd3");
        assert.deepEqual([volume.size, volume.persistent], [16 * MIB, true]);
        await explained("volume resize rd3 32M");
        await explained("volume lock rd3");
        assert.deepEqual(
            await fixture.json<Volume>("volume show rd3").then(({ size, read_only }) => [size, read_only]),
            [32 * MIB, true],
        );
        await explained("volume unlock rd3");
        await explained("cache create rd3 /dev/sdc --name odd-name_1");
        assert.equal((await fixture.json<Cache>("cache show odd-name_1")).mode, "write-through");
        await explained("stats");
        await explained("cache flush odd-name_1");
        await explained("cache remove odd-name_1");
        await explained("volume remove rd3");
        for (const line of ["list", "status", "resources", "jobs", "modules load"]) {
            await explained(line);
        }
        assert.deepEqual(await fixture.json<Volume[]>("volume list"), []);
    });

    it("lets polkit decide about others than root", async () => {
        const denied = await fixture.rapiddisk("volume create 4M", { uid: nobody });
        assert.equal(denied.status, 5, denied.stderr);
        assert.deepEqual(await fixture.json<Volume[]>("volume list"), []);
        assert.equal((await fixture.rapiddisk("volume create 4M --no-ask-password", { uid: nobody })).status, 5);
        const allowed = await fixture.rapiddisk("volume create 8M", { uid: nobody });
        assert.deepEqual([allowed.status, allowed.stdout], [0, "Created rd0, 8 MiB: /dev/rd0\n"]);
        assert.equal((await fixture.rapiddisk("list", { uid: nobody })).status, 0);
        assert.equal((await fixture.rapiddisk("volume remove rd0", { uid: nobody })).status, 5);
        await ok("volume remove rd0");
    });

    it("asks for a password on a terminal", async () => {
        const command = `setpriv --reuid ${nobody} --regid ${nobody} --clear-groups ${process.execPath} ${fixture.program} volume create 4M`;
        // A wrong password, typed again and again until somebody asks for it.
        const typist = "for i in 1 2 3 4 5 6 7 8 9; do sleep 0.5; echo wrong; done";
        const { stdout } = await fixture.shell(
            `(${typist}) | DISPLAY= timeout 20 script -qec '${command}; echo ended with $?' /dev/null`,
        );
        assert.match(stdout, /AUTHENTICATING FOR org\.rapiddisk\.manager\.volume-create/);
        assert.match(stdout, /not authorized[^]*ended with 5/);
        assert.deepEqual(await fixture.json<Volume[]>("volume list"), []);
    });

    it("needs no polkit as root", async () => {
        await fixture.bus.stopPolkit();
        await ok("volume create 4M");
        assert.notEqual((await fixture.rapiddisk("volume remove rd0", { uid: nobody })).status, 0);
        await ok("volume remove rd0");
    });

    it("says when what it prints cannot be written, and fails", async () => {
        const full = (line: string) => fixture.shell(`${process.execPath} ${fixture.program} ${line} >/dev/full`);
        for (const line of ["list", "list --json", "--help", "volume create 4M --number 77", "-v"]) {
            const { status, stderr } = await full(line);
            assert.deepEqual([status, /Standard output cannot be written: ENOSPC/.test(stderr)], [1, true], line);
        }
        assert.equal((await full("volume remove rd78")).status, 3, "nothing was to be printed");
        await ok("volume remove rd77");
    });

    it("has a status for what is there already and one for what is not, and takes both when told to", async () => {
        await ok("volume create 4M --number 70");
        await ok("volume create 4M --number 71");
        await ok("cache create rd70 /dev/sdc --name c70");
        await ok("port create loop --id 70");
        await ok("export create rd71 --port 70");
        for (const line of [
            "volume create 8M --number 70",
            "cache create rd70 /dev/sdc --name c70",
            "port create loop --id 70",
            "export create rd71 --port 70",
        ]) {
            await refused(line, 8, /already/);
            assert.match(await ok(`${line} --if-not-exists`), /already.* Nothing was done\.\n$/);
        }
        await refused("volume create 4M --if-not-exists", 2, /needs --number/);
        for (const line of ["export remove rd71", "port remove 70", "cache remove c70", "volume remove rd70 rd71"]) {
            await ok(`${line} --if-exists`);
            await refused(line, 3, /There is no/);
            assert.match(await ok(`${line} --if-exists`), /^There is no .*: nothing was done\.\n/);
        }
        await refused("volume remove /dev/disk/by-id/none", 3, /none/);
        await ok("volume remove /dev/disk/by-id/none --if-exists");
        await ok("volume create 4M --number 70");
        assert.equal(
            await ok("volume remove rd69 rd70 --if-exists"),
            "There is no rd69: nothing was done.\nRemoved rd70.\n",
        );
        await ok("forget rd70 --if-exists");
    });

    it("rounds a size up to whole sectors and says so", async () => {
        const note = "500MB was rounded up to 500000256 bytes, a multiple of 512.\n";
        assert.ok((await ok("volume create 500MB --number 70")).endsWith(note));
        assert.equal((await fixture.json<Volume>("volume show rd70")).size, 500_000_256);
        assert.ok((await ok("volume resize rd70 501MB")).includes("501MB was rounded up to 501000192 bytes"));
        assert.ok(!(await ok("volume resize rd70 512M")).includes("rounded"));
        await ok("volume remove rd70");
    });

    it("stops quietly when nobody reads on", async () => {
        const command = `${process.execPath} ${fixture.program} stats --watch 0.1 --count 50`;
        const { status, stdout, stderr } = await fixture.shell(`(${command}; echo ended with $? >&2) | head -1`);
        assert.deepEqual([status, stdout, stderr], [0, "No volumes.\n", "ended with 0\n"]);
    });

    it("gives a service up that does not answer, with the status of one that is not there", async () => {
        fixture.signal("SIGSTOP");
        try {
            const lines = ["list", "status --json", "volume create 4M", "forget c"];
            const runs = lines.map((line) => fixture.rapiddisk(line, { timeoutMs: 110_000 }));
            for (const { status, stdout, stderr } of await Promise.all(runs)) {
                assert.deepEqual([status, stdout], [7, ""], stderr);
                assert.match(stderr, /The service did not answer\./);
            }
        } finally {
            fixture.signal("SIGCONT");
        }
    });
});

describe("rapiddisk without a service", function () {
    it("says that the bus, or the service, cannot be reached", async function () {
        needsRoot(this);
        const { startBus, bundle } = await import("../harness/index.js");
        const bus = await startBus();
        try {
            const program = await bundle("service/src/cli/main.ts", bus.directory);
            const lonely = await bus.run([process.execPath, program, "list"]);
            assert.deepEqual([lonely.status, lonely.stdout], [7, ""]);
            assert.match(lonely.stderr, /systemctl start rapiddiskd/);
            const old = await bus.run([process.execPath, program, "-l"]);
            assert.deepEqual([old.status, old.stdout], [255, ""]);
            const nothing = await bus.run([
                "/usr/bin/env",
                "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent",
                process.execPath,
                program,
                "list",
            ]);
            assert.equal(nothing.status, 7);
            assert.match(nothing.stderr, /bus cannot be reached/);
        } finally {
            await bus.stop();
        }
    });
});
