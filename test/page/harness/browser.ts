// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Chromium, and what no page may do in it. */
import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type FrameLocator, type Page } from "playwright-core";

const PROGRAM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** Starts the browser. */
export async function startBrowser(): Promise<Browser> {
    if (PROGRAM === undefined) throw new Error("Chromium is not installed: tools/setup.sh page");
    return chromium.launch({
        executablePath: PROGRAM,
        args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ],
    });
}

/** How a person looks at the page. */
export interface View {
    /** Route of the page, for example "/volumes/rd0". */
    route?: string;
    theme?: "light" | "dark";
    contrast?: "more" | "no-preference";
    /** Whether the system gives all colours, as in Windows' contrast themes. */
    forcedColors?: "active" | "none";
    /** Language as Cockpit names it, for example "de-de" or "ar-eg". */
    language?: string;
    /** Size of the window in pixels. */
    width?: number;
    height?: number;
    reducedMotion?: "reduce" | "no-preference";
    /** Logs in as `admin` with this password; with administrative access or without. */
    password?: string;
    /** What the page is waited for: with objects on it by default. */
    phase?: "ready" | "stopped" | "missing" | "failed";
    administrator?: boolean;
    /** How long a condition is waited for, in ms: much longer than it ever takes. */
    patience?: number;
}

/** The page in a window. */
export interface Window {
    readonly page: Page;
    /** The page's own frame inside Cockpit. */
    readonly frame: FrameLocator;
    /** What went wrong so far, one line each. */
    readonly faults: string[];
    /** Goes to another route without loading again. */
    go(route: string): Promise<void>;
    /** Runs JavaScript in the page's own frame. */
    evaluate<T>(script: string): Promise<T>;
    /** Changes the looks of what is shown; what is left out is light, with usual contrast, and wide. */
    look(view: Pick<View, "theme" | "contrast" | "width">): Promise<void>;
    /** Turns administrative access on, as `admin` does in Cockpit's header. */
    becomeAdministrator(password: string): Promise<void>;
    /** Turns it off again. */
    dropAdministrator(): Promise<void>;
    /** Waits until JavaScript in the page's own frame says yes. @param what for the error */
    until(condition: string, what: string): Promise<void>;
    /** Waits until nothing on the page moves or is being waited for. */
    settled(): Promise<void>;
    /** Keeps a picture in out/page/. */
    shot(name: string): Promise<void>;
    /** Closes the window. @throws Error when anything went wrong in it */
    close(): Promise<void>;
}

/** Pages of Cockpit 337 ask for fonts that it does not have, and it is told 401 when it asks who is logged in before anybody is. */
const NOT_OURS = /@localhost\/(?!rapiddisk\/)[^ ]*\.woff2|401\b.*\/cockpit\/login/;
const PATIENCE = 30_000;
const FRAME = "cockpit1:localhost/rapiddisk";
const CONTEXT = { permissions: ["clipboard-read", "clipboard-write"] };

/** Contexts by the addresses of the hosts: windows that follow each other share what they have loaded of Cockpit. */
const contexts = new WeakMap<Browser, Map<string, Promise<BrowserContext>>>();

function sharedContext(browser: Browser, url: string): Promise<BrowserContext> {
    const known = contexts.get(browser) ?? new Map<string, Promise<BrowserContext>>();
    contexts.set(browser, known);
    const context = known.get(url) ?? browser.newContext(CONTEXT);
    known.set(url, context);
    return context;
}

/** Opens the page and waits until it is there. @param url of Cockpit */
export async function openPage(browser: Browser, url: string, view: View = {}): Promise<Window> {
    // Who is logged in is kept in the context, and no window of another person may be.
    const own = view.password !== undefined;
    const context = await (own ? browser.newContext(CONTEXT) : sharedContext(browser, url));
    const language = view.language ?? "en-us";
    await context.addCookies([{ name: "CockpitLang", value: language, url }]);
    const page = await context.newPage();
    page.setDefaultTimeout(view.patience ?? PATIENCE);
    await page.setViewportSize({ width: view.width ?? 1280, height: view.height ?? 900 });
    await page.emulateMedia({
        colorScheme: view.theme ?? "light",
        contrast: view.contrast ?? "no-preference",
        reducedMotion: view.reducedMotion ?? "reduce",
        forcedColors: view.forcedColors ?? "none",
    });
    await page.addInitScript(
        `localStorage.setItem("shell:style", ${JSON.stringify(view.theme ?? "light")});` +
            `localStorage.setItem("superuser:admin", ${JSON.stringify(view.administrator === false ? "none" : "any")});` +
            `localStorage.setItem("cockpit.lang", ${JSON.stringify(language)});`,
    );
    const faults = watchFaults(page);
    await page.goto(`${url}/rapiddisk#${view.route ?? "/"}`);
    if (view.password !== undefined) await logIn(page, view.password);
    const frame = page.frameLocator(`iframe[name="${FRAME}"]`);
    const window = makeWindow(own ? context : page, page, frame, faults, view);
    await page.locator(`iframe.container-frame[name="${FRAME}"][data-loaded]`).waitFor({ state: "attached" });
    await frame.locator(`[data-phase="${view.phase ?? "ready"}"]`).waitFor({ state: "attached" });
    return window;
}

/** Fills Cockpit's login form. */
export async function logIn(page: Page, password: string): Promise<void> {
    await page.locator("#login-user-input").fill("admin");
    await page.locator("#login-password-input").fill(password);
    await page.locator("#login-button").click();
    await page.locator("#content").waitFor();
}

function watchFaults(page: Page): string[] {
    const faults: string[] = [];
    const note = (line: string) => {
        if (!NOT_OURS.test(line)) faults.push(line);
    };
    page.on("pageerror", (error) => note(`page error: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
        if (message.type() === "error") note(`console: ${message.text()} (${message.location().url})`);
    });
    page.on("requestfailed", (request) => note(`failed: ${request.url()} ${request.failure()?.errorText ?? ""}`));
    page.on("response", (response) => {
        if (response.status() >= 400) note(`status ${response.status()}: ${response.url()}`);
    });
    return faults;
}

/** @param all what is closed with the window */
function makeWindow(
    all: { close(): Promise<void> },
    page: Page,
    frame: FrameLocator,
    faults: string[],
    view: View,
): Window {
    const patience = view.patience ?? PATIENCE;
    const window: Window = {
        page,
        frame,
        faults,
        async go(route) {
            await page.evaluate(`window.location.hash = ${JSON.stringify(route)}`);
            await frame.locator("[data-phase]").waitFor({ state: "attached" });
        },
        async evaluate<T>(script: string) {
            const inner = page.frame({ name: FRAME });
            if (inner === null) throw new Error("The page's frame is gone.");
            return (await inner.evaluate(script)) as T;
        },
        async look({ theme = "light", contrast = "no-preference", width = view.width ?? 1280 }) {
            await page.setViewportSize({ width, height: view.height ?? 900 });
            await page.emulateMedia({ colorScheme: theme, contrast });
            const style = JSON.stringify(theme);
            await window.evaluate(
                `localStorage.setItem("shell:style", ${style});` +
                    `window.dispatchEvent(new CustomEvent("cockpit-style", { detail: { style: ${style} } }))`,
            );
            await window.until(
                `document.documentElement.classList.contains("pf-v6-theme-dark") === ${theme === "dark"} &&
                document.documentElement.classList.contains("pf-v6-theme-high-contrast") === ${contrast === "more"}`,
                `${theme}, contrast ${contrast}`,
            );
            await window.settled();
        },
        becomeAdministrator: (password) => becomeAdministrator(page, password),
        async dropAdministrator() {
            await page.locator("#super-user-indicator button").first().click();
            await page.locator(MODAL).getByRole("button").last().waitFor();
            await page.locator(`${MODAL} footer button.pf-m-primary, ${MODAL} footer button.pf-m-danger`).click();
            await page.locator(MODAL).waitFor({ state: "detached" });
        },
        async until(condition, what) {
            // Not waitForFunction: it evaluates in the page, whose policy forbids that.
            const come = await window.evaluate<boolean>(`new Promise((resolve) => {
                const end = performance.now() + ${patience};
                const look = () => {
                    if (${condition}) resolve(true);
                    else if (performance.now() > end) resolve(false);
                    else setTimeout(look, 30);
                };
                look();
            })`);
            if (!come) throw new Error(`Waited in vain for ${what}`);
        },
        settled: () =>
            window.until(
                `document.getAnimations().every(({ playState, effect }) =>
                    playState !== "running" || effect?.getTiming().iterations === Infinity)
                && document.querySelector("[aria-busy=true]") === null`,
                "the page to settle",
            ),
        async shot(name) {
            await page.mouse.move(0, 0);
            await page.screenshot({ path: `out/page/${name}.png`, animations: "disabled" });
        },
        async close() {
            const oops = await page.locator("#navbar-oops").isVisible();
            await all.close();
            if (oops) faults.push("Cockpit shows “Oops”");
            if (faults.length > 0) throw new Error(`The page made mistakes:\n${faults.join("\n")}`);
        },
    };
    return window;
}

/** A dialog of Cockpit's own. */
const MODAL = ".pf-v6-c-modal-box";

async function becomeAdministrator(page: Page, password: string): Promise<void> {
    const dialog = page.locator(MODAL);
    const field = dialog.locator("input[type=password]");
    await page.locator("#super-user-indicator button").first().click();
    // sudo asks for the password, or remembers it and Cockpit only says that it worked.
    const primary = dialog.locator("footer button").first();
    await field.or(primary).first().waitFor();
    if (await field.isVisible()) await field.fill(password);
    await primary.click();
    await field.waitFor({ state: "detached" });
    if (await dialog.isVisible()) await primary.click();
    await dialog.waitFor({ state: "detached" });
}
