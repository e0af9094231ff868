// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { isAllowedHost, isCrossSite, isForwarded, isUnambiguous } from "../../../service/src/rest/access/headers.js";
import { includes, scopeOfAction } from "../../../service/src/rest/access/scopes.js";
import { Throttle } from "../../../service/src/rest/access/throttle.js";
import { isLoopback, parseAddress, parseSettings } from "../../../service/src/rest/settings.js";
import { passedDescriptors } from "../../../service/src/rest/passed.js";
import { isDispensable } from "../../../service/src/rest/sockets.js";
import { Digests } from "../../../service/src/rest/state/digests.js";
import type { ObjectCache } from "../../../service/src/rest/state/objectcache.js";
import { BusError, ManagerClient, Variant } from "../../../service/src/client/index.js";

describe("a Host header", () => {
    const table: [string | undefined, string, boolean][] = [
        ["localhost", "127.0.0.1", true],
        ["LOCALHOST:9118", "127.0.0.1", true],
        ["127.0.0.1:9118", "127.0.0.1", true],
        ["[::1]:9118", "::1", true],
        ["127.0.0.1", "::ffff:127.0.0.1", true],
        ["evil.example", "127.0.0.1", false],
        ["127.0.0.1.evil.example", "127.0.0.1", false],
        ["localhost@evil.example", "127.0.0.1", false],
        ["localhost:9118:1", "127.0.0.1", false],
        ["", "127.0.0.1", false],
        [undefined, "127.0.0.1", false],
        ["192.0.2.7", "127.0.0.1", false],
        ["192.0.2.7:9118", "192.0.2.7", true],
        ["localhost", "192.0.2.7", false],
        ["store.example", "192.0.2.7", true],
    ];
    for (const [host, local, allowed] of table) {
        it(`${String(host)} is ${allowed ? "taken" : "refused"} on ${local}`, () =>
            assert.equal(isAllowedHost(host, ["store.example"], local), allowed));
    }
});

describe("a request for two hosts", () => {
    const table: [string, string[], boolean][] = [
        ["/", ["Host", "localhost"], true],
        ["/", ["HOST", "localhost", "Accept", "host"], true],
        ["/", ["host", "localhost", "Host", "localhost"], false],
        ["/", ["Host", "localhost", "hOST", "evil.example"], false],
        ["http://evil.example/", ["Host", "localhost"], false],
        ["evil.example:80", ["Host", "localhost"], false],
        ["*", ["Host", "localhost"], false],
    ];
    for (const [url, rawHeaders, isTaken] of table) {
        it(`${isTaken ? "is not" : "is"} ${url} with ${rawHeaders.join(" ")}`, () =>
            assert.equal(isUnambiguous({ url, rawHeaders }), isTaken));
    }
});

describe("a request that a proxy passes on", () => {
    for (const name of ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"]) {
        it(`is one with ${name}`, () => assert.ok(isForwarded({ host: "localhost", [name]: "" })));
    }
    it("is none without", () => assert.ok(!isForwarded({ host: "localhost", accept: "*/*", "x-forward": "1" })));
});

describe("a request of another site", () => {
    const host = "127.0.0.1:9118";
    const table: [Record<string, string>, boolean][] = [
        [{ host }, false],
        [{ host, origin: `http://${host}` }, false],
        [{ host, origin: `https://${host}` }, true],
        [{ host, origin: "null" }, true],
        [{ host, origin: "http://127.0.0.1" }, true],
        [{ host, "sec-fetch-site": "none" }, false],
        [{ host, "sec-fetch-site": "cross-site" }, true],
        [{ host, "sec-fetch-site": "same-site" }, true],
        [{ host, origin: `http://${host}`, "sec-fetch-site": "cross-site" }, true],
    ];
    for (const [headers, cross] of table) {
        it(`${cross ? "is" : "is not"} ${JSON.stringify(headers)}`, () =>
            assert.equal(isCrossSite(headers, false), cross));
    }
});

describe("scopes", () => {
    it("include those before them, and nobody has none", () => {
        assert.ok(includes("admin", "read") && includes("operate", "operate") && !includes("read", "operate"));
        assert.ok(!includes("", "read"));
    });

    it("an action that is not known needs the highest", () => {
        assert.equal(scopeOfAction(undefined), "read");
        assert.equal(scopeOfAction("org.rapiddisk.manager.volume-create"), "operate");
        assert.equal(scopeOfAction("org.rapiddisk.manager.cache-writeback"), "admin");
        assert.equal(scopeOfAction("org.example.volume-create"), "admin");
    });
});

describe("the throttle", () => {
    it("lets some failures pass, then makes wait, and forgets", () => {
        let now = 0;
        const throttle = new Throttle(() => now);
        for (let failures = 0; failures < 10; failures++) {
            assert.equal(throttle.waitFor("a"), 0);
            throttle.failed("a");
        }
        assert.ok(throttle.waitFor("a") > 0);
        assert.equal(throttle.waitFor("b"), 0);
        now += 60_000;
        assert.equal(throttle.waitFor("a"), 0);
    });
});

describe("settings of the bridge", () => {
    it("are read", () => {
        const settings = parseSettings(
            "listen = 9200, [::1]:9201 # here\nscopes = read operate\nv1-status = upstream\nidle-exit = 0\nhosts = A.example\n",
        );
        assert.deepEqual(settings.listen, [
            { host: "127.0.0.1", port: 9200 },
            { host: "::1", port: 9201 },
        ]);
        assert.deepEqual(settings.scopes, ["read", "operate"]);
        assert.deepEqual([settings.v1Status, settings.idleExit, settings.hosts], ["upstream", 0, ["a.example"]]);
    });

    it("of the shipped file are the defaults", () => {
        const shipped = readFileSync(fileURLToPath(new URL("../../../packaging/rest.conf", import.meta.url)), "utf8");
        assert.deepEqual(parseSettings(shipped), parseSettings(""));
        const shown = shipped.replace(/^#(?=(listen|scopes|v1-status|insecure-open-v1|idle-exit) )/gm, "");
        assert.deepEqual(parseSettings(shown), parseSettings(""));
    });

    for (const text of [
        "x",
        "70000",
        "1.2.3:80",
        "[::1]",
        "::1:80",
        "evil.example:80",
        "127.0.0.1:",
        "127.0.0.1:1e3",
    ]) {
        it(`refuse the address ${text}`, () => assert.throws(() => parseAddress(text), /is not a valid address/));
    }

    it("know the loopback", () => {
        for (const here of ["127.0.0.1", "127.255.0.1", "::1", "localhost", "::ffff:127.0.0.1"]) {
            assert.ok(isLoopback(here), here);
        }
        for (const there of ["0.0.0.0", "::", "10.0.0.1", "128.0.0.1", "127.evil.example", "::ffff:10.0.0.1"]) {
            assert.ok(!isLoopback(there), there);
        }
    });

    it("sockets of systemd are taken only when they are for this process, and what else it opened is no socket", () => {
        const take = (pid: string, count: string, names?: string): unknown =>
            passedDescriptors({ LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: names }, 7);
        const none = { sockets: [], tables: [] };
        assert.deepEqual(take("7", "2"), { sockets: [{ fd: 3 }, { fd: 4 }], tables: [] });
        assert.deepEqual(take("8", "2"), none);
        assert.deepEqual(take("7", "x"), none);
        const named = { sockets: [{ fd: 3 }, { fd: 6 }], tables: [4, 5] };
        assert.deepEqual(take("7", "4", "http:tcp:tcp6:admin"), named);
    });

    it("a host without IPv6 does without [::1] beside 127.0.0.1, and without nothing else", () => {
        const four = { host: "127.0.0.1", port: 9118 };
        const six = { host: "::1", port: 9118 };
        const failed = (code: string) => Object.assign(new Error(code), { code });
        assert.ok(isDispensable(six, [four, six], failed("EADDRNOTAVAIL")));
        assert.ok(isDispensable(six, [four, six], failed("EAFNOSUPPORT")));
        assert.ok(!isDispensable(six, [four, six], failed("EADDRINUSE")));
        assert.ok(!isDispensable(six, [six], failed("EADDRNOTAVAIL")));
        assert.ok(!isDispensable(six, [{ host: "127.0.0.1", port: 9119 }, six], failed("EADDRNOTAVAIL")));
        assert.ok(!isDispensable(four, [four, six], failed("EADDRNOTAVAIL")));
    });
});

describe("a token", () => {
    const token = `rdt_0123456789ab_${"A".repeat(43)}`;
    let calls = 0;
    const row = new Map<string, Variant<unknown>>([
        ["id", new Variant("s", "0123456789ab")],
        ["name", new Variant("s", "x")],
        ["scope", new Variant("s", "operate")],
        ["expires", new Variant("t", 1000n)],
        ["digest", new Variant("s", createHash("sha256").update(token).digest("hex"))],
    ]);
    const manager = new ManagerClient({
        name: ":1.1",
        closed: new Promise<void>(() => undefined),
        close: async () => undefined,
        subscribe: async () => ({ close: async () => undefined }),
        call: async () => {
            calls += 1;
            return [[row]];
        },
    });

    const objects = (whenPresent: () => Promise<void>): Pick<ObjectCache, "tokens" | "whenPresent" | "on"> =>
        Object.assign(new EventEmitter(), { tokens: 0n, whenPresent }) as never;

    it("is taken until it expires, to the second, and its digest is asked for once", async () => {
        let now = 999_999;
        const digests = new Digests(
            manager,
            objects(async () => undefined),
            () => now,
        );
        assert.equal(typeof (await digests.check(token)), "object");
        now = 1_000_000;
        assert.equal(await digests.check(token), "expired");
        assert.equal(await digests.check(`${token}A`), "unknown");
        assert.equal(await digests.check(""), "unknown");
        assert.equal(calls, 1);
    });

    it("does not start a service that was stopped: a call would", async () => {
        const gone = new BusError("org.freedesktop.DBus.Error.ServiceUnknown", "The RapidDisk service has ended.");
        const digests = new Digests(
            manager,
            objects(() => Promise.reject(gone)),
        );
        const before = calls;
        await assert.rejects(digests.check(token), gone);
        assert.equal(calls, before);
    });
});
