// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useLocation } from "../lib/address.js";
import { placeOf, type PagePlace } from "../state/place.js";

/** What the address leads to, now and whenever it changes. */
export function usePlace(): PagePlace {
    return placeOf(useLocation().path);
}
