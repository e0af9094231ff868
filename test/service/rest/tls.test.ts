// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, readFileSync, renameSync } from "node:fs";
import { request as httpsRequest } from "node:https";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { type ConnectionOptions, connect as tlsConnect } from "node:tls";
import { needsRoot } from "../harness/index.js";
import { call, eventually, ROOT } from "../daemon/fixture.js";
import { startRest, type RestFixture } from "./fixture.js";

const MIB = 1048576;
const V2 = "/v2/volumes";

describe("TLS", function () {
    let fixture: RestFixture;
    let address: string;
    let folder: string;

    before(async function () {
        needsRoot(this);
        const found = Object.values(networkInterfaces())
            .flat()
            .find((one) => one !== undefined && !one.internal && one.family === "IPv4")?.address;
        if (found === undefined) {
            console.log("    skipped: this host has no address but the loopback's");
            this.skip();
        }
        address = found;
        fixture = await startRest();
        folder = join(fixture.fixture.bus.directory, "tls");
        execFileSync("/bin/sh", ["-ec", CERTIFICATES, "sh", folder, address], { stdio: "ignore" });
        for (const name of ["server", "next"]) chmodSync(join(folder, `${name}.key`), 0o644);
    });
    after(() => fixture?.stop());

    it("beyond this host there is TLS, reading needs a token, and a client certificate has its scope", async () => {
        const tls = await fixture.bridge(
            `tls-certificate = ${folder}/server.crt\ntls-key = ${folder}/server.key\n` +
                `tls-client-ca = ${folder}/ca.crt\ntls-clients = alice in chains:operate, bob:read\n`,
            `${address}:0`,
        );
        const ca = readFileSync(join(folder, "ca.crt"));
        const ask = (method: string, more: object = {}, body = ""): Promise<number> =>
            new Promise((resolve, reject) => {
                const headers = { "content-type": "application/json" };
                const options = { host: address, port: tls.port, path: V2, method, ca, headers, agent: false, ...more };
                const request = httpsRequest(options, (response) => {
                    response.resume();
                    resolve(response.statusCode ?? 0);
                });
                request.on("error", reject);
                request.end(body);
            });
        assert.equal(await ask("GET"), 401);
        const { token } = await fixture.token("read");
        assert.equal(await ask("GET", { headers: { authorization: `Bearer ${token}` } }), 200);
        const pair = (name: string): object => ({
            cert: readFileSync(join(folder, `${name}.crt`)),
            key: readFileSync(join(folder, `${name}.key`)),
        });
        assert.equal(await ask("POST", pair("alice"), JSON.stringify({ size: MIB })), 201);
        assert.equal(await ask("GET", pair("mallory")), 401, "a certificate without a scope");
        assert.equal(await ask("GET", pair("forged")), 401, "a certificate of another authority");
        for (const [who, status, more] of [
            ["nobody", 401, {}],
            ["mallory", 401, pair("mallory")],
            ["forged", 401, pair("forged")],
            ["alice", 200, pair("alice")],
        ] as const) {
            const again = await resumed({ host: address, port: tls.port, ca, ...more });
            assert.equal(again, `${status} ${status}`, `${who}, in a session that is taken up again`);
        }
        await call(fixture.fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Remove", "a{sv}", [{}]);
    });

    it("takes renewed certificates up with the next connection, and keeps what it has while they do not fit", async () => {
        const ca = readFileSync(join(folder, "ca.crt"));
        const live = (what: string): string => join(folder, `live.${what}`);
        const renew = (what: string, from: string): void => {
            copyFileSync(join(folder, `${from}.${what}`), live("new"));
            chmodSync(live("new"), 0o644);
            renameSync(live("new"), live(what));
        };
        renew("crt", "server");
        renew("key", "server");
        const bridge = await fixture.bridge(
            `tls-certificate = ${live("crt")}\ntls-key = ${live("key")}\n`,
            `${address}:0`,
        );
        const served = (): Promise<string> =>
            new Promise((resolve, reject) => {
                const socket = tlsConnect({ host: address, port: bridge.port, ca }, () => {
                    resolve(String(socket.getPeerCertificate().subject.CN));
                    socket.destroy();
                });
                socket.on("error", reject);
            });
        assert.equal(await served(), "server");
        renew("crt", "next");
        assert.equal(await served(), "server", "a certificate without its key");
        await eventually(() => /have changed and cannot be used; those before are kept/.test(bridge.log()));
        renew("key", "next");
        assert.equal(await served(), "next");
        await eventually(() => /The certificates were read again/.test(bridge.log()));
    });
});

/** The status of two requests, the second in the TLS session of the first, with nothing more to show. */
async function resumed(options: ConnectionOptions): Promise<string> {
    const one = (more: ConnectionOptions): Promise<{ status: string; session: Buffer | undefined }> =>
        new Promise((resolve, reject) => {
            let [text, session]: [string, Buffer | undefined] = ["", undefined];
            const socket = tlsConnect({ ...options, ...more }, () =>
                socket.write(`GET ${V2} HTTP/1.1\r\nHost: ${options.host}\r\nConnection: close\r\n\r\n`),
            );
            socket.on("session", (ticket) => (session = ticket));
            socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
            socket.on("close", () => resolve({ status: text.slice(9, 12), session }));
            socket.on("error", reject);
        });
    const first = await one({});
    assert.ok(first.session !== undefined, "no session");
    const second = await one({ session: first.session, cert: "", key: "" });
    return `${first.status} ${second.status}`;
}

/** A server and three clients; forged has alice's name from an authority of its own. */
const CERTIFICATES = `mkdir -p "$1"; cd "$1"; chmod 755 .
key() { openssl ecparam -genkey -name prime256v1 -noout -out "$1.key"; }
key ca; openssl req -x509 -new -key ca.key -subj /CN=ca -days 2 -out ca.crt
key other; openssl req -x509 -new -key other.key -subj /CN=ca -days 2 -out other.crt
sign() {
    key "$1"; openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
    printf 'subjectAltName=IP:%s\\n' "$4" >"$1.ext"
    openssl x509 -req -in "$1.csr" -CA "$3.crt" -CAkey "$3.key" -CAcreateserial -days 2 -extfile "$1.ext" -out "$1.crt"
}
sign server server ca "$2"; sign next next ca "$2"; sign alice "alice in chains" ca "$2"; sign mallory mallory ca "$2"; sign forged "alice in chains" other "$2"`;
