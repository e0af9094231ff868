// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Copy } from "../dialogs/base/copy.js";
import { _, format } from "../lib/gettext.js";

/** A line to copy, with a button that does so. @param label what the line is, for those who do not see it */
export function Copyable({ text, label, test }: { text: string; label: string; test: string }) {
    return (
        <div className="rd-copyable rd-line" data-test={test}>
            <code dir="ltr">{text}</code>
            <Copy text={text} label={format(_("Copy: $0"), label)} test="copy" />
        </div>
    );
}
