// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { SCOPES, type Scope } from "../../facts/scopes.js";
import { ACTION_PREFIX } from "../../facts/busnames.js";

/** Polkit actions that the scope operate covers, without their common prefix. The bridge's polkit rule has the same list. */
export const OPERATE_ACTIONS: readonly string[] = [
    "volume-create",
    "volume-resize",
    "volume-lock",
    "volume-erase",
    "volume-remove",
    "cache-create",
    "cache-resize",
    "cache-remove",
    "job-cancel",
];

/** Finds the scope that a method needs, by the polkit action that authorizes it; an unknown action needs the highest. */
export function scopeOfAction(action: string | undefined): Scope {
    if (action === undefined) {
        return "read";
    }
    return action.startsWith(`${ACTION_PREFIX}.`) && OPERATE_ACTIONS.includes(action.slice(ACTION_PREFIX.length + 1))
        ? "operate"
        : "admin";
}

/** Whether a scope includes another; nobody ("") has none. */
export function includes(has: Scope | "", needed: Scope): boolean {
    return has !== "" && SCOPES.indexOf(has) >= SCOPES.indexOf(needed);
}
