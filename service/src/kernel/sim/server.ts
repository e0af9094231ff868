// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Lets a test drive the simulated kernel of a daemon that runs as another process: one JSON line a call,
 * `{"id":1,"call":"mount","args":["sdb","/mnt"]}` or `"call":"steps.failStep"`, answered by `{"id":1,"result":…}` or
 * `{"id":1,"error":{"errno":"ENODEV","message":"…"}}`. The socket belongs to the daemon's user alone.
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { KernelError } from "../port.js";
import type { SimControl } from "./control.js";

export function serveControl(path: string, control: SimControl): { close(): Promise<void> } {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
        sockets.add(socket);
        socket.on("close", () => sockets.delete(socket));
        socket.on("error", () => socket.destroy());
        createInterface({ input: socket })
            .on("line", (line) => socket.write(`${JSON.stringify(answer(control, line))}\n`))
            .on("error", () => socket.destroy());
    });
    rmSync(path, { force: true });
    const umask = process.umask(0o177);
    server.listen(path, () => chmodSync(path, 0o600));
    process.umask(umask);
    server.unref();
    return {
        close: () =>
            new Promise((resolve) => {
                sockets.forEach((socket) => socket.destroy());
                server.close(() => resolve());
            }),
    };
}

function answer(control: SimControl, line: string): unknown {
    let id: unknown = null;
    try {
        const request = JSON.parse(line) as { id: unknown; call: string; args?: unknown[] };
        id = request.id;
        const name = request.call.replace(/^steps\./, "");
        const holder: object = request.call.startsWith("steps.") ? control.steps : control;
        if (name === "log") return { id, result: control.steps.log };
        const prototype = Object.getPrototypeOf(holder) as Record<string, unknown>;
        const method = Object.hasOwn(prototype, name) && name !== "constructor" ? prototype[name] : undefined;
        if (typeof method !== "function") throw new KernelError("ENOSYS", `There is no control ${request.call}.`);
        const result: unknown = Reflect.apply(method, holder, request.args ?? []);
        return { id, result: result ?? null };
    } catch (error) {
        const errno = error instanceof KernelError ? error.errno : "EINVAL";
        return { id, error: { errno, message: error instanceof Error ? error.message : String(error) } };
    }
}
