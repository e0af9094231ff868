// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { _, format } from "../../lib/gettext.js";
import { Copy } from "../../components/copy.js";
import "../base/dialogs.css";
import type { Made } from "./keychoice.js";

function Key({ label, text, test }: { label: string; text: string; test: string }) {
    return (
        <section className="rd-command">
            <h2>{label}</h2>
            <div className="rd-copyable">
                <code dir="ltr" data-test={test}>
                    {text}
                </code>
                <Copy text={text} label={format(_("Copy: $0"), label)} test={`${test}-copy`} />
            </div>
        </section>
    );
}

/** Shows keys that were made, this once. Only its button closes it, so that a stray key press loses nothing. */
export function KeyShown({ host, made, close }: { host: string; made: Made; close: () => void }) {
    return (
        <Modal
            isOpen
            variant="medium"
            className="rd-dialog"
            aria-labelledby="rd-key-title"
            elementToFocus=".rd-dialog [data-test=dialog-cancel]"
            data-test="dialog-key"
        >
            <ModalHeader title={format(_("Key of $0"), host)} labelId="rd-key-title" />
            <ModalBody>
                <div className="rd-dialog-body">
                    <Alert isInline variant="warning" component="h2" title={_("This is shown only once")}>
                        <p>
                            {_(
                                "Copy it now and give it to the host by a way that nobody else can read. It is kept nowhere that this page could read it from again.",
                            )}
                        </p>
                    </Alert>
                    {made.key && <Key label={_("Key of the host")} text={made.key} test="made-key" />}
                    {made.controller && (
                        <Key label={_("Key of this side")} text={made.controller} test="made-controller-key" />
                    )}
                    <p>
                        {made.controller
                            ? _(
                                  "The host gives its key to nvme connect with --dhchap-secret, and that of this side with --dhchap-ctrl-secret.",
                              )
                            : _("The host gives it to nvme connect with --dhchap-secret.")}
                    </p>
                </div>
            </ModalBody>
            <ModalFooter>
                <Button variant="primary" onClick={close} data-test="dialog-cancel">
                    {_("I have copied it")}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
