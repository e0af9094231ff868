// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";
import { OPERATE_ACTIONS } from "../../../service/src/rest/access/scopes.js";
import { parseSettings } from "../../../service/src/rest/settings.js";

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const READER = file("systemd/lib/rest-settings");
const GENERATOR = readFileSync(file("systemd/system-generators/rapiddisk-rest-generator"), "utf8");
const RULE = readFileSync(file("polkit/50-rapiddisk-rest.rules"), "utf8");

/** What a reader makes of the settings: undefined for what it does not understand. */
interface Reading {
    /** Addresses; "default" for those that are shipped in the unit. */
    listen: string[] | "default";
    scopes: string[];
}

const DEFAULT: Reading = { listen: "default", scopes: ["read", "operate"] };
const CERTIFICATE = "tls-certificate = /a\ntls-key = /b\n";

/** Good settings, and what they mean. */
const GOOD: [string, Partial<Reading>][] = [
    ["", {}],
    ["hosts = x\n#listen = 9200\n# \u00fc\u00a0\n", {}],
    ["listen = 9200\n", { listen: ["127.0.0.1:9200"] }],
    ["listen = 09118", { listen: ["127.0.0.1:9118"] }],
    ["  listen=9200,\t[::1]:9201  # here\n", { listen: ["127.0.0.1:9200", "[::1]:9201"] }],
    ["listen = localhost:9200\n", { listen: ["127.0.0.1:9200"] }],
    ["listen = [127.1.2.3]:1 , 127.255.255.255:65535", { listen: ["127.1.2.3:1", "127.255.255.255:65535"] }],
    [`listen = 0.0.0.0:9118 [::]:9118\n${CERTIFICATE}`, { listen: ["0.0.0.0:9118", "[::]:9118"] }],
    [`${CERTIFICATE}listen = [1::]:9 [2:3:4:5:6:7:8:9]:9`, { listen: ["[1::]:9", "[2:3:4:5:6:7:8:9]:9"] }],
    ["listen =\n", { listen: [] }],
    ["listen = # nowhere\nscopes=", { listen: [], scopes: [] }],
    ["scopes = read\n", { scopes: ["read"] }],
    ["scopes = read # a\u2028b\u2029c\u0085d\n", { scopes: ["read"] }],
    ["scopes = read , operate\tadmin", { scopes: ["read", "operate", "admin"] }],
    ["\uFEFFscopes = read\r\nlisten = 127.0.0.1:9118\r\n", { listen: ["127.0.0.1:9118"], scopes: ["read"] }],
    ["v1-status = upstream\ninsecure-open-v1 = yes\nidle-exit = 0\n", {}],
    ["hosts = a.example, [::1]".replace("[::1]", "::1"), {}],
    [`${CERTIFICATE}tls-client-ca = /c\ntls-clients = Big Host:operate, J\u00fcrgen:read,\n`, {}],
];

/** Settings that nobody may take for others. */
const ODD: string[] = [
    "listen",
    "scopes",
    "scopes read",
    "SCOPES = read",
    "\u00a0scopes = read",
    "scopes\u00a0= read",
    "scopes = read\u00a0operate",
    "scopes = read, root",
    "scopes = Read",
    "scopes = read; operate",
    "scopes = read\nscopes = read, operate, admin\n",
    "scopes = read\rscopes = admin\n",
    "listen = 9200\nlisten = 9201\n",
    "listen = 0",
    "listen = 65536",
    "listen = 127.0.0.1:",
    "listen = [::1]",
    "listen = ::1:80",
    "listen = 256.1.1.1:9",
    "listen = 010.0.0.1:9118",
    "listen = 127.0.0.1:9118\\",
    "listen = 1.2.3:80",
    "listen = [1:2:3]:80",
    "listen = [:::1]:80",
    "listen = [1::2::3]:80",
    "listen = [::12345]:80",
    "listen = [::1.2.3.400]:80",
    "listen = [::1%lo]:80",
    "listen = evil.example:80, */etc, /run/x.sock, @x, 1;2, $(id)\n",
    "listen = 0.0.0.0:9118",
    "listen = [::ffff:7f00:1]:9118",
    "listen = 127.0.0.1:1e3",
    "insecure-open-v1 = maybe",
    "insecure = yes",
    "constructor = x",
    "idle-exit = 1234567",
    "idle-exit = -1",
    "v1-status =",
    "hosts = a/b",
    "tls-certificate = /x",
    "tls-certificate =\ntls-key =\n",
    "tls-certificate = x\ntls-key = y\n",
    "tls-client-ca = /x",
    `${CERTIFICATE}tls-clients = a:read\n`,
    `${CERTIFICATE}tls-client-ca = /c\ntls-clients = a:read b:operate\n`,
    `${CERTIFICATE}tls-client-ca = /c\ntls-clients = a:root\n`,
    `${CERTIFICATE}tls-client-ca = /c\ntls-clients = :read\n`,
    `${CERTIFICATE}tls-client-ca = /c\ntls-clients = a:read, a:admin\n`,
    "scopes = read\0",
    "# \x1b[2J",
    "= read",
    Buffer.from("\uFEFFscopes = read\n", "utf16le").toString("latin1"),
];

describe("settings of the bridge, by all who read them", () => {
    let folder: string;
    let config: string;
    before(() => {
        folder = mkdtempSync(join(tmpdir(), "rapiddisk-readers-"));
        config = join(folder, "rest.conf");
    });
    after(() => rmSync(folder, { recursive: true }));

    /** The bridge itself. */
    function byBridge(text: string): Reading | undefined {
        try {
            const { listen, scopes } = parseSettings(text);
            const isDefault = JSON.stringify(listen) === JSON.stringify(parseSettings("").listen);
            const named = listen.map(({ host, port }) => `${host.includes(":") ? `[${host}]` : host}:${port}`);
            return { listen: isDefault ? "default" : named, scopes };
        } catch {
            return undefined;
        }
    }

    /** What the generator leaves of the socket unit; undefined when it keeps it closed because it understands nothing. */
    function byGenerator(): string[] | "default" | undefined {
        const out = join(folder, "generator");
        rmSync(out, { recursive: true, force: true });
        mkdirSync(out);
        const input = GENERATOR.replaceAll("/etc/rapiddisk/rest.conf", config)
            .replaceAll("/usr/lib/rapiddisk/rest-settings", READER)
            .replaceAll("/dev/kmsg", join(folder, "nowhere", "kmsg"));
        const { status, stderr } = spawnSync("/bin/sh", ["-s", out], { input, encoding: "utf8", cwd: "/" });
        assert.equal(status, 0, stderr);
        const made = join(out, "rapiddisk-rest.socket.d/50-listen.conf");
        if (!existsSync(made)) return "default";
        const lines = readFileSync(made, "utf8").trim().split("\n");
        if (lines[0] === "[Unit]") {
            assert.equal(lines.length, 3);
            assert.match(lines[1]!, /^# /);
            assert.equal(lines[2], "ConditionPathExists=!/");
            const isEmpty = lines[1] === "# The setting listen is empty.";
            assert.equal(stderr === "", isEmpty, "what it did not understand it did not say");
            return isEmpty ? [] : undefined;
        }
        assert.deepEqual(lines.slice(0, 2), ["[Socket]", "ListenStream="]);
        return lines.slice(2).map((line) => line.replace(/^ListenStream=/, ""));
    }

    /** What the polkit rule answers, and what it has logged. */
    function polkit(action: string, details: Record<string, string> = {}): string {
        let rule: ((action: object, subject: object) => string) | undefined;
        const spawn = (command: string[]): string => {
            const [program, ...args] = command.map((word) =>
                word.replace("/etc/rapiddisk/rest.conf", config).replace("/usr/lib/rapiddisk/rest-settings", READER),
            );
            return execFileSync(program!, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
        };
        const Result = { YES: "yes", NO: "no", NOT_HANDLED: "not handled" };
        const stub = { Result, spawn, log: () => undefined, addRule: (added: typeof rule) => (rule = added) };
        runInNewContext(RULE, { polkit: stub });
        const id = `org.rapiddisk.manager.${action}`;
        return rule!({ id, lookup: (key: string) => details[key] }, { user: "rapiddisk-rest" });
    }

    /** Whether the rule allows what each scope is for. */
    const byPolkit = (): Record<string, boolean> => ({
        operate: polkit("volume-create") === "yes",
        admin: polkit("port-manage") === "yes",
    });

    function check(text: string, expected: Reading | undefined): void {
        writeFileSync(config, text, "utf8");
        assert.deepEqual(byBridge(text), expected, "the bridge");
        assert.deepEqual(byGenerator(), expected?.listen, "the generator");
        const scopes = expected?.scopes ?? [];
        const allowed = { operate: scopes.includes("operate"), admin: scopes.includes("admin") };
        assert.deepEqual(byPolkit(), allowed, "the polkit rule");
    }

    for (const [text, meant] of GOOD) {
        it(`are the same: ${JSON.stringify(text)}`, () => check(text, { ...DEFAULT, ...meant }));
    }

    for (const text of ODD) {
        it(`give nothing to anybody: ${JSON.stringify(text)}`, () => check(text, undefined));
    }

    it("that are not there are the defaults, for a link that leads nowhere is not", () => {
        rmSync(config);
        assert.equal(byGenerator(), "default");
        assert.deepEqual(byPolkit(), { operate: true, admin: false });
        symlinkSync(join(folder, "nowhere"), config);
        assert.equal(byGenerator(), undefined);
        assert.deepEqual(byPolkit(), { operate: false, admin: false });
        rmSync(config);
        mkdirSync(config);
        assert.equal(byGenerator(), undefined);
        assert.deepEqual(byPolkit(), { operate: false, admin: false });
        rmSync(config, { recursive: true });
    });

    it("let the bridge save what is restored at each boot with the scope admin alone", () => {
        for (const key of ["volume.persist", "cache.persist"]) {
            writeFileSync(config, "scopes = read, operate\n");
            const action = key.startsWith("volume") ? "volume-create" : "cache-create";
            assert.equal(polkit(action, { [key]: "true" }), "no", key);
            assert.equal(polkit(action, { [key]: "false" }), "yes", key);
            writeFileSync(config, "scopes = admin\n");
            assert.equal(polkit(action, { [key]: "true" }), "yes", key);
        }
    });

    it("scopes cover the same in the bridge and in the rule, which never lets it manage tokens", () => {
        writeFileSync(config, "scopes = operate\n");
        const policy = readFileSync(file("polkit/org.rapiddisk.manager.policy"), "utf8");
        const actions = [...policy.matchAll(/action id="org\.rapiddisk\.manager\.([a-z-]+)"/g)].map(
            ([, name]) => name!,
        );
        const allowed = actions.filter((name) => polkit(name) === "yes");
        assert.deepEqual(allowed.sort(), [...OPERATE_ACTIONS, "token-verify"].sort());
        writeFileSync(config, "scopes = read, operate, admin\n");
        const refused = actions.filter((name) => polkit(name) !== "yes");
        assert.deepEqual(refused, ["token-manage"]);
    });
});
