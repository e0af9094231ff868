// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { connect, type Socket } from "node:net";
import { once } from "node:events";

/** Where the head of an answer ends at the latest. */
const HEAD_BYTES = 2048;
/** Between two looks at a server that does not listen yet. */
const RETRY_MS = 2;

/**
 * An HTTP client that does nothing but time answers, over one connection that stays open; with a server that closes it
 * after each answer, over a new one for each request, whose opening counts.
 */
export class HttpClient {
    private constructor(
        private socket: Socket,
        private readonly host: string,
        private readonly port: number,
        private readonly closes: boolean,
    ) {}

    /** @param closes whether the server closes the connection after each answer */
    static async connect(host: string, port: number, closes = false): Promise<HttpClient> {
        return new HttpClient(await open(host, port), host, port, closes);
    }

    /**
     * Asks one after the other, each as soon as the answer before it is whole.
     * @returns milliseconds of each, and bytes of the last answer
     * @throws Error when a status is not 200
     */
    async latencies(path: string, count: number): Promise<{ times: number[]; bytes: number }> {
        const request = `GET ${path} HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\n\r\n`;
        const times: number[] = [];
        let bytes = 0;
        for (let done = 0; done < count; done++) {
            const started = performance.now();
            if (this.closes) {
                this.socket.destroy();
                this.socket = await open(this.host, this.port);
            }
            bytes = await this.one(request);
            times.push(performance.now() - started);
        }
        return { times, bytes };
    }

    close(): void {
        this.socket.destroy();
    }

    private one(request: string): Promise<number> {
        return new Promise((resolve, reject) => {
            if (this.socket.destroyed) throw new Error("the server closed the connection while nothing was asked");
            let whole = Infinity;
            let got = 0;
            const end = (error?: Error): void => {
                this.socket.off("data", onData).off("error", end).off("close", onClose);
                if (error === undefined) resolve(got);
                else reject(error);
            };
            const onClose = (): void => end(new Error("the connection was closed"));
            const onData = (chunk: Buffer): void => {
                if (got === 0) {
                    const head = chunk.toString("latin1", 0, HEAD_BYTES);
                    const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
                    const headEnd = head.indexOf("\r\n\r\n") + 4;
                    if (!head.startsWith("HTTP/1.1 200") || length === undefined || headEnd < 4) {
                        end(new Error(`not 200 with a length: ${head.slice(0, 200)}`));
                        return;
                    }
                    whole = headEnd + Number(length);
                }
                got += chunk.length;
                if (got >= whole) end();
            };
            this.socket.on("data", onData).on("error", end).on("close", onClose);
            this.socket.write(request);
        });
    }
}

async function open(host: string, port: number): Promise<Socket> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, "connect");
    // A server that closes may reset the connection after its answer was taken; while one is waited for, it is an error.
    socket.on("error", () => undefined);
    return socket;
}

/**
 * Waits for a server that is just starting.
 * @returns a client of it, which has had its first answer
 * @throws Error when there is none within `limitMs`
 */
export async function firstAnswer(host: string, port: number, path: string, limitMs: number): Promise<HttpClient> {
    const started = performance.now();
    for (;;) {
        try {
            const client = await HttpClient.connect(host, port, true);
            await client.latencies(path, 1);
            return client;
        } catch (error) {
            if (performance.now() - started > limitMs) throw error;
            await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        }
    }
}
