// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { createServer, type RequestListener } from "node:http";
import { render, statusObject } from "../upstream/json.js";
import { refusal } from "./errors.js";
import { reachOf } from "./passed.js";
import { LIMITS } from "./sockets.js";
import { problemText } from "./v2/problem.js";

/** How long to stay after the last connection, in ms: not so short that systemd takes the next start for one too many. */
const LINGER = 10_000;

/**
 * Tells everybody on the sockets of systemd that the settings cannot be used, and nothing else; a client from elsewhere is
 * told nothing. Ends when nobody has come for a while, so that the next one has the settings read again.
 * @param why what is wrong with the settings, in one sentence
 * @param stopped ends it at once
 */
export async function refuseAll(
    sockets: readonly { fd: number }[],
    why: string,
    stopped: Promise<unknown>,
): Promise<void> {
    const message = `The settings of the bridge cannot be used, so it does nothing: ${why}`;
    const problem = problemText(refusal("Failed", message, 503));
    const answer: RequestListener = (request, response) => {
        const isV1 = request.url?.startsWith("/v1/") === true;
        const type = isV1 ? "application/json" : "application/problem+json";
        response.writeHead(503, { "content-type": `${type}; charset=utf-8`, connection: "close" });
        response.end(isV1 ? render(statusObject("Failed", message)) : problem);
    };
    let timer: NodeJS.Timeout | undefined;
    const idle = new Promise<void>((resolve) => {
        const wait = (): void => {
            clearTimeout(timer);
            timer = setTimeout(resolve, LINGER);
        };
        for (const { fd } of sockets) {
            const isFar = reachOf(fd) === "network";
            const server = createServer(LIMITS, answer);
            server.on("connection", (socket) => {
                wait();
                if (isFar) {
                    socket.destroy();
                }
            });
            server.listen({ fd });
        }
        wait();
    });
    await Promise.race([idle, stopped]);
    clearTimeout(timer);
}
