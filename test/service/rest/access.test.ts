// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { needsRoot, nobody } from "../harness/index.js";
import { call, eventually, ROOT } from "../daemon/fixture.js";
import { send, startRest, type Bridge, type RestFixture } from "./fixture.js";

const MIB = 1048576;
const V2 = "/v2/volumes";

describe("who may do what over HTTP", function () {
    let fixture: RestFixture;
    let bridge: Bridge;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        bridge = await fixture.bridge();
    });
    after(() => fixture?.stop());

    it("reading on the loopback needs nothing, a change needs a token of its scope", async () => {
        assert.equal((await bridge.ask("GET", V2)).status, 200);
        const nobodyAnswer = await bridge.ask("POST", V2, { body: { size: MIB } });
        assert.equal(nobodyAnswer.status, 401);
        const old = await bridge.ask("POST", "/v1/createRapidDisk/1");
        assert.equal(old.status, 401);
        for (const way of ["Authorization: Bearer TOKEN", "admin.sock", "insecure-open-v1 = yes"]) {
            assert.ok(old.body.includes(way), old.body);
        }
        assert.match(String(nobodyAnswer.headers["www-authenticate"]), /^Bearer/);
        const [read, operate, admin] = await Promise.all(
            ["read", "operate", "admin"].map((scope) => fixture.token(scope)),
        );
        assert.equal((await bridge.ask("POST", V2, { token: read!.token, body: { size: MIB } })).status, 403);
        assert.equal((await bridge.ask("POST", V2, { token: operate!.token, body: { size: MIB } })).status, 201);
        const saved = { token: operate!.token, body: { size: MIB, number: 9, persist: true } };
        assert.equal((await bridge.ask("POST", V2, saved)).status, 403, "what is restored at each boot");
        const persist = { token: operate!.token, body: { persistent: true } };
        assert.equal((await bridge.ask("PUT", `${V2}/rd0/persistent`, persist)).status, 403);
        persist.token = admin!.token;
        assert.equal((await bridge.ask("PUT", `${V2}/rd0/persistent`, persist)).status, 200);
        assert.equal((await bridge.ask("DELETE", `${V2}/rd0`, { token: operate!.token })).status, 204);
        const text = bridge.log();
        assert.match(
            text,
            new RegExp(
                `audit: identity=token:${operate!.id} \\(test\\) from=127\\.0\\.0\\.1 http="POST /v2/volumes" operation=CreateVolume object=\\S+ result=done`,
            ),
        );
        for (const { token } of [read!, operate!, admin!]) {
            assert.ok(!text.includes(token) && !fixture.service.log().includes(token), "a token is in a journal");
        }
    });

    it("a token that has expired is refused and told so", async () => {
        const { token } = await fixture.token("admin", 60);
        assert.equal((await bridge.ask("GET", V2, { token })).status, 200);
        const ahead = join(fixture.fixture.bus.directory, "rest", "ahead.cjs");
        const later = "const now = Date.now; Date.now = () => now() + 61_000;";
        writeFileSync(ahead, `${later}\nrequire("./main.cjs");\n`, { mode: 0o644 });
        const other = await fixture.bridge("", undefined, ahead); // Its clock is a minute ahead.
        for (const [method, path] of [
            ["GET", V2],
            ["POST", "/v1/createRapidDisk/4"],
        ] as const) {
            const answer = await other.ask(method, path, { token });
            assert.equal(answer.status, 401, answer.body);
            assert.match(answer.body, /The token has expired\./);
            assert.match(String(answer.headers["www-authenticate"]), /error="invalid_token"/);
        }
    });

    it("a token that is wrong or revoked is refused, even for reading", async () => {
        const status = async (token: string): Promise<number> => (await bridge.ask("GET", V2, { token })).status;
        const { id, token } = await fixture.token("operate");
        assert.equal(await status(token), 200);
        assert.equal(await status(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`), 401);
        await call(fixture.fixture.client, ROOT, "Tokens", "RevokeToken", "sa{sv}", [id, {}]);
        assert.equal(await status(token), 401);
        const odd = await bridge.ask("GET", V2, { headers: { authorization: "Basic cm9vdDpyb290" } });
        assert.equal(odd.status, 401);
    });

    it("who asked for a change is in the journal even when the bridge does not live to see its end", async () => {
        const other = await fixture.bridge();
        const { id, token } = await fixture.token("operate");
        assert.equal((await other.ask("POST", V2, { token, body: { size: MIB } })).status, 201);
        await fixture.service.sim.call("steps.resetSteps");
        await fixture.service.sim.call("steps.hangStep", 1);
        const cut = assert.rejects(other.ask("POST", "/v1/flushRapidDisk/rd0", { token }));
        const begun = async (): Promise<boolean> =>
            ((await fixture.service.sim.call("steps.log")) as unknown[]).length > 0;
        await eventually(begun);
        other.process.kill("SIGKILL");
        await cut;
        await fixture.service.sim.call("steps.releaseHung");
        assert.match(
            other.log(),
            new RegExp(`audit: identity=token:${id} .* operation=Erase object=\\S+/rd0 result=asked`),
        );
        await call(fixture.fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("who reads events with a token reads them for as long as the token is good", async () => {
        const ahead = join(fixture.fixture.bus.directory, "rest", "jumps.cjs");
        const later = join(fixture.fixture.bus.directory, "rest", "later");
        const jump = `const now = Date.now, { existsSync } = require("node:fs");
            Date.now = () => now() + (existsSync(${JSON.stringify(later)}) ? 61_000 : 0);`;
        writeFileSync(ahead, `${jump}\nrequire("./main.cjs");\n`, { mode: 0o644 });
        const other = await fixture.bridge("", undefined, ahead); // Its clock goes a minute ahead when it is told to.
        const ended: string[] = [];
        const listen = (who: string, token?: string): Promise<void> =>
            new Promise((resolve, reject) => {
                const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
                httpGet({ host: "127.0.0.1", port: other.port, path: "/v2/events", headers }, (response) => {
                    assert.equal(response.statusCode, 200);
                    response.on("close", () => ended.push(who)).resume();
                    resolve();
                }).on("error", reject);
            });
        const [revoked, expires, good] = await Promise.all([
            fixture.token("read"),
            fixture.token("admin", 60),
            fixture.token("read"),
        ]);
        await listen("revoked", revoked.token);
        await listen("expired", expires.token);
        await listen("good", good.token);
        await listen("anybody");
        await call(fixture.fixture.client, ROOT, "Tokens", "RevokeToken", "sa{sv}", [revoked.id, {}]);
        await eventually(() => ended.length > 0);
        assert.deepEqual(ended, ["revoked"]);
        writeFileSync(later, "");
        await eventually(() => ended.length > 1);
        assert.deepEqual(ended, ["revoked", "expired"]);
    });

    it("guessing is slowed down, and the holder of a real token is not locked out by it", async () => {
        const other = await fixture.bridge();
        const { token } = await fixture.token("read");
        let answer = await other.ask("GET", V2, { token: "guess" });
        for (let tries = 0; tries < 30 && answer.status === 401; tries++) {
            answer = await other.ask("GET", V2, { token: `guess${tries}` });
        }
        assert.equal(answer.status, 429);
        assert.ok(Number(answer.headers["retry-after"]) > 0);
        assert.equal((await other.ask("GET", V2, { token })).status, 200);
        assert.equal((await other.ask("GET", V2)).status, 200);
    });

    it("one who knows the id of a token does not lock its holder out", async () => {
        const other = await fixture.bridge();
        const { id, token } = await fixture.token("read");
        let answer = await other.ask("GET", V2, { token: `rdt_${id}_guess` });
        for (let tries = 0; tries < 30 && answer.status === 401; tries++) {
            answer = await other.ask("GET", V2, { token: `rdt_${id}_guess${tries}` });
        }
        assert.equal(answer.status, 429);
        assert.equal((await other.ask("GET", V2, { token })).status, 200);
    });

    it("one who hangs up at once is told with the address all the same", async () => {
        const other = await fixture.bridge();
        const { token } = await fixture.token("operate");
        const made = await other.ask("POST", V2, { token, body: { size: 4096, number: 77 } });
        assert.equal(made.status, 201, made.body);
        const socket = connect(other.port, "127.0.0.1");
        await once(socket, "connect");
        socket.write("GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        await once(socket, "data"); // The connection has been taken.
        socket.pause();
        other.process.kill("SIGSTOP"); // It reads the request when the connection has been reset already.
        const body = JSON.stringify({ read_only: true });
        const head = `PUT ${V2}/rd77/read-only HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n`;
        const more = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
        await new Promise((resolve) => socket.write(head + more, resolve));
        socket.resetAndDestroy();
        await once(socket, "close");
        other.process.kill("SIGCONT");
        await eventually(() => /operation=SetReadOnly .*result=done/.test(other.log()));
        assert.match(other.log(), /from=127\.0\.0\.1 .*operation=SetReadOnly/);
        assert.doesNotMatch(other.log(), /from=local/);
        assert.equal((await other.ask("DELETE", `${V2}/rd77`, { token })).status, 204);
    });

    it("a page of another site is refused, however it comes", async () => {
        const status = async (headers: Record<string, string>): Promise<number> =>
            (await bridge.ask("GET", V2, { headers })).status;
        const host = `127.0.0.1:${bridge.port}`;
        assert.equal(await status({ host: `evil.example:${bridge.port}` }), 421);
        assert.equal(await status({ host: "localhost.evil.example" }), 421);
        assert.equal(await status({ host: "127.0.0.1.evil.example" }), 421);
        assert.equal(await status({ origin: "http://evil.example" }), 403);
        assert.equal(await status({ origin: "null" }), 403);
        assert.equal(await status({ "sec-fetch-site": "cross-site" }), 403);
        assert.equal(await status({ "sec-fetch-site": "same-site" }), 403);
        assert.equal(await status({ host, origin: `http://${host}`, "sec-fetch-site": "same-origin" }), 200);
        assert.equal(await status({ host: "localhost" }), 200);
        assert.equal(
            (await bridge.ask("OPTIONS", V2, { headers: { origin: "http://evil.example" } })).headers[
                "access-control-allow-origin"
            ],
            undefined,
        );
        assert.match(await bridge.raw("GET / HTTP/1.1\r\n\r\n"), /^HTTP\/1\.1 400/);
        for (const head of ["/v2/volumes HTTP/1.1\r\nHost: evil.example", "http://evil.example/v2/volumes HTTP/1.1"]) {
            const text = await bridge.raw(`GET ${head}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
            assert.match(text, /^HTTP\/1\.1 400/);
        }
        const second = `GET ${V2} HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n`;
        assert.match(await bridge.raw(second), /^HTTP\/1\.1 400/);
    });

    it("who asks through a proxy on this host is not taken for this host, nor for the administrator", async () => {
        const open = await fixture.bridge("insecure-open-v1 = yes\n");
        const { token } = await fixture.token("operate");
        const unix = { socketPath: open.adminSocket };
        for (const header of ["forwarded", "via", "x-forwarded-for", "x-real-ip"]) {
            const headers = { [header]: "198.51.100.7" };
            for (const path of [V2, "/v1/listRapidDiskVolumes", "/v2/status", "/metrics"]) {
                assert.equal((await open.ask("GET", path, { headers })).status, 401, `${header} ${path}`);
            }
            assert.equal((await open.ask("POST", "/v1/createRapidDisk/1", { headers })).status, 401, header);
            assert.equal((await send(unix, "GET", V2, { headers })).status, 401, header);
            assert.equal((await send(unix, "POST", V2, { headers, body: { size: MIB } })).status, 401, header);
            assert.equal((await open.ask("GET", V2, { headers, token })).status, 200, header);
        }
        assert.equal((await open.ask("GET", V2)).status, 200);
        assert.match((await open.ask("GET", "/")).body, /href="openapi\.json".*href="metrics"/);
    });

    it("the administrator's unix socket needs no token, and only its owner and group may open it", async () => {
        assert.equal(statSync(bridge.adminSocket).mode & 0o777, 0o660);
        const where = { socketPath: bridge.adminSocket };
        const made = await send(where, "POST", V2, { body: { size: MIB }, headers: { host: "localhost" } });
        assert.equal(made.status, 201, made.body);
        assert.equal((await send(where, "DELETE", `${V2}/rd0`)).status, 204);
        const changes = bridge.log().match(/audit: identity=unix-socket.*result=asked/g) ?? [];
        assert.equal(changes.length, 2);
        for (const change of changes) {
            assert.ok(change.startsWith(`audit: identity=unix-socket uid=${process.getuid!()} from=local `), change);
        }
    });

    it("nobody has more than the settings' scopes: the bridge says so, and polkit would", async () => {
        const usual = await fixture.bridge("scopes = read, operate\n");
        const administrator = (await fixture.token("admin")).token;
        for (const [method, path, body] of [
            ["POST", V2, { size: MIB, persist: true }],
            ["POST", "/v2/caches", { volume: "rd0", source: "/dev/sdb", mode: "writeback" }],
            ["DELETE", "/v2/caches/c", { lose_unwritten: true }],
        ] as const) {
            const refused = await usual.ask(method, path, { token: administrator, body });
            assert.equal(refused.status, 403, refused.body);
            assert.match(refused.body, /needs the scope admin; the settings of this bridge allow it nobody/);
        }
        const limited = await fixture.bridge("scopes = read\n");
        const { token } = await fixture.token("admin");
        assert.equal((await limited.ask("POST", V2, { token, body: { size: MIB } })).status, 403);
        const strict = await startRest("scopes = read  # nothing else\n");
        try {
            // The bridge believes that it may; its own user may not.
            const unaware = await strict.bridge("scopes = read, operate, admin\n");
            const own = await strict.token("admin");
            const answer = await unaware.ask("POST", V2, { token: own.token, body: { size: MIB } });
            assert.equal(answer.status, 403, answer.body);
            assert.match(answer.body, /org\.rapiddisk\.Manager\.Error\.NotAuthorized/);
            assert.equal((await unaware.ask("GET", V2)).status, 200);
            // Settings that polkit cannot read, or not find, may say the same; only those that are not there say nothing.
            const made = async (): Promise<number> =>
                (await unaware.ask("POST", V2, { token: own.token, body: { size: MIB } })).status;
            chmodSync(strict.settingsFile, 0o600);
            assert.equal(await made(), 403, "settings of mode 0600");
            chmodSync(dirname(strict.settingsFile), 0o700);
            assert.equal(await made(), 403, "a folder of mode 0700");
            chmodSync(dirname(strict.settingsFile), 0o755);
            rmSync(strict.settingsFile);
            assert.equal(await made(), 201, "no settings");
        } finally {
            await strict.stop();
        }
    });

    it("an address beyond this host is refused without TLS, and a setting that cannot be read is never guessed", async () => {
        const run = (settings: string, ...more: string[]): Promise<{ status: number | null; stderr: string }> => {
            const config = join(fixture.fixture.bus.directory, "rest", "odd.conf");
            execFileSync("/bin/sh", ["-c", `cat >"$1"; chmod 644 "$1"`, "sh", config], { input: settings });
            const program = join(fixture.fixture.bus.directory, "rest", "main.cjs");
            return fixture.fixture.bus.run([process.execPath, program, "--config", config, ...more], { uid: nobody });
        };
        for (const [settings, message] of [
            ["listen = 0.0.0.0:9118", /needs TLS/],
            ["listen = [::]:9118", /needs TLS/],
            ["listen", /line 1: it has no =/],
            ["scopes = read, root", /"root" is not a valid scope/],
            ["insecure-open-v1 = maybe", /must be yes or no/],
            ["insecure = yes", /the setting "insecure" is unknown/],
            ["tls-certificate = /x", /belong together/],
            ["listen = 192.0.2.1:9118\ntls-certificate = /x\ntls-key = /x", /The file \/x cannot be read \(ENOENT\)/],
            ["listen = example.com:80", /is not a valid address/],
        ] as const) {
            const { status, stderr } = await run(`${settings}\n`);
            assert.equal(status, 78, `${settings}: ${stderr}`);
            assert.match(stderr, message);
        }
        assert.equal((await run("", "--listen", "70000")).status, 78);
    });
});
