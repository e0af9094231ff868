// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useEffect, useState } from "react";

/** Rows of a long list that are there at once. */
const FIRST = 25;
/** Rows that are added in one go, between which the browser paints and answers. */
const STEP = 60;

/** How many of so many rows to draw now: few at first, so that there is something to see, then all, bit by bit. */
export function useChunks(total: number): number {
    const [drawn, setDrawn] = useState(FIRST);
    useEffect(() => {
        if (drawn >= total) return;
        const timer = setTimeout(() => setDrawn(drawn + STEP), drawn === FIRST ? 50 : 0);
        return () => clearTimeout(timer);
    }, [drawn, total]);
    return Math.min(drawn, total);
}
