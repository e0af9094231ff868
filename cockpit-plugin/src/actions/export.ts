// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Export, State } from "../state/objects.js";
import type { Action } from "./action.js";

/** What can be done to a export, the most usual first. */
export function exportActions(_it: Export, _state: State): Action[] {
    return [];
}
