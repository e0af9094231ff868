// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { CreateCache } from "../dialogs/cache/create.js";
import { CreateExport } from "../dialogs/export/create.js";
import { CreatePort } from "../dialogs/port/create.js";
import { LoadModules } from "../dialogs/service/modules.js";
import { ForgetSaved } from "../dialogs/service/forget.js";
import { RestoreSaved } from "../dialogs/service/restore.js";
import { CreateVolume } from "../dialogs/volume/create.js";
import { _ } from "../lib/gettext.js";
import type { State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action } from "./make.js";

/** What can be created: volume, cache, port, export (ids create-volume, create-cache, create-port, create-export). */
export function overviewActions(state: State): Action[] {
    const features = state.manager?.Features ?? [];
    const lacks = (prefix: string, text: string): { excuse: string } => ({
        excuse: features.some((feature) => feature.startsWith(prefix)) ? "" : text,
    });
    const target = _("The kernel modules of the NVMe target are missing on this host.");
    return [
        action(
            state,
            "create-volume",
            _("Create volume"),
            CreateVolume,
            lacks("volumes", _("The kernel module rapiddisk is missing on this host.")),
        ),
        action(
            state,
            "create-cache",
            _("Create cache"),
            CreateCache,
            lacks("cache-", _("The kernel modules for caches are missing on this host.")),
        ),
        action(state, "create-port", _("Create port"), CreatePort, lacks("nvme-", target)),
        action(state, "create-export", _("Create export"), CreateExport, lacks("nvme-", target)),
    ];
}

/** Loading of the kernel modules that are missing (id load-modules); empty when none is. */
export function moduleActions(state: State): Action[] {
    const missing = Object.values(state.manager?.Modules ?? {}).includes(false);
    return missing ? [action(state, "load-modules", _("Load modules"), LoadModules)] : [];
}

/** Putting back what is saved and not there, and forgetting it (ids restore, forget); empty when nothing is missing. */
export function savedActions(state: State): Action[] {
    if ((state.manager?.Missing ?? []).length === 0) return [];
    return [
        action(state, "restore", _("Make again"), RestoreSaved),
        action(state, "forget", _("Forget"), ForgetSaved, { danger: true }),
    ];
}
