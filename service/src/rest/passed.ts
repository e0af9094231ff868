// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Socket } from "node:net";
import { isLoopback } from "./settings.js";

/** Names of the kernel's lists of TCP connections, as the unit has them opened; everything else is a socket to listen on. */
const TABLES = ["tcp", "tcp6"];

/** What systemd passed (sd_listen_fds(3)), as descriptors. */
export interface Passed {
    sockets: { fd: number }[];
    /** The kernel's lists of TCP connections of the host (proc(5), net/tcp). */
    tables: number[];
}

/** Finds what systemd passed. @param pid that of this process: what was meant for another is not taken */
export function passedDescriptors(environment: NodeJS.ProcessEnv, pid: number): Passed {
    const count = environment.LISTEN_PID === String(pid) ? Number(environment.LISTEN_FDS ?? 0) : 0;
    const names = (environment.LISTEN_FDNAMES ?? "").split(":");
    const passed: Passed = { sockets: [], tables: [] };
    for (let index = 0; Number.isInteger(count) && index < count; index++) {
        const fd = 3 + index;
        if (TABLES.includes(names[index] ?? "")) {
            passed.tables.push(fd);
        } else {
            passed.sockets.push({ fd });
        }
    }
    return passed;
}

/** From where a listening socket can be reached: the administrator, this host, or others. */
export type Reach = "unix" | "loopback" | "network";

/** Finds from where a passed socket can be reached. Reads only its address: it stays open, and no connection is accepted. */
export function reachOf(fd: number): Reach {
    const address = new Socket({ fd, readable: false, writable: false }).localAddress;
    return address === undefined ? "unix" : isLoopback(address) ? "loopback" : "network";
}
