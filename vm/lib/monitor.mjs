// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// monitor.mjs SOCKET COMMAND: asks QEMU's human monitor one thing and prints the answer.
import { connect } from "node:net";

const [socketPath, command] = process.argv.slice(2);
const prompt = "(qemu) ";
const socket = connect(socketPath);
let text = "";
let asked = false;

socket.setTimeout(10_000, () => fail("no answer within 10 s"));
socket.on("error", (error) => fail(error.message));
socket.on("data", (data) => {
    text += data.toString("latin1");
    if (!text.endsWith(prompt)) return;
    if (!asked) {
        asked = true;
        text = "";
        socket.write(`${command}\n`);
        return;
    }
    // The first line is the echo of the command, drawn by a line editor.
    process.stdout.write(text.slice(text.indexOf("\n") + 1, -prompt.length).replaceAll("\r", ""));
    socket.end();
});

/** Ends with status 1 and the reason. */
function fail(reason) {
    process.stderr.write(`monitor: ${reason}\n`);
    process.exit(1);
}
