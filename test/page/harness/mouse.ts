// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The mouse of a person, who can click only what is seen. */
import type { Locator } from "playwright-core";
import type { Window } from "./browser.js";

/** As much of an element of the page as is looked at; the tests are compiled without a browser's types. */
interface Element {
    readonly outerHTML: string;
    getBoundingClientRect(): { left: number; top: number; width: number; height: number };
    contains(other: Element): boolean;
    closest(selector: string): (Element & { control?: Element | null }) | null;
}

/** What a person who points at the middle of an element would hit in its place; empty when it is the element. */
export function covered(element: Locator): Promise<string> {
    return element.evaluate((it: Element) => {
        const { document } = globalThis as unknown as {
            document: { elementFromPoint(x: number, y: number): Element | null };
        };
        const { left, top, width, height } = it.getBoundingClientRect();
        const hit = document.elementFromPoint(left + width / 2, top + height / 2);
        if (hit === null) return "the edge of the window";
        return it.contains(hit) || hit.closest("label")?.control === it ? "" : hit.outerHTML.slice(0, 120);
    });
}

/**
 * Clicks the middle of an element, as it is on the screen: nothing is scrolled first.
 * @throws Error when something else is there, or the element is outside of the window
 */
export async function pointAt(window: Window, element: Locator): Promise<void> {
    await window.settled();
    const over = await covered(element);
    const box = await element.boundingBox();
    if (over !== "" || box === null) throw new Error(`${String(element)} cannot be clicked: over it is ${over}`);
    await window.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Scrolls the page to an element, as a person does who looks for it, and clicks its middle. */
export async function click(window: Window, element: Locator): Promise<void> {
    await element.scrollIntoViewIfNeeded();
    await pointAt(window, element);
}
