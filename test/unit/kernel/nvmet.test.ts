// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createReadStream, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { KernelPort } from "../../../service/src/kernel/index.js";
import { endpoint, interfaceOf } from "../../../service/src/kernel/nvmet/network.js";
import { NvmetVerbs } from "../../../service/src/kernel/nvmet/verbs.js";
import { Paths } from "../../../service/src/kernel/paths.js";
import { RootFixture } from "./fixture.js";

const NVMET = "sys/kernel/config/nvmet";
const NQN = "nqn.2021-06.org.example:a";
const HOST = "nqn.2014-08.org.example:host";

describe("the NVMe target", () => {
    let root: RootFixture;
    let kernel: KernelPort;

    beforeEach(() => {
        root = new RootFixture();
        kernel = root.kernel();
    });
    afterEach(async () => {
        await kernel.close();
        root.remove();
    });

    it("that is not there is empty, has no features, and refuses every change by name", async () => {
        assert.deepEqual(await kernel.readNvmet(), { present: false, subsystems: [], ports: [], hosts: [] });
        assert.deepEqual(await kernel.nvmetFeatures(), { auth: false, tls: false, tlshd: false });
        await assert.rejects(
            kernel.nvmetCreate({ kind: "port", id: 1 }),
            /create port 1: the module nvmet is not loaded/,
        );
    });

    it("refuses what comes behind a step that hangs as busy, also what waited for it, and goes on when it has ended", async () => {
        mkdirSync(join(root.root, NVMET, "subsystems", NQN), { recursive: true });
        mkdirSync(join(root.root, NVMET, "ports"));
        const hanging = join(root.root, NVMET, "subsystems", NQN, "attr_serial");
        // Nobody reads it: to open it for writing waits, as the kernel does for a dead disk.
        execFileSync("mkfifo", [hanging]);
        const verbs = new NvmetVerbs(new Paths(root.root), 1);
        const first = verbs.write({ kind: "subsystem", nqn: NQN }, "attr_serial", "1");
        const waiting = verbs.create({ kind: "port", id: 1 });
        await assert.rejects(first, { errno: "ETIMEDOUT" });
        const busy = { errno: "EBUSY", message: /the kernel still waits in the step before, to set attr_serial/ };
        await assert.rejects(waiting, busy);
        await assert.rejects(verbs.create({ kind: "port", id: 2 }), busy);
        const reader = createReadStream(hanging);
        await new Promise<void>((resolve) => reader.on("data", () => undefined).on("close", () => resolve()));
        const patient = new NvmetVerbs(new Paths(root.root));
        await patient.create({ kind: "port", id: 3 });
        assert.deepEqual(readdirSync(join(root.root, NVMET, "ports")), ["3"]);
    });

    it("is read whole: links by what they point to, unset paths as none, keys only as set or not, probes not at all", async () => {
        root.file(`${NVMET}/subsystems/${NQN}/attr_allow_any_host`, "0\n");
        root.file(`${NVMET}/subsystems/${NQN}/attr_serial`, "123\n");
        root.file(`${NVMET}/subsystems/${NQN}/attr_model`, "Linux\n");
        root.file(`${NVMET}/subsystems/${NQN}/namespaces/10/device_path`, "(null)\n");
        root.file(`${NVMET}/subsystems/${NQN}/namespaces/10/enable`, "0\n");
        root.file(`${NVMET}/subsystems/${NQN}/namespaces/2/device_path`, "/dev/rd0\n");
        root.file(`${NVMET}/subsystems/${NQN}/namespaces/2/enable`, "1\n");
        root.file(`${NVMET}/subsystems/${NQN}/namespaces/02/enable`, "1\n");
        root.link(`${NVMET}/subsystems/${NQN}/allowed_hosts/odd name`, `../../../hosts/${HOST}`);
        root.file(`${NVMET}/hosts/rapiddisk-probe-17/dhchap_key`, "\n");
        root.file(`${NVMET}/ports/65535/addr_traddr`, "rapiddisk-probe-17\n");
        root.file(`${NVMET}/hosts/${HOST}/dhchap_key`, "DHHC-1:00:x:\n");
        root.file(`${NVMET}/hosts/${HOST}/dhchap_ctrl_key`, "\0\n");
        for (const [name, value] of Object.entries({
            trtype: "tcp",
            adrfam: "ipv4",
            traddr: "127.0.0.1",
            trsvcid: "4420",
        })) {
            root.file(`${NVMET}/ports/3/addr_${name}`, `${value}\n`);
        }
        root.link(`${NVMET}/ports/3/subsystems/other`, `../../../subsystems/${NQN}`);
        const none = { uuid: "", nguid: "" };
        const inode = (path: string): number => statSync(join(root.root, NVMET, path)).ino;
        assert.deepEqual(await kernel.readNvmet(), {
            present: true,
            subsystems: [
                {
                    nqn: NQN,
                    inode: inode(`subsystems/${NQN}`),
                    allowAnyHost: false,
                    serial: "123",
                    model: "Linux",
                    hosts: [HOST],
                    namespaces: [
                        { id: 2, devicePath: "/dev/rd0", enabled: true, ...none },
                        { id: 10, devicePath: "", enabled: false, ...none },
                    ],
                },
            ],
            ports: [
                {
                    ...{ id: 3, transport: "tcp", family: "ipv4", address: "127.0.0.1", service: "4420" },
                    ...{ interface: "lo", tls: false, subsystems: [NQN], inode: inode("ports/3") },
                },
            ],
            hosts: [{ nqn: HOST, hasKey: true, hasControllerKey: false, inode: inode(`hosts/${HOST}`) }],
        });
    });

    it("shows the export of a host that is called probe-1, and a port on each of two interfaces with one link-local address", async () => {
        root.file(`${NVMET}/subsystems/nqn.2021-06.org.rapiddisk:probe-1-rd0/attr_model`, "Linux\n");
        const { subsystems } = await kernel.readNvmet();
        assert.deepEqual(
            subsystems.map(({ nqn }) => nqn),
            ["nqn.2021-06.org.rapiddisk:probe-1-rd0"],
        );
        const both = ["eth0", "eth0.7"].map((name) => ({
            interface: name,
            family: "ipv6" as const,
            address: "fe80::1",
        }));
        assert.deepEqual(
            ["fe80::1%eth0", "fe80::1%eth0.7", "fe80::1%eth9", "fe80::1"].map((address) => interfaceOf(both, address)),
            ["eth0", "eth0.7", "", "eth0"],
        );
        const eth1 = [
            { interface: "eth1", family: "ipv6" as const, address: "2001:db8::a" },
            { interface: "eth1", family: "ipv4" as const, address: "192.0.2.10" },
        ];
        assert.deepEqual(
            ["2001:DB8:0:0::A", "2001:db8::b", "::ffff:192.0.2.10", "192.0.2.11"].map((text) =>
                interfaceOf(eth1, text),
            ),
            ["eth1", "", "eth1", ""],
        );
    });

    it("is asked what it can do on scratch nodes, which it does not keep, nor those that a sudden death left", async () => {
        for (const directory of ["subsystems", "ports", "hosts/rapiddisk-probe-17"]) {
            mkdirSync(join(root.root, NVMET, directory), { recursive: true });
        }
        assert.deepEqual(await kernel.nvmetFeatures(), { auth: false, tls: false, tlshd: false });
        assert.deepEqual(readdirSync(join(root.root, NVMET, "hosts")), []);
        assert.deepEqual(readdirSync(join(root.root, NVMET, "ports")), []);
    });

    it("tells who is connected: by debugfs where it is, by the socket table, and by this host's own controllers", async () => {
        const line = (local: string, peer: string, state: string): string =>
            `   0: ${local} ${peer} ${state} 00000000:00000000 00`;
        root.file(
            "proc/net/tcp",
            [
                "head",
                line("0100007F:1144", "00000000:0000", "0A"),
                line("0100007F:1144", "0200000A:8000", "01"),
                "",
            ].join("\n"),
        );
        const wide = "B80D0120000000000000000010000000";
        root.file(
            "proc/net/tcp6",
            ["head", line(`${wide}:1144`, "0000000000000000FFFF00000200000A:9000", "01"), ""].join("\n"),
        );
        const own = "sys/class/nvme/nvme0";
        for (const [name, value] of Object.entries({
            transport: "loop",
            state: "live",
            subsysnqn: NQN,
            hostnqn: HOST,
        })) {
            root.file(`${own}/${name}`, `${value}\n`);
        }
        assert.deepEqual(await kernel.readSessions(), {
            controllers: undefined,
            tcp: [
                { address: "127.0.0.1", port: 4420, peer: "10.0.0.2" },
                { address: "2001:db8::10", port: 4420, peer: "10.0.0.2" },
            ],
            loop: [{ nqn: NQN, host: HOST }],
        });
        const { listeners } = await kernel.readNetwork();
        assert.deepEqual(listeners, [{ family: "ipv4", address: "127.0.0.1", port: 4420 }]);
        root.file(`sys/kernel/debug/nvmet/${NQN}/ctrl1/hostnqn`, `${HOST}\n`);
        root.file(`sys/kernel/debug/nvmet/${NQN}/ctrl1/port`, "3\n");
        assert.deepEqual((await kernel.readSessions()).controllers, [{ nqn: NQN, port: 3, host: HOST }]);
    });

    it("reads the socket table's notation of addresses", () => {
        assert.deepEqual(endpoint("00000000000000000000000001000000:0016"), { address: "::1", port: 22 });
        assert.deepEqual(endpoint("00000000000000000000000000000000:1144"), { address: "::", port: 4420 });
        assert.deepEqual(endpoint("0A0200C0:FFFF"), { address: "192.0.2.10", port: 65535 });
    });
});
