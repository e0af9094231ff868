// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { RemovePort } from "../dialogs/port/remove.js";
import { Persist } from "../dialogs/service/persist.js";
import { _ } from "../lib/gettext.js";
import type { Port, State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action } from "./make.js";

/** What can be done to a port of the NVMe target. */
export function portActions(port: Port, state: State): Action[] {
    const { path, Id: id, Persistent: saved } = port;
    return [
        action(state, "persist", saved ? _("Do not make again at boot") : _("Make again at each boot"), ({ close }) => (
            <Persist kind="ports" path={path} name={String(id)} saved={saved} close={close} />
        )),
        action(state, "remove", _("Remove"), ({ close }) => <RemovePort port={port} close={close} />, { danger: true }),
    ];
}
