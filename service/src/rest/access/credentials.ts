// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { spawn, type ChildProcessByStdio, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import type { Socket } from "node:net";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { SerialQueue } from "../../system/serialqueue.js";
import { refusal } from "../errors.js";

/** Prints the user of the peer at standard input. Node has no getsockopt(2). */
const PROGRAM =
    "use Socket; my $c = getsockopt(STDIN, SOL_SOCKET, SO_PEERCRED) or exit 1; print((unpack 'lLL', $c)[1]);";
/** Milliseconds. */
const LIMIT = 10_000;

/** Finds the users at the other ends of unix sockets: the kernel's word (unix(7), SO_PEERCRED), asked once a connection. */
export class Credentials {
    private readonly known = new WeakMap<Socket, Promise<string>>();
    private readonly queue = new SerialQueue();

    /** @param perl the interpreter */
    constructor(private readonly perl = "/usr/bin/perl") {}

    /**
     * Finds the number of the user who connected.
     * @throws HttpError 403 when it cannot be found out: the connection is closed, or there is no Perl that works
     */
    userOf(socket: Socket): Promise<string> {
        let user = this.known.get(socket);
        if (user === undefined) {
            // One at a time: the unit may have few processes, and a crowd must not take them all.
            user = this.queue.run(() => this.ask(socket));
            this.known.set(socket, user);
            user.catch(() => this.known.delete(socket));
        }
        return user;
    }

    private async ask(socket: Socket): Promise<string> {
        const fd = descriptorOf(socket);
        if (fd === undefined) {
            throw refusal("NotAuthorized", "The connection was closed before it was known who asks.");
        }
        const output = await this.run(fd).catch(() => "");
        if (!/^\d+$/.test(output)) {
            throw refusal(
                "NotAuthorized",
                `It could not be found out which user asks, since ${this.perl} is missing or failed: no change is made for nobody. ` +
                    "Install Perl, or use a token over another address.",
            );
        }
        return output;
    }

    private async run(fd: number): Promise<string> {
        const options: SpawnOptions = {
            stdio: [fd, "pipe", "ignore"],
            env: {},
            cwd: "/",
            timeout: LIMIT,
            killSignal: "SIGKILL",
        };
        const child = spawn(this.perl, ["-e", PROGRAM], options) as ChildProcessByStdio<null, Readable, null>;
        const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
        return output;
    }
}

/** Given by number: a socket passed as such would be read by nobody here afterwards. */
function descriptorOf(socket: Socket): number | undefined {
    const { _handle: handle } = socket as Socket & { _handle?: { fd?: number } | null };
    return handle?.fd === undefined || handle.fd < 0 ? undefined : handle.fd;
}
