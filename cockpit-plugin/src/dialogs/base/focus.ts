// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Where the focus was: the element, and the row and menu that it was in, should the element itself be gone later. */
export interface FocusPlace {
    readonly element: Element | null;
    readonly row: string | null;
}

/** Notes where the focus is now. */
export function whereAmI(): FocusPlace {
    const element = document.activeElement;
    return { element, row: element?.closest("[data-row]")?.getAttribute("data-row") ?? null };
}

function candidates({ element, row }: FocusPlace): (Element | null | undefined)[] {
    const again = row === null ? null : document.querySelector(`[data-row="${CSS.escape(row)}"]`);
    return [
        element?.isConnected === true && element !== document.body ? element : null,
        again?.querySelector("button:not(:disabled), a[href]"),
        document.querySelector("main button:not(:disabled), main a[href]"),
    ];
}

/**
 * Puts the focus back to where it was, or to what is nearest to it now, once the dialog has left the page; unless
 * something else took it meanwhile.
 * @returns a function that gives up
 */
export function leave(place: FocusPlace): () => void {
    const timer = setTimeout(() => {
        const now = document.activeElement;
        if (now !== null && now !== document.body && now.isConnected) return;
        const next = candidates(place).find((one) => one instanceof HTMLElement);
        if (next instanceof HTMLElement) next.focus();
    });
    return () => clearTimeout(timer);
}

/** What gets the focus when a dialog opens: its first field, else the way out of it. */
export const FIRST_FIELD =
    ".rd-dialog .rd-fields :is(input:not([type=radio]), input:checked, select, textarea):not(:disabled), " +
    ".rd-dialog [data-test=dialog-cancel]";
