// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Progress } from "@patternfly/react-core";
import { useEffect, useState } from "react";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { bytes, clock } from "../../lib/bytes.js";
import { kinds, type Job } from "../../state/objects.js";
import { useStore } from "../../state/use.js";
import { operationName } from "../../state/words.js";

/** Work of the service that a dialog waits for. */
export interface Running {
    readonly job: Job;
    /** Asks the service to stop it. */
    cancel(): Promise<void>;
}

/** The work that is done on an object now. @param subject its path; undefined: look for none */
export function useWork(subject: string | undefined): Running | null {
    const job = useStore((state) =>
        subject === undefined
            ? undefined
            : [...state.jobs.values()].find((one) => one.State === "running" && one.Objects.includes(subject)),
    );
    if (!job) return null;
    return { job, cancel: () => call(job.path, kinds.jobs, "Cancel", options()) };
}

/** After how long, in ms, it is said that a change without a job is still being made: most take a moment. */
const PATIENCE = 1000;

/** How far the work is; without a job of the service only that it goes on. */
export function Work({ work }: { work: Running | null }) {
    const [late, setLate] = useState(false);
    useEffect(() => {
        const timer = setTimeout(() => setLate(true), PATIENCE);
        return () => clearTimeout(timer);
    }, []);
    const job = work?.job;
    if (!job && !late) return null;
    // Of what the kernel does in one step nothing may be known but that it goes on.
    if (!job || (!job.Cancellable && job.Bytes === 0)) {
        return (
            <div className="rd-work" data-test="dialog-progress">
                <p role="status">
                    {job && _("The kernel does this in one step, which cannot be stopped.")}{" "}
                    {_("The change is being made. It goes on when you close this dialog.")}
                </p>
            </div>
        );
    }
    const details = [
        job.Bytes > 0 ? format(_("$0 in all."), bytes(job.Bytes)) : "",
        job.ExpectedEndTime > 0 ? format(_("Expected to end at $0."), clock(job.ExpectedEndTime / 1000)) : "",
        job.Cancellable ? "" : _("The kernel does this in one step, which cannot be stopped."),
    ].filter(Boolean);
    return (
        <div className="rd-work" data-test="dialog-progress">
            <Progress
                size="sm"
                title={operationName(job.Operation)}
                value={Math.floor(job.Progress * 100)}
                helperText={details.join(" ") || undefined}
            />
        </div>
    );
}
