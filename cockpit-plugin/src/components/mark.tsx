// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ComponentChildren } from "preact";

const tones = { good: "rd-mark rd-mark-good", info: "rd-mark rd-mark-info", warn: "rd-mark rd-mark-warn" };

/** A short word on the state of an object. Plain markup: there are hundreds of them. */
export function Mark({
    tone,
    test,
    children,
}: {
    tone?: keyof typeof tones;
    test?: string;
    children: ComponentChildren;
}) {
    return (
        <span className={tone ? tones[tone] : "rd-mark"} data-test={test}>
            {children}
        </span>
    );
}
