// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert, AlertActionCloseButton, AlertGroup, Progress } from "@patternfly/react-core";
import { useEffect, useRef, useState } from "react";
import { jobActions } from "../actions/index.js";
import { explain, type Explanation } from "../bus/errors.js";
import { ActionButtons } from "../components/buttons.js";
import { Said } from "../components/said.js";
import { Section } from "../components/section.js";
import { clock, bytes } from "../lib/bytes.js";
import { steadyNow } from "../lib/clock.js";
import { _, format } from "../lib/gettext.js";
import { look, SHORT, worthTelling, type Seen } from "../state/ended.js";
import { dismissLate, isOwn, useLate } from "../state/late.js";
import type { Job } from "../state/objects.js";
import { useStore } from "../state/use.js";
import { PathLink } from "./link.js";
import { operationName } from "./words.js";

interface Toast {
    readonly key: string;
    readonly job: Job;
}

/** Work that goes on in the background, and a message when it ends, wherever the person is on the page by then. */
export function Jobs() {
    const jobs = useStore((state) => state.jobs);
    const running = useRef<ReadonlyMap<string, Seen>>(new Map());
    const [shown, setShown] = useState<readonly Seen[]>([]);
    const [toasts, setToasts] = useState<readonly Toast[]>([]);
    const late = useLate();

    useEffect(() => {
        let timer: ReturnType<typeof setTimeout> | undefined;
        const again = (): void => {
            const now = steadyNow();
            const { running: next, ended } = look(running.current, jobs, now, isOwn);
            running.current = next;
            const told = ended.filter((one) => worthTelling(one, now));
            if (told.length > 0) {
                setToasts((before) => [...before, ...told.map(({ job }) => ({ key: job.path, job }))].slice(-5));
            }
            setShown([...next.values()].filter(({ since }) => now - since >= SHORT));
            const young = [...next.values()].filter(({ since }) => now - since < SHORT).map(({ since }) => since);
            if (young.length > 0) timer = setTimeout(again, Math.min(...young) + SHORT - now);
        };
        again();
        return () => clearTimeout(timer);
    }, [jobs]);

    const dismiss = (key: string): void => setToasts((before) => before.filter((toast) => toast.key !== key));
    return (
        <>
            {shown.length > 0 && (
                <Section title={_("Work in progress")} test="jobs">
                    <ul className="rd-stack">
                        {shown.map(({ job }) => (
                            <li key={job.path} data-row={job.path}>
                                <Running job={job} />
                            </li>
                        ))}
                    </ul>
                </Section>
            )}
            <AlertGroup isToast isLiveRegion aria-label={_("Messages")} data-test="toasts">
                {toasts.map(({ key, job }) => (
                    <Alert
                        key={key}
                        variant={job.State === "done" ? "success" : "danger"}
                        component="h2"
                        title={format(
                            job.State === "done" ? _("Finished: $0") : _("Failed: $0"),
                            operationName(job.Operation),
                        )}
                        timeout={job.State === "done" ? 8000 : false}
                        onTimeout={() => dismiss(key)}
                        actionClose={<AlertActionCloseButton onClose={() => dismiss(key)} />}
                        data-test="toast"
                    >
                        {job.State === "failed" && <Reason job={job} />}
                        <Objects job={job} />
                    </Alert>
                ))}
                {late.map(({ key, title, failure }) => (
                    <Alert
                        key={key}
                        variant="danger"
                        component="h2"
                        title={format(_("Failed: $0"), title)}
                        actionClose={<AlertActionCloseButton onClose={() => dismissLate(key)} />}
                        data-test="toast"
                    >
                        <Told failure={failure} />
                    </Alert>
                ))}
            </AlertGroup>
        </>
    );
}

function Running({ job }: { job: Job }) {
    const state = useStore((all) => all);
    const end = job.ExpectedEndTime > 0 ? format(_("until about $0"), clock(job.ExpectedEndTime / 1000)) : "";
    const amount = job.Bytes > 0 ? format(_("$0 of $1"), bytes(job.Bytes * job.Progress), bytes(job.Bytes)) : "";
    return (
        <>
            {job.Cancellable || job.Bytes > 0 ? (
                <Progress
                    value={Math.round(job.Progress * 100)}
                    title={operationName(job.Operation)}
                    size="sm"
                    data-test="progress"
                />
            ) : (
                <p data-test="progress">{operationName(job.Operation)}</p>
            )}
            <p className="rd-quiet">
                <Objects job={job} /> {[amount, end].filter(Boolean).join(", ")}
            </p>
            {job.Message !== "" && (
                <p data-test="job-message">
                    <Said text={job.Message} />
                </p>
            )}
            <ActionButtons actions={jobActions(job, state)} label={operationName(job.Operation)} />
        </>
    );
}

/** Why a job failed: in the reader's words, and as the service said it. */
function Reason({ job }: { job: Job }) {
    return <Told failure={explain({ name: job.Error, message: job.Message })} />;
}

function Told({ failure: { title, next, detail } }: { failure: Explanation }) {
    return (
        <>
            <p>
                {title}. {next}
            </p>
            {detail && (
                <p className="rd-detail">
                    <samp dir="ltr" lang="en">
                        {detail}
                    </samp>
                </p>
            )}
        </>
    );
}

function Objects({ job }: { job: Job }) {
    return (
        <>
            {job.Objects.map((path, index) => (
                <span key={path}>
                    {index > 0 && ", "}
                    <PathLink path={path} />
                </span>
            ))}
        </>
    );
}
