// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One browser for all tests of a run, and one host for all files of tests that begin with the samples. */
import { cpSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { startBrowser } from "./browser.js";
import { startHost, type Host } from "./host.js";
import { fill } from "./sample.js";

let browser: Promise<Browser> | undefined;

/** The browser of this run. */
export function sharedBrowser(): Promise<Browser> {
    browser ??= startBrowser();
    return browser;
}

/** What the service and its simulated kernel remember, in the host's directory. */
const KEPT = ["state", "runtime", "kernel.json"];

/** Copies that from one directory to another; sockets belong to the process that made them. */
function copyKept(from: string, to: string): void {
    const filter = (path: string): boolean => !lstatSync(path).isSocket();
    for (const part of KEPT) cpSync(join(from, part), join(to, part), { recursive: true, filter });
}

/** The host with the samples, and a copy of what it remembers of them. */
interface Samples {
    readonly host: Host;
    readonly copy: string;
}

let samples: Promise<Samples> | undefined;
/** The same host, also when its samples could not be made: a run with a host that nobody stops would never end. */
let started: Host | undefined;

/**
 * A host with the samples on it, as if it had been made for the caller: what earlier tests did to it is undone. Nobody stops
 * it; it ends with the run.
 */
export async function sampleHost(): Promise<Host> {
    if (samples === undefined) {
        samples = makeSamples();
        return (await samples).host;
    }
    const { host, copy } = await samples;
    host.allowService(true);
    await host.stopService("KILL").catch(() => undefined);
    for (const part of KEPT) rmSync(join(host.directory, part), { recursive: true, force: true });
    copyKept(copy, host.directory);
    await host.startService();
    return host;
}

async function makeSamples(): Promise<Samples> {
    const host = await startHost();
    started = host;
    await fill(host);
    const copy = mkdtempSync(join(tmpdir(), "rapiddisk-samples-"));
    // A service at work replaces its files: what is listed may be gone when it is copied.
    await host.stopService();
    copyKept(host.directory, copy);
    await host.startService();
    return { host, copy };
}

after(async () => {
    await (await browser)?.close();
    await started?.stop();
    const made = await samples?.catch(() => undefined);
    if (made !== undefined) rmSync(made.copy, { recursive: true, force: true });
});
