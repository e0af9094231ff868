// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Port, State } from "../state/objects.js";
import type { Action } from "./action.js";

/** What can be done to a port, the most usual first. */
export function portActions(_it: Port, _state: State): Action[] {
    return [];
}
