// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Credentials } from "../../../service/src/rest/access/credentials.js";

describe("the user at the other end of a unix socket", () => {
    let directory: string, server: Server;
    const clients: Socket[] = [];

    beforeEach(async () => {
        directory = mkdtempSync(join(tmpdir(), "credentials-"));
        server = createServer().listen(join(directory, "socket"));
        await once(server, "listening");
    });

    afterEach(() => {
        clients.splice(0).forEach((client) => client.destroy());
        server.close();
        rmSync(directory, { recursive: true });
    });

    async function connection(): Promise<Socket> {
        const taken = once(server, "connection");
        clients.push(connect(join(directory, "socket")));
        return ((await taken) as [Socket])[0];
    }

    it("is the kernel's word, and the connection can be used as before", async () => {
        const [credentials, socket] = [new Credentials(), await connection()];
        assert.equal(await credentials.userOf(socket), String(process.getuid!()));
        clients[0]!.write("request");
        const [data] = (await once(socket, "data")) as [Buffer];
        assert.equal(String(data), "request");
        const answer = once(clients[0]!, "data");
        socket.write("answer");
        assert.equal(String((await answer)[0]), "answer");
    });

    it("stays known when the connection has gone; of one that went before, nobody can say", async () => {
        const [credentials, first, second] = [new Credentials(), await connection(), await connection()];
        const user = await credentials.userOf(first);
        first.destroy();
        assert.equal(await credentials.userOf(first), user);
        const asked = credentials.userOf(second);
        second.destroy();
        await assert.rejects(asked, { statusCode: 403, message: /closed/ });
    });

    it("is asked for in vain without Perl, and with one that fails, and again at the next request", async () => {
        const socket = await connection();
        for (const perl of ["/nonexistent/perl", "/bin/false"]) {
            const credentials = new Credentials(perl);
            for (let request = 0; request < 2; request++) {
                await assert.rejects(credentials.userOf(socket), {
                    statusCode: 403,
                    message: new RegExp(
                        `^It could not be found out which user asks, since ${perl} is missing or failed`,
                    ),
                });
            }
        }
        assert.match(await new Credentials().userOf(socket), /^\d+$/);
    });
});
