// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Loaded into a service before its own program (node --require): measures how much processor time it takes in one turn of its
 * event loop, in which it serves nobody else. Who connects to the socket RAPIDDISK_TURNS is told the most since the last
 * one connected, in milliseconds. Processor time, since a busy machine makes each turn longer by the clock.
 */
import { openSync, readSync } from "node:fs";
import { createServer } from "node:net";

let most = 0;
const file = openSync(`/proc/self/task/${process.pid}/schedstat`, "r");
const buffer = Buffer.alloc(64);
/** Time in milliseconds that the main thread ran so far (proc(5): schedstat). */
const computed = (): number =>
    Number(buffer.toString("latin1", 0, readSync(file, buffer, 0, 64, 0)).split(" ")[0]) / 1e6;
let last = computed();

setInterval(() => {
    const now = computed();
    most = Math.max(most, now - last);
    last = now;
}, 1).unref();

createServer((socket) => {
    socket.end(String(most));
    most = 0;
})
    .listen(process.env.RAPIDDISK_TURNS)
    .unref();
