// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest, Agent, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { bundle, nobody, outputLine } from "../harness/index.js";
import { call, prepareDaemon, ROOT, type Service, type DaemonFixture } from "../daemon/fixture.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** An answer over HTTP. */
export interface Answer {
    status: number;
    headers: IncomingHttpHeaders;
    body: string;
}

/** What a request is, besides method and path. */
export interface Ask {
    token?: string;
    headers?: Record<string, string>;
    body?: unknown;
    /** Sent as it is. */
    raw?: string;
}

/** A bridge that runs. */
export interface Bridge {
    process: ChildProcess;
    port: number;
    adminSocket: string;
    log(): string;
    ask(method: string, path: string, what?: Ask): Promise<Answer>;
    /** Sends bytes as they are and returns all that comes back until the other side closes. */
    raw(bytes: string | Buffer): Promise<string>;
    stop(): Promise<void>;
}

export interface RestFixture {
    fixture: DaemonFixture;
    service: Service;
    /** Makes a token over D-Bus. */
    token(scope: string, lifetime?: number): Promise<{ id: string; token: string }>;
    /** The settings that polkit looks at. */
    settingsFile: string;
    /** The bundled bridge, for `node`. */
    program: string;
    /** Starts a bridge with these settings (and all scopes, unless they name some), as a user who has no right but by the bridge's polkit rule. */
    bridge(settings?: string, listen?: string, program?: string): Promise<Bridge>;
    stop(): Promise<void>;
}

/** The settings that let the tests do everything. */
const ALL = "scopes = read, operate, admin\n";

/** A bus, polkitd with the bridge's own rule (for the test's user), and the service over the simulated kernel. */
export async function startRest(polkitScopes = ALL): Promise<RestFixture> {
    const shipped = readFileSync(join(root, "polkit/50-rapiddisk-rest.rules"), "utf8");
    const fixture = await prepareDaemon();
    const settings = join(fixture.bus.directory, "etc-rapiddisk");
    mkdirSync(settings);
    chmodSync(settings, 0o755);
    const settingsFile = join(settings, "rest.conf");
    writeFileSync(settingsFile, polkitScopes, { mode: 0o644 });
    const reader = join(settings, "rest-settings");
    copyFileSync(join(root, "systemd/lib/rest-settings"), reader);
    chmodSync(reader, 0o644);
    const rule = shipped
        .replace('"rapiddisk-rest"', '"nobody"')
        .replaceAll("/etc/rapiddisk", settings)
        .replace("/usr/lib/rapiddisk/rest-settings", reader);
    await fixture.bus.startPolkit(rule);
    const folder = join(fixture.bus.directory, "rest");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const [program, service] = await Promise.all([
        bundle(join(root, "service/src/rest/main.ts"), folder),
        fixture.start(),
    ]);
    // With the memory that it has as a unit: without a limit its young objects take as much as they like.
    const unit = readFileSync(join(root, "systemd/rapiddisk-rest.service"), "utf8");
    const limits = unit.match(/--max-[a-z-]+=\d+/g) ?? [];
    if (limits.length === 0) {
        throw new Error("systemd/rapiddisk-rest.service sets no limits of memory: the test measures nothing");
    }
    const bridges: Bridge[] = [];
    let count = 0;
    return {
        fixture,
        service,
        program,
        settingsFile,
        async token(scope, lifetime) {
            const options = lifetime === undefined ? {} : { lifetime: new Variant("u", lifetime) };
            const args = ["test", scope, options];
            const [id, token] = await call(fixture.client, ROOT, "Tokens", "CreateToken", "ssa{sv}", args);
            return { id: id as string, token: token as string };
        },
        async bridge(settings = "", listen = "127.0.0.1:0", main = program) {
            const config = join(folder, `${++count}.conf`);
            const adminSocket = join(folder, `${count}.sock`);
            writeFileSync(config, /^scopes/m.test(settings) ? settings : ALL + settings, { mode: 0o644 });
            const options = ["--listen", listen, "--admin-socket", adminSocket, "--config", config];
            const child = fixture.bus.spawn([process.execPath, ...limits, main, ...options], { uid: nobody });
            let text = "";
            child.stderr?.setEncoding("utf8").on("data", (piece: string) => (text += piece));
            const [, port] = await outputLine(child, "stderr", /answers on [0-9.]+:(\d+)/);
            child.stderr?.on("data", () => undefined);
            const bridge = client(child, Number(port), adminSocket, () => text);
            bridges.push(bridge);
            return bridge;
        },
        async stop() {
            for (const bridge of bridges) await bridge.stop();
            await fixture.stop();
        },
    };
}

function client(child: ChildProcess, port: number, adminSocket: string, log: () => string): Bridge {
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    return {
        process: child,
        port,
        adminSocket,
        log,
        ask: (method, path, what = {}) => send({ host: "127.0.0.1", port, agent }, method, path, what),
        raw: (bytes) =>
            new Promise((resolve, reject) => {
                let text = "";
                const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
                socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
                socket.on("close", () => resolve(text));
                socket.on("error", (error: NodeJS.ErrnoException) =>
                    ["ECONNRESET", "EPIPE"].includes(error.code ?? "") ? resolve(text) : reject(error),
                );
            }),
        async stop() {
            agent.destroy();
            if (child.exitCode !== null || child.signalCode !== null) return;
            const ended = new Promise((resolve) => child.once("exit", resolve));
            child.kill("SIGTERM");
            await ended;
        },
    };
}

/** Sends one request and reads the whole answer. */
export function send(where: RequestOptions, method: string, path: string, what: Ask = {}): Promise<Answer> {
    const body = what.raw ?? (what.body === undefined ? undefined : JSON.stringify(what.body));
    const headers: Record<string, string> = {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(what.token === undefined ? {} : { authorization: `Bearer ${what.token}` }),
        // Node frames the body of a DELETE only when it is told to.
        ...(body === undefined || method !== "DELETE" ? {} : { "content-length": String(Buffer.byteLength(body)) }),
        ...what.headers,
    };
    return new Promise((resolve, reject) => {
        const request = httpRequest({ ...where, method, path, headers }, (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
            response.on("end", () =>
                resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
            );
            response.on("error", reject);
        });
        request.on("error", reject);
        request.end(body);
    });
}
