// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The service and rapiddisk-restore beside each other and one after the other: only one acts on what is left and saved. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { managedObjects } from "../../contract/dbus/busobjects.js";
import { bundle, needsRoot, outputLine, type RunResult } from "../harness/index.js";
import { HOST, KEY, NQN, OTHER_HOST } from "../../unit/model/exports.js";
import { call, MIB, prepareDaemon, RemoteSim, ROOT, standard, type DaemonFixture } from "./fixture.js";

const RESTORE = fileURLToPath(new URL("../../../service/src/daemon/restoremain.ts", import.meta.url));
const FAULTY_RESTORE = fileURLToPath(new URL("faultyrestore.ts", import.meta.url));
const persist = { persist: new Variant("b", true) };

describe("the service and rapiddisk-restore", function () {
    let fixture: DaemonFixture;
    let restore: () => Promise<RunResult>;
    /** Runs it with a fault of its simulated kernel, see faults.ts. */
    let restoreFaulty: (fault: string) => Promise<RunResult>;

    beforeEach(async function () {
        needsRoot(this);
        fixture = await prepareDaemon();
        const program = await bundle(RESTORE, fixture.directory);
        const { directory } = fixture;
        const run = (bundled: string, ...args: string[]): Promise<RunResult> =>
            fixture.bus.run([
                process.execPath,
                bundled,
                ...standard(directory),
                `--sim-control=${join(directory, "restore-control")}`,
                "--wait=0",
                ...args,
            ]);
        restore = () => run(program);
        restoreFaulty = async (fault) => run(await bundle(FAULTY_RESTORE, directory), `--sim-fault=${fault}`);
    });
    afterEach(() => fixture?.stop());

    const create = (size: number, options: object): Promise<unknown[]> =>
        call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(size), options]);

    it("as they are installed, neither can be given a fault", async () => {
        for (const name of ["main.cjs", "restoremain.cjs"]) {
            const program = join(fixture.directory, name);
            const command = [process.execPath, program, ...standard(fixture.directory), "--sim-fault=1:kill:after"];
            const { status, stderr } = await fixture.bus.run(command);
            assert.equal(status, 1, name);
            assert.match(stderr, /could not go on: Unknown option '--sim-fault'/, name);
        }
    });

    it("a second service does not start beside one that is at work, and touches nothing of what that has begun", async () => {
        const first = await fixture.startFaulty("2:hang:before");
        await create(MIB, persist);
        const resize = call(fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Resize", "ta{sv}", [BigInt(2 * MIB), {}]);
        resize.catch(() => undefined);
        const notes = join(fixture.directory, "run", "intents");
        while (readdirSync(notes).length === 0) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        const control = `--sim-control=${join(fixture.directory, "second-control")}`;
        const { status, stderr } = await fixture.bus.run([
            process.execPath,
            fixture.program,
            ...standard(fixture.directory),
            control,
        ]);
        assert.equal(status, 1);
        assert.match(stderr, new RegExp(`rapiddiskd \\(process ${first.process.pid}\\) works with .*/run already`));
        assert.equal(readdirSync(notes).length, 1);
        await first.kill();
    });

    it("rapiddisk-restore has a service that is at work restore, so that what is made is the service's own", async () => {
        const service = await fixture.start();
        await create(MIB, persist);
        await service.sim.call("otherDetach", 0);
        const { status, stderr } = await restore();
        assert.equal(status, 0, stderr);
        assert.match(
            stderr,
            new RegExp(`rapiddiskd \\(process ${service.process.pid}\\) is at work and is asked to restore`),
        );
        assert.match(stderr, /rd0 was restored/);
        const made = (await managedObjects(fixture.client))
            .get(`${ROOT}/volumes/rd0`)
            ?.get("org.rapiddisk.Manager.Volume");
        assert.equal(made?.get("Managed")?.value, true);
        assert.equal(made?.get("Persistent")?.value, true);
        await service.kill();
    });

    it("rapiddisk-restore does not wait for a service that does not answer", async () => {
        const service = await fixture.start();
        await create(MIB, persist);
        service.process.kill("SIGSTOP");
        const { status, stderr } = await restore();
        service.process.kill("SIGCONT");
        assert.equal(status, 1);
        assert.match(stderr, new RegExp(`rapiddiskd \\(process ${service.process.pid}\\) does not answer, so that`));
        await service.kill();
    });

    it("rapiddisk-restore ends with what the service says of an object that cannot be made", async () => {
        const service = await fixture.start();
        await create(MIB, persist);
        await service.sim.call("otherDetach", 0);
        await service.sim.call("otherAttach", 0, 2 * MIB);
        const { status, stderr } = await restore();
        assert.equal(status, 1);
        assert.match(
            stderr,
            /rd0 was not restored: rd0 is another volume: it is there with 2097152 bytes, saved are 1048576/,
        );
        await service.kill();
    });

    it("a service waits for rapiddisk-restore, and goes on when that was killed", async () => {
        const first = await fixture.start();
        await create(MIB, persist);
        await first.sim.call("otherDetach", 0);
        await first.sim.call("otherAttach", 0, 2 * MIB);
        await first.kill();
        const spawn = (program: string, control: string, ...args: string[]): ChildProcess =>
            fixture.bus.spawn([
                process.execPath,
                join(fixture.directory, program),
                ...standard(fixture.directory),
                `--sim-control=${join(fixture.directory, control)}`,
                ...args,
            ]);
        const restoring = spawn("restoremain.cjs", "restore-control", "--wait=60");
        const holder = `rapiddisk-restore ${restoring.pid}\n`;
        while (readFileSync(join(fixture.directory, "run", "lock"), "utf8") !== holder) {
            await new Promise((resolve) => setImmediate(resolve));
        }
        const second = spawn("main.cjs", "control");
        await outputLine(second, "stderr", new RegExp(`Waiting for rapiddisk-restore \\(process ${restoring.pid}\\)`));
        const serves = outputLine(second, "stderr", /serves 1 volumes/);
        restoring.kill("SIGKILL");
        await serves;
    });

    it("rapiddisk-restore waits as long as it was told, wherever somebody sets the clock meanwhile", async () => {
        const first = await fixture.start();
        await create(MIB, persist);
        await first.sim.call("otherDetach", 0);
        await first.sim.call("otherAttach", 0, 2 * MIB);
        await first.kill();
        // Each look at the clock finds it a year later; each wait is told.
        const clock = `const now = Date.now, timers = require("node:timers/promises"), wait = timers.setTimeout;
            let years = 0;
            Date.now = () => now() + years++ * 365 * 86_400_000;
            timers.setTimeout = (...args) => (console.error("waits"), wait(...args));`;
        const preload = join(fixture.directory, "clock.cjs");
        writeFileSync(preload, clock);
        const control = join(fixture.directory, "restore-control");
        const restoring = fixture.bus.spawn([
            process.execPath,
            `--require=${preload}`,
            join(fixture.directory, "restoremain.cjs"),
            ...standard(fixture.directory),
            `--sim-control=${control}`,
            "--wait=600",
        ]);
        const restored = outputLine(restoring, "stderr", /rd0 was restored/);
        await outputLine(restoring, "stderr", /waits\n/);
        const sim = await RemoteSim.open(control);
        await sim.call("otherDetach", 0);
        sim.close();
        await restored;
    });

    it("rapiddisk-restore that is killed forgets nothing, and the next one makes it as it was saved", async () => {
        const first = await fixture.start();
        await create(MIB, persist);
        await call(fixture.client, `${ROOT}/volumes/rd0`, "Volume", "SetReadOnly", "ba{sv}", [true, {}]);
        await first.sim.call("otherDetach", 0);
        await first.kill();
        const file = join(fixture.directory, "state", "state.json");
        const saved = readFileSync(file, "utf8");
        for (const fault of ["1:kill:before", "1:kill:after", "2:kill:before", "2:kill:after"]) {
            const killed = await restoreFaulty(fault);
            assert.equal(killed.status, null, `${fault}: ${killed.stderr}`);
            const { status, stderr } = await restore();
            assert.equal(status, 0, stderr);
            assert.equal(readFileSync(file, "utf8"), saved, fault);
            const service = await fixture.start();
            const made = (await managedObjects(fixture.client))
                .get(`${ROOT}/volumes/rd0`)
                ?.get("org.rapiddisk.Manager.Volume");
            const shown = ["ReadOnly", "Persistent", "Size"].map((name) => made?.get(name)?.value);
            assert.deepEqual(shown, [true, true, BigInt(MIB)], fault);
            await service.sim.call("otherDetach", 0);
            await service.kill();
        }
    });

    it("a state of another format costs no keys, and is named as that", async () => {
        const first = await fixture.start();
        await first.sim.call("setModule", "nvmet", { loaded: true });
        await create(MIB, persist);
        await create(MIB, {});
        const exported = async (volume: string, nqn: string, host: string, more: object): Promise<string> => {
            const options = { nqn: new Variant("s", nqn), hosts: new Variant("as", [host]), ...more };
            const [path] = await call(fixture.client, ROOT, "", "CreateExport", "sa{sv}", [
                `${ROOT}/volumes/${volume}`,
                options,
            ]);
            return path as string;
        };
        const saved = await exported("rd0", NQN, HOST, persist);
        const other = await exported("rd1", `${NQN}-other`, OTHER_HOST, {});
        const keys = [HOST, new Map([["key", new Variant("s", KEY)]])];
        await call(fixture.client, saved, "Export", "SetHostKeys", "sa{sv}", keys);
        await first.kill();
        const folder = join(fixture.directory, "state");
        const text = readFileSync(join(folder, "state.json"), "utf8");
        writeFileSync(join(folder, "state.json"), text.replace('"format": 1', '"format": 2'));
        const second = await fixture.start();
        const [problems] = await fixture.client.call(
            {
                destination: "org.rapiddisk.Manager",
                path: ROOT,
                interface: "org.freedesktop.DBus.Properties",
                member: "Get",
            },
            "ss",
            ["org.rapiddisk.Manager", "Problems"],
        );
        assert.match(
            ((problems as Variant).value as string[]).join(),
            /has the format 2, of a newer version of RapidDisk Manager; this one reads the format 1/,
        );
        await call(fixture.client, other, "Export", "Remove", "a{sv}", [{}]);
        assert.equal(readdirSync(join(folder, "keys")).length, 1);
        await second.kill();
        writeFileSync(join(folder, "state.json"), text);
        const third = await fixture.start();
        const shown = (await managedObjects(fixture.client)).get(saved)?.get("org.rapiddisk.Manager.Export");
        assert.deepEqual(
            ["Persistent", "AuthenticatedHosts"].map((name) => shown?.get(name)?.value),
            [true, [HOST]],
        );
        await third.kill();
    });
});
