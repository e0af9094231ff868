// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";

/** What a job does, in words. @param operation the service's word for it */
export function operationWords(operation: string): string {
    if (operation === "cache-flush") return _("Writing cached data to the source");
    return operation;
}
