// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import type { State } from "../../state/objects.js";
import { useStore } from "../../state/use.js";

/** Gives the reason why nothing can be changed now, in one sentence; empty when changes are possible. */
export function excuseOf(state: State): string {
    if (state.phase !== "ready") return _("The service is not connected now. What is typed here is kept until it is.");
    if (state.access === "limited") {
        return _("Changes need administrative access: turn it on in the header of the console.");
    }
    return state.access === "unknown" ? _("Cockpit has not said yet whether changes are allowed.") : "";
}

/** Tells whether there is an object at a path. */
function exists({ volumes, caches, ports, exports, jobs }: State, path: string): boolean {
    return [volumes, caches, ports, exports, jobs].some((kind) => kind.has(path));
}

/**
 * Gives the reason why a dialog cannot make its change now, empty when it can: no access, no service, its object was removed,
 * or somebody else has made the same change.
 * @param subject path of the object
 * @param done whether the object already is as the dialog would make it
 */
export function useObstacle(subject: string | undefined, done: boolean): string {
    return useStore((state) => {
        const excuse = excuseOf(state);
        if (excuse !== "") return excuse;
        if (subject !== undefined && !exists(state, subject)) {
            return _("The object no longer exists: somebody else removed it.");
        }
        return done ? _("Somebody else has already made this change.") : "";
    });
}
