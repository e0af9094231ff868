// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A rectangle in the window, in pixels from its upper left corner. */
export interface Rectangle {
    readonly left: number;
    readonly right: number;
    readonly top: number;
    readonly bottom: number;
}

/** Width and height, in pixels. */
export interface Extent {
    readonly width: number;
    readonly height: number;
}

/** Where a menu goes in the window, and how high it may be, in pixels. */
export interface Spot {
    readonly left: number;
    readonly top: number;
    readonly height: number;
}

/** Distance that a menu keeps from the edges of the window, in pixels. */
const MARGIN = 4;

/**
 * Places a menu at its button: below it, or above where only there is room for all of it, with its end at the end of the
 * button, and inside the window in any case. Where neither side has room, it gets the larger one and scrolls.
 * @param button that opened it
 * @param menu as large as all of its items
 * @param rtl whether the language runs from right to left, so that the end of the button is on the left
 */
export function placeMenu(button: Rectangle, menu: Extent, window: Extent, rtl: boolean): Spot {
    const below = window.height - MARGIN - button.bottom;
    const above = button.top - MARGIN;
    const up = menu.height > below && above > below;
    const height = Math.min(menu.height, Math.max(up ? above : below, 0));
    const wanted = rtl ? button.left : button.right - menu.width;
    const left = Math.max(MARGIN, Math.min(wanted, window.width - MARGIN - menu.width));
    return { left, top: up ? button.top - height : button.bottom, height };
}
