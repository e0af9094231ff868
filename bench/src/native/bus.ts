// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A message bus of our own on this host, on which anybody may own any name. It has no polkit: only root may change. */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import type { Stage } from "../stage.js";

const CONFIG = (
    socket: string,
): string => `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`;

/** Starts dbus-daemon in a directory and gives its address. It ends with the stage. */
export async function startBus(stage: Stage, directory: string): Promise<string> {
    const socket = `${directory}/bus`;
    writeFileSync(`${directory}/bus.conf`, CONFIG(socket));
    const child = spawn("dbus-daemon", [`--config-file=${directory}/bus.conf`, "--nofork", "--nopidfile"], {
        stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    child.stderr.on("data", (chunk: Buffer) => (words = (words + chunk.toString()).slice(-500)));
    child.on("error", (error) => (words += error.message));
    stage.defer("dbus-daemon", async () => {
        if (child.exitCode !== null) return;
        const gone = new Promise((resolve) => child.once("exit", resolve));
        child.kill();
        await gone;
    });
    for (let waited = 0; !existsSync(socket); waited += 20) {
        if (child.exitCode !== null || waited > 5000) throw new Error(`dbus-daemon does not start: ${words}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return `unix:path=${socket}`;
}
