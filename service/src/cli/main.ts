#!/usr/bin/node
// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { VERSION } from "../version.js";
import { EXIT } from "./failure.js";
import { isUpstreamNotation } from "./upstream/options.js";
import { processEnvironment } from "./environment.js";

/** Picks the notation that the command line is in, and runs it. */
async function main(): Promise<void> {
    const line = process.argv.slice(2);
    const environment = processEnvironment(VERSION);
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
        // A reader that goes away (rapiddisk list | head -1) is no error.
        if (error.code !== "EPIPE") {
            process.stderr.write(`rapiddisk: Standard output cannot be written: ${error.message}.\n`);
        }
        process.exit(error.code === "EPIPE" ? EXIT.done : EXIT.failed);
    });
    // There is nowhere left to say that messages cannot be written.
    process.stderr.on("error", () => undefined);
    const run = isUpstreamNotation(line)
        ? (await import("./upstream/run.js")).runUpstream
        : (await import("./run.js")).runCommandLine;
    let printed = false;
    environment.out = (text) => {
        printed = true;
        process.stdout.write(text);
    };
    const status = await run(line, environment);
    if (!printed) {
        process.exit(status);
    }
    // What was printed is written, or has failed and was told, once this empty text is through.
    process.stdout.write("", (error) => {
        if (!error) {
            process.exit(status);
        }
    });
}

void main();
