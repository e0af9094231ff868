// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Holds the installed service to the D-Bus contract, as root, on a machine whose scratch disk may be overwritten.
 * Prints TAP; arguments pick promises by a part of their name. Exit status 1 when a promise was broken.
 */
import { promises } from "./promises.js";
import { realFixture } from "./real-fixture.js";
import { clean } from "./fixture.js";

async function main(): Promise<void> {
    const wanted = process.argv.slice(2);
    const chosen = promises.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
    const fixture = await realFixture();
    await clean(fixture);
    let failed = 0;
    console.log(`1..${chosen.length}`);
    for (const [index, { name, needs, run }] of chosen.entries()) {
        const line = `${index + 1} - ${name}`;
        const lack = needs?.map((ability) => fixture.lacks(ability)).find((why) => why !== undefined);
        if (lack !== undefined) {
            console.log(`ok ${line} # SKIP ${lack}`);
            continue;
        }
        const started = performance.now();
        try {
            await run(fixture);
            console.log(`ok ${line} (${Math.round(performance.now() - started)} ms)`);
        } catch (error) {
            failed++;
            console.log(`not ok ${line}\n${((error as Error).stack ?? String(error)).replaceAll(/^/gm, "# ")}`);
            await clean(fixture).catch((reason: Error) => console.log(`# cleaning up failed: ${reason.message}`));
        }
    }
    await fixture.close();
    process.exit(failed > 0 ? 1 : 0);
}

main().catch((error: Error) => {
    console.log(`Bail out! ${error.message}`);
    process.exit(2);
});
