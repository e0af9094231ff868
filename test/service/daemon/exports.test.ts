// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** NVMe ports and exports through the real daemon, bus and polkitd, over a simulated kernel. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { generateKey } from "../../../service/src/hostkey.js";
import { managedObjects, BusObjects, treeText } from "../../contract/dbus/busobjects.js";
import { bundle, needsRoot, nobody } from "../harness/index.js";
import type { SavedState } from "../../../service/src/model/storage.js";
import { HOST, NQN, OTHER_HOST, sameSerial } from "../../unit/model/exports.js";
import { refusals } from "./exportrefusals.js";
import { call, MIB, prepareDaemon, refusal, ROOT, type Service, type DaemonFixture, until } from "./fixture.js";

const EXPORT = `${ROOT}/exports/nqn_2e2021_2d06_2eorg_2erapiddisk_3atest_2drd0`;
const PORT = `${ROOT}/ports/1`;
const ASK = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
const RULES = `
polkit.addRule(function (action, subject) {
    if (action.id === "org.rapiddisk.manager.export-create" && action.lookup("export.device") === "/dev/rd0") {
        return polkit.Result.YES;
    }
});
`;

const text = (value: string): Variant => new Variant("s", value);
const texts = (...values: string[]): Variant => new Variant("as", values);
const yes = new Variant("b", true);

describe("NVMe ports and exports on the bus", function () {
    let fixture: DaemonFixture;
    let service: Service;

    before(async function () {
        needsRoot(this);
        fixture = await prepareDaemon(RULES);
        chmodSync(fixture.directory, 0o755);
        service = await fixture.start();
        for (let count = 0; count < 3; count++) {
            await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), { persist: yes }]);
        }
    });
    after(() => fixture?.stop());

    const port = async (id: number, transport: string, address: string, options = {}): Promise<unknown> =>
        (await call(fixture.client, ROOT, "", "CreatePort", "ussa{sv}", [id, transport, address, options]))[0];
    const exporting = async (device: string, options: Record<string, Variant>): Promise<unknown> =>
        (await call(fixture.client, ROOT, "", "CreateExport", "sa{sv}", [device, options]))[0];
    const on = (member: string, signature: string, ...args: unknown[]): Promise<unknown[]> =>
        call(fixture.client, EXPORT, "Export", member, signature, args);
    const property = async (path: string, iface: string, name: string): Promise<unknown> =>
        (await managedObjects(fixture.client)).get(path)?.get(`org.rapiddisk.Manager.${iface}`)?.get(name)?.value;

    it("need the target's module, and say which; LoadModules loads it", async () => {
        const error = await refusal(port(0, "loop", ""));
        assert.equal(error.name, "org.rapiddisk.Manager.Error.NotSupported");
        assert.match(error.message, /nvmet is not loaded.*load the missing modules/);
        const other = await refusal(exporting("rd0", { nqn: text(NQN) }));
        assert.equal(other.name, "org.rapiddisk.Manager.Error.NotSupported");
        const [loaded] = await call(fixture.client, ROOT, "", "LoadModules", "a{sv}", [{}]);
        assert.deepEqual(loaded, ["dm_writecache", "nvmet", "nvmet_tcp", "nvme_loop"]);
        const features = (await property(ROOT, "", "Features")) ?? [];
        assert.ok(Array.isArray(features));
    });

    it("are made, shown and told of before the reply", async () => {
        const seen = await BusObjects.follow(fixture.client);
        assert.equal(await port(1, "tcp", "192.0.2.10"), PORT);
        assert.equal(await port(0, "loop", ""), `${ROOT}/ports/2`);
        assert.equal(await exporting("/dev/rd0", { nqn: text(NQN), hosts: texts(HOST), "no-key": yes }), EXPORT);
        assert.equal(seen.text(), treeText(await managedObjects(fixture.client)));
        assert.deepEqual(await property(`${ROOT}/volumes/rd0`, "Volume", "Users"), [`exported as ${NQN}`]);
        assert.deepEqual(await property(PORT, "Port", "Exports"), [EXPORT]);
        assert.equal(await property(PORT, "Port", "Interface"), "eth0");
        assert.deepEqual(await property(EXPORT, "Export", "Ports"), [PORT, `${ROOT}/ports/2`]);
        assert.equal(await property(EXPORT, "Export", "Backing"), `${ROOT}/volumes/rd0`);
        assert.equal(await property(EXPORT, "Export", "Managed"), true);
        for (const [name, expected] of [
            [NQN, EXPORT],
            ["1", PORT],
        ]) {
            assert.deepEqual(await call(fixture.client, ROOT, "", "Resolve", "s", [name]), [expected]);
        }
        const [ports] = (await call(fixture.client, ROOT, "", "ListPorts", "", [])) as [Map<string, Variant>[]];
        assert.deepEqual(
            ports.map((row) => row.get("path")?.value),
            [PORT, `${ROOT}/ports/2`],
        );
        const [exports] = (await call(fixture.client, ROOT, "", "ListExports", "", [])) as [Map<string, Variant>[]];
        assert.deepEqual(exports[0]?.get("AllowedHosts")?.value, [HOST]);
    });

    it("keep the volume from being removed, erased, locked and shrunk, but not from growing", async () => {
        const volume = `${ROOT}/volumes/rd0`;
        for (const [member, signature, args] of [
            ["Remove", "a{sv}", [{}]],
            ["Erase", "a{sv}", [{}]],
            ["SetReadOnly", "ba{sv}", [true, {}]],
            ["Resize", "ta{sv}", [BigInt(MIB), {}]],
        ] as const) {
            const error = await refusal(call(fixture.client, volume, "Volume", member, signature, args));
            assert.equal(error.name, "org.rapiddisk.Manager.Error.Busy", member);
            assert.match(error.message, new RegExp(`exported as ${NQN}`));
        }
        await service.sim.call("steps.resetSteps");
        await call(fixture.client, volume, "Volume", "Resize", "ta{sv}", [BigInt(128 * MIB), {}]);
        const steps = (await service.sim.call("steps.log")) as { verb: string; target: string }[];
        assert.ok(
            steps.some(({ target }) => target === `revalidate_size of namespace 1 of ${NQN}`),
            "no host was told",
        );
        await on("SetEnabled", "ba{sv}", false, {});
        const error = await refusal(call(fixture.client, volume, "Volume", "Remove", "a{sv}", [{}]));
        assert.match(error.message, /switched off/);
        await on("SetEnabled", "ba{sv}", true, {});
    });

    const removePort = (): Promise<unknown> => call(fixture.client, PORT, "Port", "Remove", "a{sv}", [{}]);
    for (const [what, name, attempt, message] of refusals({ port, exporting, on, removePort })) {
        it(`refuse ${what} with ${name}, and nothing changes`, async () => {
            const before = treeText(await managedObjects(fixture.client));
            const error = await refusal(attempt());
            assert.equal(error.name, `org.rapiddisk.Manager.Error.${name}`, error.message);
            assert.match(error.message, message);
            assert.equal(treeText(await managedObjects(fixture.client)), before);
        });
    }

    it("refuse the serial number of another, no matter who chose it", async () => {
        const serial = (await property(EXPORT, "Export", "Serial")) as string;
        const error = await refusal(exporting("rd1", { hosts: texts(HOST), serial: text(serial) }));
        assert.equal(error.name, "org.rapiddisk.Manager.Error.Busy");
        assert.equal(error.message, sameSerial(serial, NQN));
    });

    it("a denied host is disconnected: every port link is taken away and put back", async () => {
        await on("AllowHost", "sa{sv}", OTHER_HOST, { "no-key": yes });
        await service.sim.call("steps.resetSteps");
        await on("DenyHost", "sa{sv}", OTHER_HOST, {});
        const steps = (await service.sim.call("steps.log")) as { verb: string; target: string }[];
        assert.deepEqual(
            steps.map(({ verb, target }) => `${verb} ${target}`),
            [
                `nvmetRemove ${NQN} on port 1`,
                `nvmetRemove ${NQN} on port 2`,
                `nvmetRemove host ${OTHER_HOST} in the list of ${NQN}`,
                `nvmetCreate ${NQN} on port 1`,
                `nvmetCreate ${NQN} on port 2`,
                `nvmetRemove host ${OTHER_HOST}`,
            ],
        );
    });

    it("keys reach the kernel and the private file, and nothing else", async () => {
        const [key, controllerKey] = [generateKey(), generateKey()];
        await on("AllowHost", "sa{sv}", OTHER_HOST, {
            key: text(key),
            "controller-key": text(controllerKey),
            hash: text("sha512"),
        });
        assert.deepEqual(await service.sim.call("nvmetKeys", OTHER_HOST), [key, controllerKey, "hmac(sha512)", "null"]);
        assert.deepEqual(await property(EXPORT, "Export", "AuthenticatedHosts"), [OTHER_HOST]);
        await on("SetPersistent", "ba{sv}", true, {});
        const folder = join(fixture.directory, "state", "keys");
        const [file] = readdirSync(folder);
        assert.equal(statSync(folder).mode & 0o777, 0o700);
        assert.equal(statSync(join(folder, file ?? "")).mode & 0o777, 0o600);
        assert.ok(readFileSync(join(folder, file ?? ""), "utf8").includes(key));
        const again = generateKey();
        const broken = again.replace(/.{8}:$/, "AAAAAAA=:");
        for (const bad of [broken, "DHHC-1:09:AAAA:", again.slice(0, -9)]) {
            const error = await refusal(on("SetHostKeys", "sa{sv}", OTHER_HOST, { key: text(bad) }));
            assert.equal(error.name, "org.rapiddisk.Manager.Error.InvalidArgument");
            assert.ok(!error.message.includes(bad.slice(10, 30)), "the error repeats the key");
        }
        await on("SetHostKeys", "sa{sv}", OTHER_HOST, { key: text(again) });
        assert.ok(readFileSync(join(folder, file ?? ""), "utf8").includes(again), "the saved key is the old one");
        const busy = await refusal(on("SetAllowAnyHost", "ba{sv}", true, {}));
        assert.equal(busy.name, "org.rapiddisk.Manager.Error.Busy");
        const [xml] = await fixture.client.call(
            {
                destination: "org.rapiddisk.Manager",
                path: EXPORT,
                interface: "org.freedesktop.DBus.Introspectable",
                member: "Introspect",
            },
            "",
            [],
        );
        const shown = [
            service.log(),
            treeText(await managedObjects(fixture.client)),
            String(xml),
            readFileSync(join(fixture.directory, "state", "state.json"), "utf8"),
            execFileSync("ps", ["axww", "-o", "args"], { encoding: "utf8" }),
        ].join("\n");
        for (const secret of [key, controllerKey, again]) {
            assert.ok(!shown.includes(secret.slice(10, 40)), "a key is shown somewhere");
        }
        // Keys are the host's: changed by way of another export, they are saved for this one.
        const third = generateKey();
        const second = `${ROOT}/exports/nqn_2e2014_2d08_2eorg_2eexample_3asecond`;
        await exporting("rd2", {
            nqn: text("nqn.2014-08.org.example:second"),
            hosts: texts(OTHER_HOST),
            ports: texts(),
        });
        await call(fixture.client, second, "Export", "SetHostKeys", "sa{sv}", [OTHER_HOST, { key: text(third) }]);
        assert.ok(readFileSync(join(folder, file ?? ""), "utf8").includes(third), "the saved key is the old one");
        await call(fixture.client, second, "Export", "Remove", "a{sv}", [{}]);
        await on("SetHostKeys", "sa{sv}", OTHER_HOST, { clear: yes });
        assert.deepEqual(await service.sim.call("nvmetKeys", OTHER_HOST), ["", "", "hmac(sha256)", "null"]);
        assert.deepEqual(readdirSync(folder), []);
        await on("SetPersistent", "ba{sv}", false, {});
        await on("DenyHost", "sa{sv}", OTHER_HOST, {});
    });

    it("who is connected is told where it is known, and the statistics are those of the device", async () => {
        await service.sim.call("setSessions", {
            tcp: [
                { address: "192.0.2.10", port: 4420, peer: "192.0.2.77" },
                { address: "192.0.2.10", port: 22, peer: "192.0.2.99" },
            ],
            loop: [{ nqn: NQN, host: HOST }],
        });
        const [rows] = (await on("GetConnections", "a{sv}", {})) as [Map<string, Variant>[]];
        const told = rows.map((row) => Object.fromEntries([...row].map(([key, { value }]) => [key, value])));
        assert.deepEqual(told, [
            { port: 1, transport: "tcp", known: true, exclusive: true, hosts: ["192.0.2.77"] },
            { port: 2, transport: "loop", known: true, exclusive: true, hosts: [HOST] },
        ]);
        await service.sim.call("setIoCounters", "rd0", { readIos: 7 });
        const [statistics] = (await on("GetStatistics", "a{sv}", {})) as [Map<string, Variant>];
        assert.equal(statistics.get("read_ios")?.value, 7n);
    });

    it("what others build shows up as theirs within 2 s, can be removed by name, and goes when they remove it", async () => {
        const nqn = "nqn.2014-08.org.example:theirs";
        const path = `${ROOT}/exports/nqn_2e2014_2d08_2eorg_2eexample_3atheirs`;
        const subsystem = { kind: "subsystem", nqn };
        const namespace = { kind: "namespace", nqn, id: 7 };
        await service.sim.call("otherNvmetCreate", subsystem);
        await service.sim.call("otherNvmetCreate", namespace);
        await service.sim.call("otherNvmetWrite", namespace, "device_path", "/dev/rd1");
        await service.sim.call("otherNvmetWrite", namespace, "enable", "1");
        await until("a foreign export", async () => (await property(path, "Export", "Enabled")) === true);
        assert.equal(await property(path, "Export", "Managed"), false);
        assert.equal(await property(path, "Export", "NamespaceId"), 7);
        assert.equal(await property(path, "Export", "Backing"), `${ROOT}/volumes/rd1`);
        await call(fixture.client, path, "Export", "Remove", "a{sv}", [{}]);
        assert.equal((await managedObjects(fixture.client)).has(path), false);
        await service.sim.call("otherNvmetCreate", subsystem);
        await until("a foreign subsystem", async () => (await managedObjects(fixture.client)).has(path));
        await service.sim.call("otherNvmetRemove", subsystem);
        await until("its removal", async () => !(await managedObjects(fixture.client)).has(path));
    });

    it("a user who may nothing reads all of it, and is asked for each change; any host is asked for in addition", async () => {
        const caller = await bundle(fileURLToPath(new URL("./caller.ts", import.meta.url)), fixture.directory);
        const asNobody = async (...calls: unknown[]): Promise<{ out?: unknown[]; error?: string }[]> => {
            const argv = [process.execPath, caller, JSON.stringify(calls)];
            const { stdout } = await fixture.bus.run(argv, { uid: nobody });
            return stdout
                .trim()
                .split("\n")
                .map((line) => JSON.parse(line) as { out?: unknown[]; error?: string });
        };
        const before = treeText(await managedObjects(fixture.client));
        const changes = await asNobody(
            [ROOT, "", "CreatePort", "ussa{sv}", [0, "loop", "", {}]],
            [PORT, "Port", "SetPersistent", "ba{sv}", [true, {}]],
            [ROOT, "", "CreateExport", "sa{sv}", ["rd1", {}]],
            [EXPORT, "Export", "AllowHost", "sa{sv}", [OTHER_HOST, {}]],
            [EXPORT, "Export", "DenyHost", "sa{sv}", [HOST, {}]],
            [EXPORT, "Export", "SetAllowAnyHost", "ba{sv}", [true, {}]],
            [EXPORT, "Export", "SetEnabled", "ba{sv}", [false, {}]],
            [EXPORT, "Export", "RemovePort", "ua{sv}", [1, {}]],
            [EXPORT, "Export", "Remove", "a{sv}", [{}]],
        );
        const names = changes.map(({ error }) => error);
        // The third is refused for what it is before anybody is asked: any host on an open port.
        const invalid = "org.rapiddisk.Manager.Error.InvalidArgument";
        assert.deepEqual(names, [ASK, ASK, invalid, ASK, ASK, ASK, ASK, ASK, ASK]);
        const readers = await asNobody(
            [ROOT, "", "ListPorts", "", []],
            [ROOT, "", "ListExports", "", []],
            [EXPORT, "Export", "GetConnections", "a{sv}", [{}]],
            [EXPORT, "Export", "GetStatistics", "a{sv}", [{}]],
        );
        assert.deepEqual(
            readers.map(({ error }) => error),
            [undefined, undefined, undefined, undefined],
        );
        assert.equal(treeText(await managedObjects(fixture.client)), before);
        await on("Remove", "a{sv}", {});
        const [named, any] = await asNobody(
            [ROOT, "", "CreateExport", "sa{sv}", ["rd0", { nqn: ["s", NQN], hosts: ["as", [HOST]] }]],
            [ROOT, "", "CreateExport", "sa{sv}", ["rd0", { nqn: ["s", NQN], ports: ["as", ["2"]] }]],
        );
        assert.deepEqual(named?.out, [EXPORT]);
        assert.equal(any?.error, "org.rapiddisk.Manager.Error.AlreadyExists");
        await on("Remove", "a{sv}", {});
        const [alone] = await asNobody([
            ROOT,
            "",
            "CreateExport",
            "sa{sv}",
            ["rd0", { nqn: ["s", NQN], ports: ["as", ["2"]] }],
        ]);
        assert.equal(alone?.error, ASK, "any host needs its own permission");
    });

    it("are there again after a kill, with the same identity and keys; Restore makes what is missing", async () => {
        const key = generateKey();
        await exporting("rd0", { nqn: text(NQN), "allow-any-host": new Variant("b", false), persist: yes });
        await on("AllowHost", "sa{sv}", HOST, { key: text(key) });
        const uuid = await property(EXPORT, "Export", "Uuid");
        await service.kill();
        service = await fixture.start();
        assert.equal(await property(EXPORT, "Export", "Managed"), true);
        assert.equal(await property(EXPORT, "Export", "Persistent"), true);
        // As after a reboot: the target is empty, the saved state is not.
        for (const node of [
            { kind: "port-link", port: 1, nqn: NQN },
            { kind: "port-link", port: 2, nqn: NQN },
            { kind: "allowed-host", nqn: NQN, host: HOST },
            { kind: "host", host: HOST },
            { kind: "port", id: 1 },
            { kind: "port", id: 2 },
        ]) {
            await service.sim.call("otherNvmetRemove", node);
        }
        await service.sim.call("otherNvmetWrite", { kind: "namespace", nqn: NQN, id: 1 }, "enable", "0");
        await service.sim.call("otherNvmetRemove", { kind: "namespace", nqn: NQN, id: 1 });
        await service.sim.call("otherNvmetRemove", { kind: "subsystem", nqn: NQN });
        await until("the loss", async () => !(await managedObjects(fixture.client)).has(EXPORT));
        const [made, failed] = await call(fixture.client, ROOT, "", "Restore", "a{sv}", [{}]);
        assert.deepEqual([made, failed], [["port 1", "port 2", NQN], []]);
        assert.equal(await property(EXPORT, "Export", "Uuid"), uuid);
        assert.deepEqual(await property(EXPORT, "Export", "AuthenticatedHosts"), [HOST]);
        assert.equal(((await service.sim.call("nvmetKeys", HOST)) as string[])[0], key);
        await on("Remove", "a{sv}", {});
        await exporting("rd0", { nqn: text(NQN), hosts: texts(HOST) });
        assert.equal(await property(EXPORT, "Export", "Uuid"), uuid, "another identity after unexport and export");
        await on("Remove", "a{sv}", {});
        await call(fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Erase", "a{sv}", [{}]);
        await exporting("rd0", { nqn: text(NQN), hosts: texts(HOST) });
        assert.notEqual(await property(EXPORT, "Export", "Uuid"), uuid, "the same identity for other contents");
    });

    it("a port that is saved for the sake of exports goes with the last of them, one that is saved itself stays", async () => {
        const saved = (): unknown =>
            (
                JSON.parse(readFileSync(join(fixture.directory, "state", "state.json"), "utf8")) as SavedState
            ).target?.ports
                .map(({ id }) => id)
                .sort();
        const persistent = (id: number): Promise<unknown> => property(`${ROOT}/ports/${id}`, "Port", "Persistent");
        const closed = { "allow-any-host": new Variant("b", false) };
        const other = { nqn: text(`${NQN}-other`), ports: texts("2"), persist: yes, ...closed };
        const otherPath = `${EXPORT}_2dother`;
        const elsewhere = (member: string, signature: string, ...args: unknown[]): Promise<unknown[]> =>
            call(fixture.client, otherPath, "Export", member, signature, args);
        await on("Remove", "a{sv}", {});
        for (const id of [1, 2]) {
            await call(fixture.client, `${ROOT}/ports/${id}`, "Port", "SetPersistent", "ba{sv}", [false, {}]);
        }
        assert.deepEqual(saved(), []);
        await exporting("rd0", { nqn: text(NQN), ports: texts("1"), ...closed });
        await on("AddPort", "ua{sv}", 2, {});
        assert.deepEqual(saved(), [], "a port is saved for an export that is not");
        await on("RemovePort", "ua{sv}", 2, {});
        await on("SetPersistent", "ba{sv}", true, {});
        assert.deepEqual(saved(), [1]);
        await on("AddPort", "ua{sv}", 2, {});
        await exporting("rd1", other);
        assert.deepEqual(saved(), [1, 2]);
        assert.deepEqual([await persistent(1), await persistent(2)], [true, true]);
        const error = await refusal(
            call(fixture.client, `${ROOT}/ports/2`, "Port", "SetPersistent", "ba{sv}", [false, {}]),
        );
        assert.equal(error.name, "org.rapiddisk.Manager.Error.Busy");
        await on("RemovePort", "ua{sv}", 2, {});
        assert.deepEqual(saved(), [1, 2], "the other export needs it still");
        await elsewhere("Remove", "a{sv}", {});
        assert.deepEqual(saved(), [1]);
        assert.equal(await persistent(2), false, "the port stays as it is, but is not saved any more");
        await call(fixture.client, PORT, "Port", "SetPersistent", "ba{sv}", [true, {}]);
        await on("SetPersistent", "ba{sv}", false, {});
        assert.deepEqual(saved(), [1], "it was asked for on its own");
        await call(fixture.client, PORT, "Port", "SetPersistent", "ba{sv}", [false, {}]);
        assert.deepEqual(saved(), []);
    });

    it("a change of a saved export that fails leaves what is saved as it was", async () => {
        const state = (): string => readFileSync(join(fixture.directory, "state", "state.json"), "utf8");
        await on("SetPersistent", "ba{sv}", true, {});
        const before = state();
        await service.sim.call("steps.failVerb", "nvmetWrite", "EIO");
        const error = await refusal(on("Remove", "a{sv}", {}));
        assert.match(error.message, /EIO/);
        assert.deepEqual(JSON.parse(state()), JSON.parse(before), "the port is not saved with its export any more");
        assert.equal(await property(PORT, "Port", "Persistent"), true);
    });

    it("a creation that is killed between two steps is taken apart by the next start", async () => {
        await on("Remove", "a{sv}", {});
        await service.kill();
        const first = await fixture.startFaulty("8:kill:after");
        await assert.rejects(exporting("rd0", { nqn: text(NQN), hosts: texts(HOST, OTHER_HOST) }));
        await first.ended();
        service = await fixture.start();
        assert.match(
            service.log(),
            /export-create of .* was interrupted in step .*: what was made of it was taken apart/,
        );
        assert.equal((await managedObjects(fixture.client)).has(EXPORT), false);
        assert.deepEqual(await property(`${ROOT}/volumes/rd0`, "Volume", "Users"), []);
        const [made, failed] = await call(fixture.client, ROOT, "", "Restore", "a{sv}", [{}]);
        assert.deepEqual([made, failed], [[], []]);
    });
});
