// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Job } from "../../state/objects.js";
import { operationName } from "../../state/words.js";
import { FormDialog } from "../base/form.js";

/** Stops work that is under way. */
export function CancelJob({ job, close }: { job: Job; close: () => void }) {
    const number = job.path.slice(job.path.lastIndexOf("/") + 1);
    return (
        <FormDialog
            id="cancel-job"
            title={format(_("Stop: $0"), operationName(job.Operation))}
            action={_("Stop the work")}
            danger
            subject={job.path}
            changes={[_("What was done is left in a whole state; the rest is not done.")]}
            command={["rapiddisk", "jobs", "cancel", number]}
            close={close}
            run={() => call(job.path, kinds.jobs, "Cancel", options())}
        />
    );
}
