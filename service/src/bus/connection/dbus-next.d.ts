// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What dbus-next's own types leave out: the SASL handshake of a connecting client. */
declare module "dbus-next/lib/handshake.js" {
    import type { Duplex } from "node:stream";
    /**
     * Authenticates on a connected stream and sends BEGIN; asks for file descriptors first when the stream has a property
     * supportsUnixFd that is true, and goes on without when the bus passes none.
     * @param options authMethods in the order to try
     * @param done gets an error, or the GUID of the server
     */
    export default function handshake(
        stream: Duplex & { supportsUnixFd?: boolean },
        options: { authMethods: string[] },
        done: (error: unknown, guid?: string) => void,
    ): void;
}
