#!/usr/bin/node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isUpstreamNotation } from "./upstream/options.js";
import { realWorld } from "./world.js";

/** Picks the notation that the command line is in, and runs it. */
async function main(): Promise<void> {
    const line = process.argv.slice(2);
    const world = realWorld(process.env.RAPIDDISK_VERSION ?? "(development)");
    // A reader that goes away (rapiddisk list | head -1) is no error.
    process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));
    const run = isUpstreamNotation(line)
        ? (await import("./upstream/run.js")).runUpstream
        : (await import("./run.js")).runCommandLine;
    process.exit(await run(line, world));
}

void main();
