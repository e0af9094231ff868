// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";

/**
 * Says what only RAM holds of a write-back cache.
 * @param unwritten bytes, as they were read; undefined: not yet
 * @param source device path of the origin
 */
export function waiting(unwritten: number | undefined, source: string): string {
    if (unwritten === undefined) return _("What only RAM holds is being looked at.");
    return unwritten === 0
        ? format(_("$0 has all data at the moment."), source)
        : format(_("Up to $0 are only in RAM at the moment, and not on $1."), bytes(unwritten), source);
}
