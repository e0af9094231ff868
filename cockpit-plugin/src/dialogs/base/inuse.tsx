// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { _, format } from "../../lib/gettext.js";
import "./dialogs.css";

/** What uses an object, one line each. @param users in words */
export function Users({ name, users }: { name: string; users: readonly string[] }) {
    if (users.length === 0) return null;
    return (
        <section className="rd-users" data-test="dialog-users">
            <h2>{format(_("$0 is in use by:"), name)}</h2>
            <ul>
                {users.map((user) => (
                    <li key={user}>{user}</li>
                ))}
            </ul>
        </section>
    );
}

/** The users that prevent a change, and why they do. */
export interface InUse {
    /** Why this cannot be done while it is in use, and what to do about it. */
    readonly reason: string;
    /** The object that is in use, as its users are headed. */
    readonly name: string;
    /** In words. */
    readonly users: readonly string[];
}

interface InUseProps extends InUse {
    readonly id: string;
    readonly title: string;
    readonly close: () => void;
}

/** Stands in place of a form for what cannot be done while something uses the object: who uses it, and a way out. */
export function InUseDialog({ id, title, reason, name, users, close }: InUseProps) {
    return (
        <Modal
            isOpen
            variant="small"
            className="rd-dialog"
            aria-labelledby={`rd-${id}-title`}
            onClose={close}
            elementToFocus=".rd-dialog [data-test=dialog-cancel]"
            data-test={`dialog-${id}`}
            data-blocked
        >
            <ModalHeader title={title} labelId={`rd-${id}-title`} titleIconVariant="warning" />
            <ModalBody>
                <div className="rd-dialog-body">
                    <p>{reason}</p>
                    <Users name={name} users={users} />
                </div>
            </ModalBody>
            <ModalFooter>
                <Button variant="secondary" onClick={close} data-test="dialog-cancel">
                    {_("Close")}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
