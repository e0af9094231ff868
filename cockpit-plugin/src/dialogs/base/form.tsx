// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "react";
import { explain, type Explanation } from "../../bus/errors.js";
import { _ } from "../../lib/gettext.js";
import { beginOwn, sayDone, tellLate } from "../../state/late.js";
import { Changes } from "./changes.js";
import { Command } from "./command.js";
import "./dialogs.css";
import { Failure, Obstacle } from "./failure.js";
import { Mistakes } from "./field.js";
import { FIRST_FIELD } from "./focus.js";
import type { Moved } from "./follow.js";
import { InUseDialog, type InUse } from "./inuse.js";
import { SecondLook } from "./moved.js";
import { useObstacle } from "./obstacle.js";
import { useWork, Work } from "./work.js";

/** What a dialog of changes consists of. */
export interface FormDialogProps {
    /** Short and stable, for tests, for example "volume-create". */
    readonly id: string;
    readonly title: string;
    /** What the button that makes the change says: an imperative. */
    readonly action: string;
    /** Whether the change destroys something. */
    readonly danger?: boolean;
    /** What will happen, a sentence each, for what the fields say now. */
    readonly changes: readonly string[];
    /** Words of the command that does the same; null where there is none. */
    readonly command: readonly string[] | null;
    /** The same for what takes several commands, in their order. */
    readonly commands?: readonly (readonly string[])[];
    /** What is wrong with each field; empty texts for those that are right. */
    readonly problems?: readonly string[];
    /** Path of the object that it is about; work on it is shown, and its end is noticed. */
    readonly subject?: string;
    /** What must not be: while users are named here, they and the reason stand in place of the form. */
    readonly inUse?: InUse;
    /** Whether somebody else already did what this is for. */
    readonly done?: boolean;
    /** What somebody else changed since the person decided; null when nothing. It is looked at before the change is made. */
    readonly moved?: Moved | null;
    /** Makes the change. @returns "stay" when the dialog has more to show; "ask" when a field has to be looked at first */
    readonly run: () => Promise<unknown>;
    readonly close: () => void;
    readonly children?: ComponentChildren;
}

/**
 * A dialog that makes a change: fields, what will happen, the command that does the same. An error is told inside and keeps
 * what was typed; Enter submits and Escape closes; while the change is under way its progress is shown.
 */
export function FormDialog(props: FormDialogProps) {
    const { id, title, inUse, close } = props;
    if (inUse && inUse.users.length > 0) return <InUseDialog id={id} title={title} close={close} {...inUse} />;
    return <OpenForm {...props} />;
}

/** The first field with a mistake. */
const MISTAKE = "[aria-invalid=true]";

/** The form itself. */
function OpenForm(props: FormDialogProps) {
    const { id, title, action, danger = false, problems = [], subject, done = false, close, children } = props;
    const [failure, setFailure] = useState<Explanation | null>(null);
    const [attempted, setAttempted] = useState(false);
    const [running, setRunning] = useState(false);
    const open = useRef(true);
    const form = useRef<HTMLDivElement>(null);
    const obstacle = useObstacle(running ? undefined : subject, !running && done);
    const work = useWork(running ? subject : undefined);
    // The change itself changes the object; only what came before it was somebody else's.
    const moved = running ? null : (props.moved ?? null);
    const [asking, setAsking] = useState("");

    useEffect(() => {
        if (asking === "") return;
        form.current?.querySelector<HTMLElement>(asking)?.focus();
        setAsking("");
    }, [asking]);

    const leave = () => {
        open.current = false;
        close();
    };
    const submit = async () => {
        if (running || obstacle !== "") return;
        setAttempted(true);
        if (problems.some((problem) => problem !== "")) return setAsking(MISTAKE);
        if (moved !== null) return setAsking("[data-test=moved-keep]");
        setFailure(null);
        setRunning(true);
        const end = beginOwn(subject);
        try {
            const result = await props.run();
            // What was read just now gets to the fields first.
            if (open.current && result === "ask") setTimeout(() => setAsking(MISTAKE));
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
    const formId = `rd-form-${id}`;
    return (
        <Modal
            isOpen
            variant="medium"
            className="rd-dialog"
            aria-labelledby={`${formId}-title`}
            onClose={leave}
            elementToFocus={FIRST_FIELD}
            data-test={`dialog-${id}`}
            data-busy={running}
        >
            <ModalHeader title={title} labelId={`${formId}-title`} {...(danger && { titleIconVariant: "warning" })} />
            <ModalBody>
                <div ref={form} className="rd-dialog-body">
                    <Obstacle text={obstacle} />
                    <SecondLook moved={moved} />
                    <Failure failure={failure} />
                    <Form
                        id={formId}
                        noValidate
                        className="rd-fields"
                        onSubmit={(event) => {
                            event.preventDefault();
                            void submit();
                        }}
                    >
                        <Mistakes.Provider value={running ? "none" : attempted ? "all" : "touched"}>
                            {children}
                        </Mistakes.Provider>
                    </Form>
                    <Changes changes={props.changes} />
                    <Command commands={props.commands ?? (props.command ? [props.command] : [])} />
                    {running && <Work work={work} />}
                </div>
            </ModalBody>
            <ModalFooter>
                <Button
                    type="submit"
                    form={formId}
                    variant={danger ? "danger" : "primary"}
                    isLoading={running}
                    isAriaDisabled={running || obstacle !== ""}
                    data-test="dialog-submit"
                >
                    {action}
                </Button>
                {work?.job.Cancellable === true && (
                    <Button
                        variant="secondary"
                        onClick={() => void work.cancel().catch((e) => setFailure(explain(e)))}
                        data-test="dialog-stop"
                    >
                        {_("Stop the work")}
                    </Button>
                )}
                <Button variant="link" onClick={leave} data-test="dialog-cancel">
                    {running ? _("Close") : _("Cancel")}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
