// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useEffect, useState } from "react";

/** Rows of a long list that are there at once. */
const FIRST = 25;
/** Rows that are added in one go, between which the browser paints and answers. */
const STEP = 60;

/**
 * How many of so many rows to draw now: few at first, so that there is something to see at once, then all, bit by bit.
 * @param total rows that there are
 * @param view names what is looked at; for another one it begins with few again
 */
export function useChunks(total: number, view = ""): number {
    const [{ of, drawn }, setDrawn] = useState({ of: view, drawn: FIRST });
    const now = of === view ? drawn : FIRST;
    useEffect(() => {
        if (now >= total) return;
        const timer = setTimeout(() => setDrawn({ of: view, drawn: now + STEP }), now === FIRST ? 50 : 0);
        return () => clearTimeout(timer);
    }, [now, total, view]);
    return Math.min(now, total);
}
