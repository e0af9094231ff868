// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { AllowHost } from "../dialogs/export/allow.js";
import { AnyHost } from "../dialogs/export/anyhost.js";
import { DenyHost } from "../dialogs/export/deny.js";
import { EnableExport } from "../dialogs/export/enable.js";
import { ExportPorts } from "../dialogs/export/ports.js";
import { HostKeys } from "../dialogs/export/rekey.js";
import { RemoveExport } from "../dialogs/export/remove.js";
import { Persist } from "../dialogs/service/persist.js";
import { _ } from "../lib/gettext.js";
import type { Export, State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action } from "./make.js";

/** What can be done to an export, the most usual first. */
export function exportActions(one: Export, state: State): Action[] {
    const { path, Nqn: nqn, Persistent: saved } = one;
    const nobody = one.AllowedHosts.length === 0 ? _("No host is named.") : "";
    return [
        action(state, "allow-host", _("Allow a host"), ({ close }) => <AllowHost one={one} close={close} />),
        action(state, "deny-host", _("Deny a host"), ({ close }) => <DenyHost one={one} close={close} />, {
            excuse: nobody,
        }),
        action(state, "host-keys", _("Keys of a host"), ({ close }) => <HostKeys one={one} close={close} />, {
            excuse: nobody,
        }),
        action(state, "any-host", one.AllowAnyHost ? _("Allow only named hosts") : _("Allow any host"), ({ close }) => (
            <AnyHost one={one} close={close} />
        )),
        action(state, "ports", _("Ports"), ({ close }) => <ExportPorts one={one} close={close} />),
        action(state, "enable", one.Enabled ? _("Switch off") : _("Switch on"), ({ close }) => (
            <EnableExport one={one} close={close} />
        )),
        action(state, "persist", saved ? _("Do not make again at boot") : _("Make again at each boot"), ({ close }) => (
            <Persist kind="exports" path={path} name={nqn} saved={saved} close={close} />
        )),
        action(state, "remove", _("Remove"), ({ close }) => <RemoveExport one={one} close={close} />, { danger: true }),
    ];
}
