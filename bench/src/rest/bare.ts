// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { spawn } from "node:child_process";
import { once } from "node:events";

/** Answers every request with what it read from its input, and does nothing else. */
const PROGRAM = `
const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk)).on("end", () => {
    const body = Buffer.concat(chunks).toString("latin1"); // Node sends head and body of a string in one write.
    const head = ["content-type", "application/json; charset=utf-8", "content-length", String(body.length)];
    const server = require("node:http").createServer((request, response) => {
        response.writeHead(200, head);
        response.end(body, "latin1");
    });
    server.keepAliveTimeout = 0; // Others have their turns between two of its own.
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));
});`;

/** What Node's own HTTP server reaches with the same bytes and nothing to look up. */
export class BareServer {
    private constructor(
        readonly port: number,
        private readonly child: ReturnType<typeof spawn>,
    ) {}

    /** Starts it as a process of its own. @param body what it answers with */
    static async start(body: string): Promise<BareServer> {
        const child = spawn(process.execPath, ["-e", PROGRAM], { stdio: ["pipe", "pipe", "inherit"] });
        child.stdin.end(body);
        const [port] = (await once(child.stdout, "data")) as [Buffer];
        return new BareServer(Number(port.toString()), child);
    }

    stop(): void {
        this.child.kill("SIGKILL");
    }
}
