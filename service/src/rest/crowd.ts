// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Peers } from "./access/peers.js";
import { Places } from "./access/places.js";
import { shownBy } from "./context.js";

/** Connections of one address that are served. */
export const MOST_CONNECTIONS = 512;
/** Connections that may be too many: it takes long to find out whose they are, so that is done for many at once. */
const SLACK = 128;

/**
 * Has the peers of a server share its connections: when there are too many, those are closed that are one too many of the peer
 * who has most.
 * @param latest the last answer on each connection
 */
export function shareConnections(server: Server, peers: Peers, latest: WeakMap<Socket, ServerResponse>): void {
    /** The connections of TLS by what carries them, and the other way round by its address. */
    const inner = new WeakMap<Socket, TLSSocket>();
    const bare = new Map<string, Socket>();
    const places = new Places<Socket>(MOST_CONNECTIONS, SLACK, (sockets) => {
        const keys = peers.keysOf(sockets);
        return sockets.map((socket, index) => {
            const user = inner.get(socket) ?? socket;
            const shown = shownBy(user);
            return {
                key: shown ?? keys[index]!,
                isKnown: shown !== undefined,
                isBusy: latest.get(user)?.writableFinished === false,
            };
        });
    });
    server.on("connection", (socket: Socket) => {
        const place = placeOf(socket);
        bare.set(place, socket);
        socket.once("close", () => {
            places.delete(socket);
            if (bare.get(place) === socket) {
                bare.delete(place);
            }
        });
        if (places.add(socket)) {
            // Reset, or the kernel would go on listing each of them for a minute.
            places.overflow().forEach((one) => one.resetAndDestroy());
        }
    });
    server.on("secureConnection", (socket: TLSSocket) => {
        const carrier = bare.get(placeOf(socket));
        if (carrier !== undefined) {
            inner.set(carrier, socket);
        }
    });
}

function placeOf({ remoteAddress, remotePort }: Socket): string {
    return `${remoteAddress} ${remotePort}`;
}
