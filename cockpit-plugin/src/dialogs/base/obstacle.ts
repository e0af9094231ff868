// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import type { State } from "../../state/objects.js";
import { useStore } from "../../state/use.js";

/** Why nothing can be changed now, in one sentence; empty when it can. */
export function excuseOf(state: State): string {
    if (state.phase !== "ready") return _("The service is not connected now. What is typed here is kept until it is.");
    if (state.access === "limited") {
        return _("Changes need administrative access: turn it on in the header of the console.");
    }
    return state.access === "unknown" ? _("Cockpit has not said yet whether changes are allowed.") : "";
}

/** Whether an object is there. */
function exists({ volumes, caches, ports, exports, jobs }: State, path: string): boolean {
    return [volumes, caches, ports, exports, jobs].some((kind) => kind.has(path));
}

/**
 * Why a dialog cannot make its change now: no access, no service, its object is gone, or somebody else was faster.
 * @param subject path of the object
 * @param done whether what the dialog is for is so already
 */
export function useObstacle(subject: string | undefined, done: boolean): string {
    return useStore((state) => {
        const excuse = excuseOf(state);
        if (excuse !== "") return excuse;
        if (subject !== undefined && !exists(state, subject)) {
            return _("What this is about is no longer there: somebody else removed it.");
        }
        return done ? _("This is so already: somebody else did it meanwhile.") : "";
    });
}
