// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { FlushCache } from "../dialogs/cache/flush.js";
import { CacheMode } from "../dialogs/cache/mode.js";
import { RemoveCache } from "../dialogs/cache/remove.js";
import { ResizeCache } from "../dialogs/cache/resize.js";
import { ResetStatistics } from "../dialogs/cache/reset.js";
import { CreateExport } from "../dialogs/export/create.js";
import { Persist } from "../dialogs/service/persist.js";
import { _ } from "../lib/gettext.js";
import type { Cache, State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action, inUse } from "./make.js";

/** What can be done to a cache mapping, the most usual first. */
export function cacheActions(cache: Cache, state: State): Action[] {
    const { path, Name: name, Persistent: saved, Mode: mode } = cache;
    const own =
        mode === "writeback"
            ? action(state, "flush", _("Flush"), ({ close }) => <FlushCache cache={cache} close={close} />)
            : action(state, "mode", _("Change mode"), ({ close }) => <CacheMode cache={cache} close={close} />);
    return [
        own,
        action(state, "export", _("Export"), ({ close }) => <CreateExport preset={name} close={close} />, {
            excuse: inUse(cache),
        }),
        action(state, "resize", _("Resize"), ({ close }) => <ResizeCache cache={cache} close={close} />, {
            excuse:
                mode === "writeback" ? _("A writeback cache cannot grow in use: remove it and create it again.") : "",
        }),
        action(state, "reset", _("Reset statistics"), ({ close }) => <ResetStatistics cache={cache} close={close} />),
        action(state, "persist", saved ? _("Do not make again at boot") : _("Make again at each boot"), ({ close }) => (
            <Persist kind="caches" path={path} name={name} saved={saved} close={close} />
        )),
        action(state, "remove", _("Remove"), ({ close }) => <RemoveCache cache={cache} close={close} />, {
            danger: true,
        }),
    ];
}
