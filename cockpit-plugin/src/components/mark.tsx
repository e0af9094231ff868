// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ComponentChildren } from "preact";

/** A short word on the state of an object. Plain markup: there are hundreds of them. */
export function Mark({
    tone,
    test,
    children,
}: {
    tone?: "good" | "warn" | "info";
    test?: string;
    children: ComponentChildren;
}) {
    return (
        <span className={tone ? `rd-mark rd-mark-${tone}` : "rd-mark"} data-test={test}>
            {children}
        </span>
    );
}
