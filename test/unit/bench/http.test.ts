// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { firstAnswer, HttpClient } from "../../../bench/src/rest/client.js";

const HOST = "127.0.0.1";
const ANSWER = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

describe("the bench's HTTP client", () => {
    let server: Server | undefined;
    let connections = 0;

    async function serve(answer: (socket: Socket) => void): Promise<number> {
        connections = 0;
        server = createServer((socket) => {
            connections += 1;
            socket.on("error", () => undefined).on("data", () => answer(socket));
        });
        server.listen(0, HOST);
        await once(server, "listening");
        return (server.address() as AddressInfo).port;
    }
    afterEach(() => void server?.close());

    it("keeps its connection", async () => {
        const client = await HttpClient.connect(HOST, await serve((socket) => socket.write(ANSWER)));
        const { times, bytes } = await client.latencies("/", 20);
        assert.deepEqual([times.length, bytes, connections], [20, ANSWER.length, 1]);
        client.close();
    });

    it("opens one for each request with a server that closes, even one that resets", async () => {
        const reset = (socket: Socket): void => void setTimeout(() => socket.resetAndDestroy(), 5);
        const port = await serve((socket) => socket.write(ANSWER, () => reset(socket)));
        const client = await HttpClient.connect(HOST, port, true);
        assert.equal((await client.latencies("/", 20)).times.length, 20);
        assert.equal(connections, 21);
        await new Promise((resolve) => setTimeout(resolve, 50)); // The last reset comes when nobody waits.
        client.close();
    });

    it("waits for a server that is just starting, but not forever", async () => {
        const port = await serve((socket) => socket.end(ANSWER));
        server!.close();
        await once(server!, "close");
        await assert.rejects(firstAnswer(HOST, port, "/", 20), /ECONNREFUSED/);
        const answered = firstAnswer(HOST, port, "/", 5_000);
        server!.listen(port, HOST);
        (await answered).close();
    });

    it("says what is not 200", async () => {
        const client = await HttpClient.connect(HOST, await serve((socket) => socket.write("HTTP/1.1 503 No\r\n\r\n")));
        await assert.rejects(client.latencies("/", 1), /not 200 with a length: HTTP\/1\.1 503/);
        client.close();
    });
});
