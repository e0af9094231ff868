// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Job, State } from "../state/objects.js";
import type { Action } from "./action.js";

/** What can be done to a job, the most usual first. */
export function jobActions(_it: Job, _state: State): Action[] {
    return [];
}
