// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { refusal } from "../errors.js";
import type { ObjectChange, ObjectCache, ObjectProperties } from "../state/objectcache.js";
import type { HttpAnswer } from "./answer.js";

/**
 * Makes the answer to a change that has become a job. Given again to a request that is sent again it says how the job is by then, also
 * when the service does not show it any more, for that may be the only way left to learn how the change ended.
 * @param path object path of the job
 * @param location its URL
 * @param render shows the job as JSON
 * @param kept whether the answer may be given again
 */
export function jobAnswer(
    objects: Pick<ObjectCache, "on" | "off" | "all">,
    path: string,
    location: string,
    render: (job: ObjectProperties) => string,
    kept: boolean,
): HttpAnswer {
    let job = objects.all("jobs").get(path);
    const accepted = (): HttpAnswer => {
        const text = job === undefined ? "" : render(job);
        return { status: 202, headers: { location, "retry-after": "1" }, text };
    };
    if (!kept) {
        return accepted();
    }
    const follow = (change: ObjectChange): void => {
        if (change.path === path && change.what !== "removed") {
            job = objects.all("jobs").get(path);
        } else if (change.path === path) {
            forget();
        }
    };
    const forget = (): void => void objects.off("change", follow).off("gone", forget);
    objects.on("change", follow);
    objects.on("gone", forget);
    const now = (): HttpAnswer => {
        if (objects.all("jobs").has(path)) {
            return accepted();
        }
        if (job === undefined || job.State === "running") {
            const message = "The service ended before this work did: how it ended is not known. Look at the object.";
            throw refusal("Failed", message, 409);
        }
        return { status: 200, headers: {}, text: render(job) };
    };
    return { ...accepted(), now };
}
