// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The page in Chromium against Cockpit's own storage page, in the same browser and on the same host: what is transferred, and how
 * long it takes from the address to the first row, the console around it included. Each look is in a window that knows nothing yet.
 * And how long the page stands still at most while every volume in its list changes at once.
 */
import type { Browser, Page } from "playwright-core";
import { wallClock } from "../../../service/src/clock.js";
import { startBrowser } from "../../../test/page/harness/browser.js";
import { type Host, startHost } from "../../../test/page/harness/host.js";
import { crowd } from "../../../test/page/harness/sample.js";
import { type Cell, fail, newCell, record } from "../cell.js";
import { withStage } from "../stage.js";

const OURS = "rapiddisk";
const THEIRS = "Cockpit's storage page";
const FEW = "5 volumes";
const MANY = "500 volumes";
const PATIENCE = 20_000;

/** Where a contestant's page is, and its first row; a host without disks has none in Cockpit's list, which says so in its place. */
const PAGES = {
    [OURS]: { path: "rapiddisk", row: "[data-row]" },
    [THEIRS]: { path: "storage", row: "table tbody tr, [data-test-card-title=Storage] .pf-v6-c-empty-state__body" },
};

/** What a person waited for, in ms, and what the page itself brought, in bytes as they came over the wire. */
interface Look {
    ms: number;
    bytes: number;
}

/** Measures the group. @param rounds interleaved rounds */
export async function measurePage(rounds: number): Promise<Cell[]> {
    const base = { group: "page", where: "native", better: "lower" } as const;
    const size = newCell({
        ...base,
        name: "transferred for the page",
        unit: "KiB",
        subject: OURS,
        bars: [{ limit: 160 }, { against: THEIRS }],
    });
    const first = newCell({
        ...base,
        name: `to the first row, ${FEW}`,
        unit: "ms",
        subject: OURS,
        bars: [{ against: THEIRS, limit: 1 }],
    });
    const growth = newCell({
        ...base,
        name: `to the first row, ${MANY}`,
        unit: "ms",
        subject: MANY,
        bars: [{ against: FEW, limit: 1.5 }],
    });
    const still = newCell({
        ...base,
        name: `longest standstill while every volume changes, ${MANY}`,
        unit: "ms",
        subject: MANY,
        bars: [{ against: FEW }],
    });
    await withStage(async (stage) => {
        const browser = await startBrowser();
        stage.defer("chromium", () => browser.close());
        const host = async (volumes: number) => {
            const one = await startHost();
            stage.defer(`the host with ${volumes} volumes`, () => one.stop());
            await crowd(one, volumes);
            return one;
        };
        const [few, many] = [await host(5), await host(500)];
        for (let round = 0; round <= rounds; round++) {
            const ours = await attempt(first, OURS, () => look(browser, few, OURS));
            const theirs = await attempt(first, THEIRS, () => look(browser, few, THEIRS));
            const crowded = await attempt(growth, MANY, () => look(browser, many, OURS));
            // The first of each starts the service, its peer's, and the bridge.
            if (round === 0) continue;
            if (ours) {
                record(first, OURS, ours.ms);
                record(growth, FEW, ours.ms);
                record(size, OURS, ours.bytes / 1024);
            }
            if (theirs) {
                record(first, THEIRS, theirs.ms);
                record(size, THEIRS, theirs.bytes / 1024);
            }
            if (crowded) record(growth, MANY, crowded.ms);
            const calm = await attempt(still, FEW, () => standstill(browser, few, 5, round));
            const busy = await attempt(still, MANY, () => standstill(browser, many, 500, round));
            if (calm !== undefined) record(still, FEW, calm);
            if (busy !== undefined) record(still, MANY, busy);
        }
    });
    return [size, first, growth, still];
}

/**
 * Changes the size of every volume in one go while the page shows them all. @returns the longest time between two pictures that
 * the page drew meanwhile, in ms
 */
async function standstill(browser: Browser, host: Host, volumes: number, round: number): Promise<number> {
    const context = await browser.newContext();
    try {
        const page = await context.newPage();
        await page.goto(`${host.url}/${OURS}`, { waitUntil: "commit", timeout: PATIENCE });
        await until(page, `document.querySelectorAll("[data-row]").length >= ${volumes}`);
        await inFrame(page, WATCH_PICTURES);
        await host.kernel("setEventsLost", true);
        const size = 2 ** (21 + (round % 2));
        for (let number = 0; number < volumes; number++) {
            if (number === volumes - 1) await host.kernel("setEventsLost", false);
            await host.kernel("otherResize", number, size);
        }
        const words = `${size / 2 ** 20} MiB`;
        await until(
            page,
            `[...document.querySelectorAll("[data-row] [data-test=size]")].every((it) => it.textContent.includes("${words}"))`,
        );
        return (await inFrame(page, "window.benchStandstill")) as number;
    } finally {
        await context.close();
    }
}

const WATCH_PICTURES = `{
    let last = performance.now();
    window.benchStandstill = 0;
    const look = (now) => {
        window.benchStandstill = Math.max(window.benchStandstill, now - last);
        last = now;
        requestAnimationFrame(look);
    };
    requestAnimationFrame((now) => { last = now; look(now); });
}`;

/** Runs JavaScript in the page's own frame. @returns undefined while there is none */
function inFrame(page: Page, script: string, path: string = OURS): Promise<unknown> {
    const frame = page.frames().find((one) => one.url().includes(`/@localhost/${path}/`));
    return frame?.evaluate(script).catch(() => undefined) ?? Promise.resolve(undefined);
}

async function until(page: Page, condition: string): Promise<void> {
    const end = performance.now() + PATIENCE;
    while ((await inFrame(page, condition)) !== true) {
        if (performance.now() > end) throw new Error(`the page did not come to ${condition} within ${PATIENCE} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

async function attempt<T>(cell: Cell, contestant: string, run: () => Promise<T>): Promise<T | undefined> {
    try {
        return await run();
    } catch (error) {
        fail(cell, contestant, (error as Error).message.split("\n")[0] ?? "");
        return undefined;
    }
}

/** Opens a page in a new window, until its first row was painted. */
async function look(browser: Browser, host: Host, contestant: keyof typeof PAGES): Promise<Look> {
    const { path, row } = PAGES[contestant];
    const context = await browser.newContext();
    try {
        // The page notes the time itself: anyone who asks it from outside waits in a queue behind its drawing.
        await context.addInitScript(`{
            const selector = ${JSON.stringify(row)};
            const observer = new MutationObserver(() => {
                if (document.querySelector(selector) === null) return;
                observer.disconnect();
                requestAnimationFrame(() => setTimeout(() => { window.benchFirstRow = Date.now(); }));
            });
            if (location.pathname.includes("/@localhost/${path}/"))
                observer.observe(document, { childList: true, subtree: true });
        }`);
        const page = await context.newPage();
        const sizes: Promise<number>[] = [];
        page.on("requestfinished", (request) => {
            if (!new URL(request.url()).pathname.includes(`/@localhost/${path}/`)) return;
            sizes.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
        });
        const started = wallClock(); // the only clock that the browser shares
        await page.goto(`${host.url}/${path}`, { waitUntil: "commit", timeout: PATIENCE });
        const noted = await firstRow(page, path);
        return { ms: noted - started, bytes: (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0) };
    } finally {
        await context.close();
    }
}

/** When the first row was painted, in ms since the epoch. */
async function firstRow(page: Page, path: string): Promise<number> {
    const end = performance.now() + PATIENCE;
    while (performance.now() < end) {
        const noted = (await inFrame(page, "window.benchFirstRow", path)) as number | undefined;
        if (noted !== undefined) return noted;
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`no row within ${PATIENCE} ms`);
}
