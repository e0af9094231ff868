// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import fc from "fast-check";
import { checkKey, checkModelName, checkNqn, checkSerial, identityOf } from "../../../service/src/model/nqn.js";
import { checkPortRequest, isLoopbackAddress, resolvePort } from "../../../service/src/model/portplan.js";
import { freshNvmet } from "../../../service/src/kernel/sim/nvmet.js";
import { KEY } from "./exports.js";

const INSTALLATION = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

describe("NQNs", () => {
    for (const good of [
        "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555",
        "nqn.2021-06.org.rapiddisk:host.example.com-rc-wt_sdb",
        "nqn.2014-08.com.example:größe",
        `nqn.2014-08.com.example:${"x".repeat(199)}`,
        // Not in the forms of the specification, but the kernel takes them.
        "nqn.host1",
        "n",
        "web",
        "host 1",
        "a\\b",
        "...",
        "nqn.2014-13.com.example:x",
        "nqn.2014-08.com.example",
        "nqn.2014-08.com.example:",
        "nqn.2014-08.org.nvmexpress:uuid:1111",
        "x".repeat(223),
    ]) {
        it(`${good.slice(0, 60)} is one`, () => {
            assert.equal(checkNqn(good), good);
            assert.equal(checkNqn(good, "Host"), good);
        });
    }
    for (const bad of [
        "",
        ".",
        "..",
        "nqn.2014-08.com.example:a/b",
        "../nqn.2014-08.com.example:x",
        "nqn.2014-08.com.example:a\nb",
        "nqn.2014-08.com.example:a\0b",
        "a\u007fb",
        "a\u0085b",
        "a\u2028b",
        "a\ufffdb",
        "\ud800",
        "rapiddisk-probe-1",
        KEY,
        "x".repeat(224),
        `nqn.2014-08.com.example:${"ä".repeat(101)}`,
    ]) {
        it(`${JSON.stringify(bad.slice(0, 60))} is none`, () => {
            assert.throws(() => checkNqn(bad), { kind: "InvalidArgument" });
            assert.throws(() => checkNqn(bad, "Host"), { kind: "InvalidArgument" });
        });
    }

    it("the discovery service's is a host's at most", () => {
        const name = "nqn.2014-08.org.nvmexpress.discovery";
        assert.throws(() => checkNqn(name), { kind: "InvalidArgument" });
        assert.equal(checkNqn(name, "Host"), name);
    });

    it("whatever a caller sends is taken or refused in one sentence, and what is taken is one component of a path", () => {
        fc.assert(
            fc.property(
                fc.oneof(
                    fc.string(),
                    fc.string().map((text) => `nqn.2014-08.org.example:${text}`),
                ),
                (text) => {
                    try {
                        const taken = checkNqn(text);
                        assert.ok(!/[/\p{Cc}]/u.test(taken) && ![".", ".."].includes(taken));
                        assert.ok(Buffer.byteLength(taken) >= 1 && Buffer.byteLength(taken) <= 223);
                    } catch (error) {
                        assert.equal((error as { kind?: string }).kind, "InvalidArgument");
                    }
                },
            ),
        );
    });
});

describe("what hosts see of a device", () => {
    it("depends on the installation, the device and its generation alone", () => {
        const one = identityOf(INSTALLATION, "rd0", 1);
        assert.deepEqual(identityOf(INSTALLATION, "rd0", 1), one);
        assert.match(one.uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        assert.equal(checkSerial(one.serial), one.serial);
        const others = [
            identityOf(INSTALLATION, "rd0", 2),
            identityOf(INSTALLATION, "rd1", 1),
            identityOf(one.uuid, "rd0", 1),
        ];
        assert.equal(new Set([one, ...others].flatMap(({ uuid, serial }) => [uuid, serial])).size, 8);
    });

    it("has a serial number and a model name of printable ASCII", () => {
        for (const bad of ["", " x", "x ", "a\tb", "ä", "x".repeat(21)]) {
            assert.throws(() => checkSerial(bad), { kind: "InvalidArgument" });
        }
        assert.throws(() => checkModelName("x".repeat(41)), { kind: "InvalidArgument" });
        assert.equal(checkModelName("A B"), "A B");
    });
});

describe("keys", () => {
    it("in the place of a name are not repeated in the error", () => {
        for (const name of [KEY, `x ${KEY}`, `NVMeTLSkey-1:01:${KEY.slice(10)}`]) {
            assert.throws(
                () => checkNqn(name, "Host"),
                (error: Error) =>
                    error.message.startsWith("Host: that is a key") && !error.message.includes(KEY.slice(10, 30)),
            );
        }
    });

    it("are taken when length and checksum are right, and never repeated when not", () => {
        assert.equal(checkKey(KEY, "The key"), KEY);
        const secret = KEY.slice(10, -1);
        const bad = [
            KEY.replace("K", "L"),
            KEY.replace("DHHC-1:00", "DHHC-1:02"),
            KEY.replace("DHHC-1:00", "DHHC-1:04"),
            KEY.slice(0, -2),
            `${KEY}\n`,
            "",
            "x".repeat(10_000),
        ];
        for (const key of bad) {
            assert.throws(
                () => checkKey(key, "The key"),
                (error: Error) => !error.message.includes(secret.slice(0, 12)) && error.message.startsWith("The key "),
            );
        }
    });
});

describe("ports", () => {
    const { network } = freshNvmet();
    const none = { present: true, subsystems: [], ports: [], hosts: [] };
    const resolve = (address: string, family?: string) => {
        const request = { id: 0, transport: "tcp", address, ...(family === undefined ? {} : { family }) };
        return resolvePort(request, checkPortRequest(request), none, network);
    };

    it("an interface stands for its IPv4 address, or with the family for its IPv6 address that is not link-local", () => {
        assert.deepEqual(
            [resolve("eth0").address, resolve("eth0", "ipv6").address, resolve("lo", "ipv6").address],
            ["192.0.2.10", "2001:db8::10", "::1"],
        );
        assert.equal(resolve("eth0").interface, "eth0");
    });

    it("addresses come out in one spelling, with their scope; wildcards and 127/8 are of this host", () => {
        assert.equal(resolve("2001:DB8:0::10").address, "2001:db8::10");
        assert.equal(resolve("fe80::10%eth0").address, "fe80::10%eth0");
        assert.throws(() => resolve("fe80::10%lo"), { kind: "NotFound" });
        for (const address of ["0.0.0.0", "::", "127.9.9.9"]) {
            assert.equal(resolve(address).address, address);
        }
        assert.throws(() => resolve("::ffff:192.0.2.10"), /write it as IPv4/);
    });

    it("wildcards conflict with every address of the same service", () => {
        const port = { ...resolve("0.0.0.0"), subsystems: [], interface: "", inode: 1 };
        const there = { ...none, ports: [port] };
        const request = { id: 0, transport: "tcp", address: "192.0.2.10" };
        assert.throws(() => resolvePort(request, "tcp", there, network), { kind: "AlreadyExists" });
        assert.equal(resolvePort({ ...request, service: "4421" }, "tcp", there, network).id, 2);
        const listening = { ...network, listeners: [{ family: "ipv6" as const, address: "::", port: 4420 }] };
        assert.throws(() => resolvePort(request, "tcp", none, listening), { kind: "Busy" });
    });

    it("have a loopback address when no other host reaches it", () => {
        assert.deepEqual(["127.0.0.1", "127.1.2.3", "::1", "0.0.0.0", "192.0.2.10", ""].map(isLoopbackAddress), [
            true,
            true,
            true,
            false,
            false,
            false,
        ]);
    });
});
