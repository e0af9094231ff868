// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ComponentChildren, ComponentType } from "preact";
import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "react";
import { _, format } from "../lib/gettext.js";
import { useDone } from "../state/late.js";
import { leave, whereAmI, type FocusPlace } from "./base/focus.js";

/** A dialog, which is given what closes it. */
export type Dialog = ComponentType<{ close: () => void }>;

const Show = createContext<(dialog: Dialog) => void>(() => {});

/** The function that opens a dialog over the page. One dialog is open at a time; it outlives changes of the page below. */
export function useDialog(): (dialog: Dialog) => void {
    return useContext(Show);
}

/** Holds the open dialog; everything that opens one is inside. After it the focus is where it was before. */
export function DialogHost({ children }: { children: ComponentChildren }) {
    const [Open, setOpen] = useState<Dialog | null>(null);
    const place = useRef<FocusPlace | null>(null);
    const show = useCallback((dialog: Dialog) => {
        // One that a dialog opens in its own place leads back to where that one was opened.
        place.current ??= whereAmI();
        setOpen(() => dialog);
    }, []);
    const close = useCallback(() => setOpen(null), []);
    useEffect(() => {
        if (Open !== null || place.current === null) return;
        const back = place.current;
        place.current = null;
        return leave(back);
    }, [Open]);
    return (
        <Show.Provider value={show}>
            {children}
            {Open && <Open close={close} />}
            <Done quiet={Open !== null} />
        </Show.Provider>
    );
}

/** Says what was done once its dialog is gone; while one is open, readers leave out what is behind it. */
function Done({ quiet }: { quiet: boolean }) {
    const { title, times } = useDone();
    return (
        <div role="status" className="pf-v6-screen-reader" data-test="done">
            {!quiet && title !== "" && <p key={times}>{format(_("Done: $0"), title)}</p>}
        </div>
    );
}
