// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Volume, State } from "../state/objects.js";
import type { Action } from "./action.js";

/** What can be done to a volume, the most usual first. */
export function volumeActions(_it: Volume, _state: State): Action[] {
    return [];
}
