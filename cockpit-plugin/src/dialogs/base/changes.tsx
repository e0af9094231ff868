// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";

/** What will happen, before it happens. */
export function Changes({ changes }: { changes: readonly string[] }) {
    if (changes.length === 0) return null;
    return (
        <section className="rd-changes" data-test="dialog-changes">
            <h2>{_("These changes will be made")}</h2>
            <ul>
                {changes.map((change) => (
                    <li key={change}>{change}</li>
                ))}
            </ul>
        </section>
    );
}
