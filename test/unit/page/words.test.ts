// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { crc32 as zlibCrc32 } from "node:zlib";
import { errorKind } from "../../../cockpit-plugin/src/bus/errorkind.js";
import { crc32, generateKey, keyProblem, keyText } from "../../../cockpit-plugin/src/lib/hostkey.js";
import { addressProblem, isLocal, isLoopback, isService } from "../../../cockpit-plugin/src/lib/netaddress.js";
import { lines } from "../../../cockpit-plugin/src/lib/lines.js";
import { checkKey } from "../../../service/src/model/nqn.js";
import { checkPortRequest } from "../../../service/src/model/portplan.js";

const refused = (work: () => unknown): boolean => {
    try {
        work();
        return false;
    } catch {
        return true;
    }
};

describe("names that are typed", () => {
    it("stand on a line of their own, each once", () => {
        assert.deepEqual(lines(" a \n\nb\r\na\n"), ["a", "b"]);
    });
});

describe("a key of a host", () => {
    it("has the checksum that zlib counts", () => {
        for (const text of ["", "123456789", "\0\xff"]) {
            assert.equal(crc32(Buffer.from(text, "latin1")), zlibCrc32(Buffer.from(text, "latin1")));
        }
    });

    it("is one that the service takes, and another one each time", () => {
        const keys = Array.from({ length: 20 }, generateKey);
        for (const key of keys) {
            assert.equal(checkKey(key, "The key"), key);
            assert.equal(keyProblem(key), "");
        }
        assert.equal(new Set(keys).size, 20);
    });

    const good = keyText(new Uint8Array(32).fill(7));
    const cases: [string, string, string][] = [
        ["nothing", "", "empty"],
        ["other text", "secret", "form"],
        ["base64 that is none", "DHHC-1:00:A:", "form"],
        ["a secret of 33 bytes", keyText(new Uint8Array(33)), "length"],
        ["a secret too short for its kind", good.replace("DHHC-1:00", "DHHC-1:03"), "length"],
        ["a changed character", good.replace("Bwc", "Bwd"), "checksum"],
        ["48 bytes", keyText(new Uint8Array(48)), ""],
    ];
    for (const [what, key, problem] of cases) {
        it(`${what}: ${problem || "is right"}, and the service agrees`, () => {
            assert.equal(keyProblem(key), problem);
            assert.equal(
                refused(() => checkKey(key, "The key")),
                problem !== "",
            );
        });
    }
});

describe("an address of a port that is typed", () => {
    const cases: [string, string][] = [
        ["192.0.2.10", ""],
        ["0.0.0.0", ""],
        ["2001:db8::1", ""],
        ["::", ""],
        ["fe80::1%eth0", ""],
        ["eth0", ""],
        ["br-lan.7", ""],
        ["", "empty"],
        ["[2001:db8::1]", "brackets"],
        ["fe80::1", "linklocal"],
        ["::ffff:192.0.2.1", "mapped"],
        ["an interface", "form"],
        ["a-name-that-is-too-long", "form"],
        ["../eth0", "form"],
    ];
    for (const [address, problem] of cases) {
        it(`${address || "(nothing)"}: ${problem || "is right"}, and the service agrees`, () => {
            assert.equal(addressProblem(address), problem);
            assert.equal(
                refused(() => checkPortRequest({ id: 0, transport: "tcp", address })),
                problem !== "",
            );
        });
    }

    it("that is no whole IPv4 address is no interface either", () => {
        assert.equal(addressProblem("192.0.2"), "form");
        assert.equal(addressProblem("192.0.2.256"), "form");
    });

    it("is of a port that needs root here, or not", () => {
        assert.deepEqual(["loop", "tcp", "rdma"].map(isLocal), [true, false, false]);
    });

    it("is loopback or not", () => {
        assert.deepEqual(
            [isLoopback("loop", ""), isLoopback("tcp", "127.0.0.1"), isLoopback("tcp", "::1"), isLoopback("tcp", "::")],
            [true, true, true, false],
        );
    });

    it("goes with a number from 1 to 65535", () => {
        assert.deepEqual(["1", "65535", "0", "65536", "x", "04420"].map(isService), [
            true,
            true,
            false,
            false,
            false,
            false,
        ]);
    });
});

describe("an error of a call", () => {
    const cases: [string | undefined, string | undefined, string][] = [
        ["org.rapiddisk.Manager.Error.NoMemory", undefined, "NoMemory"],
        ["org.rapiddisk.Manager.Error.FromTheFuture", undefined, "Failed"],
        ["org.freedesktop.DBus.Error.InteractiveAuthorizationRequired", undefined, "NotAuthorized"],
        ["org.freedesktop.DBus.Error.AccessDenied", undefined, "NotAuthorized"],
        ["org.freedesktop.DBus.Error.NoReply", undefined, "NoReply"],
        ["org.freedesktop.DBus.Error.ServiceUnknown", undefined, "NotInstalled"],
        ["org.freedesktop.DBus.Error.Spawn.ChildExited", undefined, "Stopped"],
        ["org.freedesktop.DBus.Error.UnknownObject", undefined, "NotFound"],
        ["org.example.Other", undefined, "Failed"],
        [undefined, "access-denied", "NotAuthorized"],
        [undefined, "disconnected", "Disconnected"],
        [undefined, "terminated", "Disconnected"],
        [undefined, "timeout", "NoReply"],
        [undefined, undefined, "Failed"],
    ];
    for (const [name, problem, kind] of cases) {
        it(`${name ?? problem ?? "without a name"} means ${kind}`, () => assert.equal(errorKind(name, problem), kind));
    }
});
