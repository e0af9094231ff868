// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import type { ComponentChildren } from "preact";
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

/** Shows keys that were made for a host. */
export function KeyShown({ host, made, close }: { host: string; made: Made; close: () => void }) {
    return (
        <Shown title={format(_("Key of $0"), host)} close={close}>
            {made.key && <Key label={_("Key of the host")} text={made.key} test="made-key" />}
            {made.controller && <Key label={_("Key of this side")} text={made.controller} test="made-controller-key" />}
            <p>
                {made.controller
                    ? _(
                          "The host gives its key to nvme connect with --dhchap-secret, and that of this side with --dhchap-ctrl-secret.",
                      )
                    : _("The host gives it to nvme connect with --dhchap-secret.")}
            </p>
        </Shown>
    );
}

/** Shows keys that the service made, by the names of their hosts. */
export function KeysShown({ keys, close }: { keys: Readonly<Record<string, string>>; close: () => void }) {
    return (
        <Shown title={_("Keys of the hosts")} close={close}>
            {Object.entries(keys).map(([host, key]) => (
                <Key key={host} label={format(_("Key of $0"), host)} text={key} test="made-key" />
            ))}
            <p>{_("Each host gives its own to nvme connect with --dhchap-secret, and is refused without it.")}</p>
        </Shown>
    );
}

/** Shows what is shown this once. Only its button closes it, so that a stray key press loses nothing. */
function Shown({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
    return (
        <Modal
            isOpen
            variant="medium"
            className="rd-dialog"
            aria-labelledby="rd-key-title"
            elementToFocus=".rd-dialog [data-test=dialog-cancel]"
            data-test="dialog-key"
        >
            <ModalHeader title={title} labelId="rd-key-title" />
            <ModalBody>
                <div className="rd-dialog-body">
                    <Alert isInline variant="warning" component="h2" title={_("This is shown only once")}>
                        <p>
                            {_(
                                "Copy it now and give it to the host by a way that nobody else can read. It is kept nowhere that this page could read it from again.",
                            )}
                        </p>
                    </Alert>
                    {children}
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
