// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Cache, State } from "../state/objects.js";
import type { Action } from "./action.js";

/** What can be done to a mapping, the most usual first. */
export function cacheActions(_it: Cache, _state: State): Action[] {
    return [];
}
