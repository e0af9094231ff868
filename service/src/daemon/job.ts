// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ERROR_PREFIX } from "../facts/busnames.js";
import type { InterfaceImplementation } from "../bus/index.js";
import { jobInterface } from "../generated/specs.js";
import type { JobView } from "../model/types.js";
import { changing, type HandlerContext } from "./handlers.js";
import { objectPath } from "./names.js";

/** Makes the properties of a job as they go onto the bus. */
export function jobProperties(job: JobView): Record<string, unknown> {
    return {
        Operation: job.operation,
        State: job.state,
        Progress: job.progress,
        Bytes: BigInt(job.bytes),
        ExpectedEndTime: BigInt(job.expectedEndTime),
        Objects: job.objects.map(({ kind, id }) => objectPath(kind, id)),
        Error: job.errorKind === "" ? "" : `${ERROR_PREFIX}.${job.errorKind}`,
        Message: job.message,
        Cancellable: job.cancellable,
        Cookie: job.cookie,
    };
}

/** Implements org.rapiddisk.Manager.Job on one job. */
export function jobObject(context: HandlerContext, job: JobView): InterfaceImplementation {
    return {
        spec: jobInterface,
        properties: jobProperties(job),
        methods: {
            Cancel: changing(context, "job-cancel", "Job.Cancel", async (_args, _options, authorize) => {
                await context.model.cancelJob(job.id, authorize);
                return { object: `job ${job.id}` };
            }),
        },
    };
}
