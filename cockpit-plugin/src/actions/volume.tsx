// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { CreateCache } from "../dialogs/cache/create.js";
import { CreateExport } from "../dialogs/export/create.js";
import { EraseVolume } from "../dialogs/volume/erase.js";
import { LockVolume } from "../dialogs/volume/lock.js";
import { RemoveVolume } from "../dialogs/volume/remove.js";
import { ResizeVolume } from "../dialogs/volume/resize.js";
import { Persist } from "../dialogs/service/persist.js";
import { _ } from "../lib/gettext.js";
import type { State, Volume } from "../state/objects.js";
import type { Action } from "./action.js";
import { action, inUse } from "./make.js";

/** What can be done to a volume, the most usual first. */
export function volumeActions(volume: Volume, state: State): Action[] {
    const { path, Name: name, Persistent: saved } = volume;
    const taken = inUse(volume) || (volume.ReadOnly ? _("It is locked.") : "");
    return [
        action(state, "resize", _("Resize"), ({ close }) => <ResizeVolume volume={volume} close={close} />),
        action(state, "cache", _("Use as a cache"), ({ close }) => <CreateCache preset={name} close={close} />, {
            excuse: taken,
        }),
        action(state, "export", _("Export"), ({ close }) => <CreateExport preset={name} close={close} />, {
            excuse: taken,
        }),
        action(state, "lock", volume.ReadOnly ? _("Unlock") : _("Lock"), ({ close }) => (
            <LockVolume volume={volume} close={close} />
        )),
        action(state, "persist", saved ? _("Do not make again at boot") : _("Make again at each boot"), ({ close }) => (
            <Persist kind="volumes" path={path} name={name} saved={saved} close={close} />
        )),
        action(state, "erase", _("Erase"), ({ close }) => <EraseVolume volume={volume} close={close} />, {
            danger: true,
            excuse: volume.ReadOnly ? _("It is locked. Unlock it first.") : "",
        }),
        action(state, "remove", _("Remove"), ({ close }) => <RemoveVolume volume={volume} close={close} />, {
            danger: true,
        }),
    ];
}
