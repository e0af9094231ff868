// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { cacheActions, exportActions, portActions, volumeActions, type Action } from "../actions/index.js";
import { ActionMenu } from "../components/menu.js";
import { _, format } from "../lib/gettext.js";
import { nameOf, type ListedKind } from "../state/list.js";
import type { ObjectOf, State } from "../state/objects.js";

/** What can be done to an object of each kind. */
export const actionsOf: { [K in ListedKind]: (it: ObjectOf[K], state: State) => Action[] } = {
    volumes: volumeActions,
    caches: cacheActions,
    ports: portActions,
    exports: exportActions,
};

/** The menu of each kind's rows; one function a kind, so that rows stay as they are. */
export const menus: { [K in ListedKind]: (it: ObjectOf[K]) => preact.JSX.Element } = {
    volumes: menu("volumes"),
    caches: menu("caches"),
    ports: menu("ports"),
    exports: menu("exports"),
};

function menu<K extends ListedKind>(kind: K): (it: ObjectOf[K]) => preact.JSX.Element {
    return (it) => (
        <ActionMenu
            label={format(_("Actions on $0"), nameOf(kind, it))}
            actions={(state) => actionsOf[kind](it, state)}
        />
    );
}
