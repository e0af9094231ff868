// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Runs the promises of the kernel port against the running kernel, as root, on a machine that may be thrown away.
 * Prints TAP; arguments pick promises by a part of their name. Exit status 1 when a promise was broken.
 */
import { realFixtures } from "./real-fixture.js";
import { promises } from "./promises.js";

const TIMEOUT_MS = 180_000;

async function main(): Promise<void> {
    const wanted = process.argv.slice(2);
    const chosen = promises.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
    const fixtures = await realFixtures();
    const counts = { passed: 0, failed: 0, skipped: 0 };
    console.log(`1..${chosen.length}`);
    for (const [index, promised] of chosen.entries()) {
        const fixture = fixtures.make();
        const line = `${index + 1} - ${promised.name.replaceAll("#", "\\#")}`;
        const why = promised.needs?.map((ability) => fixture.lacks(ability)).find((reason) => reason !== undefined);
        if (why !== undefined) {
            counts.skipped++;
            console.log(`ok ${line} # SKIP ${why}`);
            continue;
        }
        const started = performance.now();
        try {
            await inTime(promised.run(fixture));
            counts.passed++;
            console.log(`ok ${line} (${Math.round(performance.now() - started)} ms)`);
        } catch (error) {
            counts.failed++;
            console.log(`not ok ${line}`);
            const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
            console.log(text.replaceAll(/^/gm, "# "));
        }
        await fixture.clean();
    }
    await fixtures.close();
    console.log(`# ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
    process.exitCode = counts.failed > 0 ? 1 : 0;
}

function inTime(promise: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout;
    const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not done in ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

main().catch((error: unknown) => {
    console.log(
        `Bail out! ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`.replaceAll("\n", "\n# "),
    );
    process.exitCode = 2;
});
