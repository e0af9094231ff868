// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button, Form, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import type { ComponentChildren } from "preact";
import { _ } from "../../lib/gettext.js";
import { Changes } from "./changes.js";
import { Command } from "./command.js";
import "./dialogs.css";
import { Failure, Obstacle } from "./failure.js";
import { Mistakes } from "./field.js";
import { FIRST_FIELD } from "./focus.js";
import type { Moved } from "./follow.js";
import { InUseDialog, type InUse } from "./inuse.js";
import { SecondLook } from "./moved.js";
import { useSubmission, type Submission } from "./submission.js";
import { Work } from "./work.js";

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
    /** Users that prevent the change, and why; while there are any, they are shown instead of the form. */
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

/** The form itself. */
function OpenForm(props: FormDialogProps) {
    const { id, title, danger = false, children } = props;
    const submission = useSubmission(props);
    const { running, attempted, obstacle, submit, leave } = submission;
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
                <div ref={submission.body} className="rd-dialog-body">
                    <Obstacle text={obstacle} />
                    <SecondLook moved={submission.moved} />
                    <Failure failure={submission.failure} />
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
                    {running && <Work work={submission.work} />}
                </div>
            </ModalBody>
            <ModalFooter>
                <Buttons formId={formId} action={props.action} danger={danger} submission={submission} />
            </ModalFooter>
        </Modal>
    );
}

interface ButtonsProps {
    readonly formId: string;
    readonly action: string;
    readonly danger: boolean;
    readonly submission: Submission;
}

/** What submits the form, stops the work and closes the dialog. */
function Buttons({ formId, action, danger, submission }: ButtonsProps) {
    const { running, obstacle, work, stop, leave } = submission;
    return (
        <>
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
                <Button variant="secondary" onClick={stop} data-test="dialog-stop">
                    {_("Stop the work")}
                </Button>
            )}
            <Button variant="link" onClick={leave} data-test="dialog-cancel">
                {running ? _("Close") : _("Cancel")}
            </Button>
        </>
    );
}
