// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { listed } from "../lib/bidi.js";
import type { Dialog } from "../dialogs/host.js";
import { _, format } from "../lib/gettext.js";
import { usersWords } from "../state/words.js";
import type { State } from "../state/objects.js";
import type { Action } from "./action.js";

/** Why no change can be made now, in one sentence; empty when changes are possible. */
export function excuseOf(state: State): string {
    if (state.access === "limited") {
        return _("This needs administrative access. Turn it on in the header of the console.");
    }
    return state.access === "unknown" ? _("Cockpit has not said yet whether changes are allowed.") : "";
}

/**
 * Describes an action.
 * @param state what the page knows, for the reason why nothing can be changed
 * @param more danger: it destroys something; excuse: why it cannot be done, besides that
 */
export function action(
    state: State,
    id: string,
    title: string,
    dialog: Dialog,
    more: { danger?: boolean; excuse?: string } = {},
): Action {
    return { id, title, dialog, danger: more.danger ?? false, excuse: excuseOf(state) || (more.excuse ?? "") };
}

/** The reason why something that must be free cannot be taken; empty when nothing uses it. */
export function inUse(it: Parameters<typeof usersWords>[0]): string {
    const users = usersWords(it);
    return users.length > 0 ? format(_("It is in use: $0."), listed(users)) : "";
}
