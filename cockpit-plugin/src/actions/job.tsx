// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { CancelJob } from "../dialogs/service/canceljob.js";
import { _ } from "../lib/gettext.js";
import type { Job, State } from "../state/objects.js";
import type { Action } from "./action.js";
import { action } from "./make.js";

/** Lists the actions on a job: it can be cancelled while it runs, unless the kernel does it in one step. */
export function jobActions(job: Job, state: State): Action[] {
    if (job.State !== "running") return [];
    return [
        action(state, "cancel", _("Stop"), ({ close }) => <CancelJob job={job} close={close} />, {
            danger: true,
            excuse: job.Cancellable ? "" : _("The kernel does this in one step, which cannot be stopped."),
        }),
    ];
}
