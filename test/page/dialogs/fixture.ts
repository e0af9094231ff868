// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A page with the samples on it, and the hands of a person. */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import { axe, click, type Host, openPage, pointAt } from "../harness/index.js";
import { sampleHost, sharedBrowser, type Window } from "../harness/index.js";

export const ROOT = "/org/rapiddisk/Manager";

/** A host with samples, its page, and what tests of dialogs do with it. */
export class DialogFixture {
    private constructor(
        readonly host: Host,
        readonly window: Window,
    ) {}

    /** Takes the host with the samples and opens the page. */
    static async make(): Promise<DialogFixture> {
        const host = await sampleHost();
        const window = await openPage(await sharedBrowser(), host.url);
        return new DialogFixture(host, window);
    }

    /** Closes a dialog that a test left open when it failed, so that the next one begins with none. */
    async tidy(): Promise<void> {
        const open = this.window.frame.locator(".rd-dialog");
        while ((await open.count()) > 0) {
            await this.at("dialog-cancel").first().focus();
            await this.press("Enter");
            await open.waitFor({ state: "detached" });
        }
    }

    /** Closes the page. @throws Error when anything went wrong on it */
    close(): Promise<void> {
        return this.window.close();
    }

    /** What carries a mark for tests. */
    at(test: string): Locator {
        return this.window.frame.locator(`[data-test="${test}"]`);
    }

    row(path: string): Locator {
        return this.window.frame.locator(`[data-row="${ROOT}/${path}"]`);
    }

    dialog(id: string): Locator {
        return this.at(`dialog-${id}`);
    }

    /** Presses keys, one after another. */
    async press(...keys: string[]): Promise<void> {
        for (const key of keys) await this.window.page.keyboard.press(key);
    }

    /** Clicks what carries a mark with the mouse, after scrolling to it. */
    async click(test: string): Promise<void> {
        const element = this.at(test).first();
        await element.waitFor();
        await click(this.window, element);
    }

    /** Opens a dialog of the overview by its button. */
    async create(id: string): Promise<Locator> {
        await this.click(id);
        const dialog = this.dialog(id);
        await dialog.waitFor();
        await this.focusInside(dialog);
        return dialog;
    }

    /** Opens a dialog by the menu of a row. Items are clicked where they are seen. @param id of the action; @param name of the dialog */
    async act(path: string, id: string, name = id): Promise<Locator> {
        const toggle = this.row(path).locator("[data-test=actions]");
        await toggle.waitFor();
        await click(this.window, toggle);
        await this.window.frame.locator("[role=menuitem]").first().waitFor();
        const item = this.window.frame.locator(`[role=menu] [data-test="${id}"]`).first();
        assert.equal(await item.count(), 1, `${path} has no action ${id}`);
        await pointAt(this.window, item);
        const dialog = this.dialog(name);
        await dialog.waitFor();
        await this.focusInside(dialog);
        return dialog;
    }

    /** Waits until the focus is in a dialog, and not on the cross that closes it. */
    async focusInside(dialog: Locator): Promise<void> {
        await dialog.locator(":focus:not([aria-label=Close])").waitFor();
    }

    /** The mark of what has the focus. */
    focused(): Promise<string> {
        return this.window.evaluate("document.activeElement?.getAttribute('data-test') ?? ''");
    }

    /** Waits until what carries a mark has the focus. */
    async focusedOn(test: string): Promise<void> {
        await this.window.frame.locator(`[data-test="${test}"]:focus`).waitFor();
    }

    /** Writes into a field in place of what it holds. */
    async type(field: string, text: string): Promise<void> {
        await this.click(`field-${field}`);
        await this.press("ControlOrMeta+a");
        await this.press("Delete");
        await this.window.page.keyboard.insertText(text);
    }

    /** Submits by the button. */
    submit(): Promise<void> {
        return this.click("dialog-submit");
    }

    /** Waits until a dialog is closed. */
    async closed(id: string): Promise<void> {
        await this.dialog(id).waitFor({ state: "detached" });
    }

    /** The command that the dialog shows. Checks that the rapiddisk command of the host understands it. */
    async command(): Promise<string> {
        const text = (await this.at("dialog-command").textContent()) ?? "";
        for (const line of text.split("\n")) {
            const explained = await this.host.run(["sh", "-c", `${line} --explain`]);
            assert.match(explained, /^busctl (--timeout=[a-z0-9]+ )?call /, `${line}: ${explained}`);
        }
        return text;
    }

    /** Waits for the error of the service and says of what kind it is; what was typed must still be there. */
    async error(): Promise<string> {
        const error = this.at("dialog-error");
        await error.waitFor();
        assert.notEqual(await this.at("dialog-error-detail").textContent(), "");
        return (await error.getAttribute("data-kind")) ?? "";
    }

    /** Pictures in light and dark, and what axe says of the dialog; what lies behind it is asked about in everyone/. */
    async pictures(name: string): Promise<void> {
        for (const theme of ["dark", "light"]) {
            const event = `new CustomEvent("cockpit-style", { detail: { style: "${theme}" } })`;
            await this.window.evaluate(`window.dispatchEvent(${event})`);
            await this.window.shot(`dialog-${name}-${theme}`);
        }
        assert.deepEqual(await axe(this.window, undefined, "dialog"), []);
    }
}

/**
 * Declares that a suite has one fixture: made before its tests, with no dialog left open between them, closed after the last one.
 * @param take keeps it, before the first test
 */
export function dialogFixture(take: (fixture: DialogFixture) => void): void {
    let fixture: DialogFixture | undefined;
    before(async () => {
        fixture = await DialogFixture.make();
        take(fixture);
    });
    afterEach(() => fixture?.tidy());
    after(() => fixture?.close());
}
