// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useEffect, useRef, useState, type RefObject } from "react";
import { explain, type Explanation } from "../../bus/errors.js";
import { beginOwn, sayDone, tellLate } from "../../state/late.js";
import type { Moved } from "./follow.js";
import type { FormDialogProps } from "./form.js";
import { useObstacle } from "./obstacle.js";
import { useWork, type Running } from "./work.js";

/** How far a dialog is with its change. */
export interface Submission {
    /** Whether the change is being made. */
    readonly running: boolean;
    /** Whether the person has tried to submit. */
    readonly attempted: boolean;
    /** Why the change cannot be made now; empty when it can. */
    readonly obstacle: string;
    readonly failure: Explanation | null;
    readonly moved: Moved | null;
    readonly work: Running | null;
    /** Goes around the fields, so that the one to look at gets the focus. */
    readonly body: RefObject<HTMLDivElement | null>;
    readonly submit: () => Promise<void>;
    /** Asks the service to stop the work. */
    readonly stop: () => void;
    /** Closes the dialog; a change that is being made goes on. */
    readonly leave: () => void;
}

/** The first field with a mistake. */
const MISTAKE = "[aria-invalid=true]";

/** Makes the change of a dialog when it is submitted, and keeps what became of it. */
export function useSubmission(props: FormDialogProps): Submission {
    const { title, problems = [], subject, done = false, close } = props;
    const [failure, setFailure] = useState<Explanation | null>(null);
    const [attempted, setAttempted] = useState(false);
    const [running, setRunning] = useState(false);
    const open = useRef(true);
    const obstacle = useObstacle(running ? undefined : subject, !running && done);
    const work = useWork(running ? subject : undefined);
    // The change itself changes the object; only what came before it was somebody else's.
    const moved = running ? null : (props.moved ?? null);
    const { body, ask } = useAsking();

    const leave = () => {
        open.current = false;
        close();
    };
    const submit = async () => {
        if (running || obstacle !== "") return;
        setAttempted(true);
        if (problems.some((problem) => problem !== "")) return ask(MISTAKE);
        if (moved !== null) return ask("[data-test=moved-keep]");
        setFailure(null);
        setRunning(true);
        const end = beginOwn(subject);
        try {
            const result = await props.run();
            // What was read just now gets to the fields first.
            if (open.current && result === "ask") setTimeout(() => ask(MISTAKE));
            else if (open.current && result !== "stay") {
                sayDone(title);
                leave();
            }
        } catch (error) {
            const told = explain(error);
            if (open.current) setFailure(told);
            else if (told.kind !== "Cancelled") tellLate(title, told);
        } finally {
            end();
        }
        if (open.current) setRunning(false);
    };
    const stop = () => void work?.cancel().catch((error) => setFailure(explain(error)));
    return { running, attempted, obstacle, failure, moved, work, body, submit, stop, leave };
}

/** Puts the focus to what has to be looked at first, once it is drawn: `ask` names it by a selector within `body`. */
function useAsking() {
    const body = useRef<HTMLDivElement>(null);
    const [asking, ask] = useState("");
    useEffect(() => {
        if (asking === "") return;
        body.current?.querySelector<HTMLElement>(asking)?.focus();
        ask("");
    }, [asking]);
    return { body, ask };
}
