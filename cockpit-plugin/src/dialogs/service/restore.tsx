// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert, Button, Modal, ModalBody, ModalFooter, ModalHeader } from "@patternfly/react-core";
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { ROOT, SERVICE } from "../../bus/names.js";
import { listed } from "../../lib/bidi.js";
import { _, format } from "../../lib/gettext.js";
import { useStore } from "../../state/use.js";
import { FormDialog } from "../base/form.js";

/** Makes saved objects again that are not there, and says of each that could not be why. */
export function RestoreSaved({ close }: { close: () => void }) {
    const missing = useStore((state) => state.manager?.Missing) ?? [];
    const [failed, setFailed] = useState<readonly string[]>([]);
    if (failed.length > 0) return <NotRestored failed={failed} close={close} />;
    return (
        <FormDialog
            id="restore"
            title={_("Make saved objects again")}
            action={_("Make again")}
            changes={[
                format(_("What is saved and not there is made, as at boot: $0."), listed(missing)),
                _("Volumes are empty at first."),
            ]}
            command={["rapiddisk", "restore"]}
            close={close}
            run={async () => {
                const [, not = []] = await call(ROOT, SERVICE, "Restore", options());
                setFailed(not);
                return not.length > 0 ? "stay" : undefined;
            }}
        />
    );
}

function NotRestored({ failed, close }: { failed: readonly string[]; close: () => void }) {
    return (
        <Modal
            isOpen
            variant="medium"
            className="rd-dialog"
            aria-labelledby="rd-restore-title"
            onClose={close}
            elementToFocus=".rd-dialog [data-test=dialog-cancel]"
            data-test="dialog-not-restored"
        >
            <ModalHeader title={_("Make saved objects again")} labelId="rd-restore-title" />
            <ModalBody>
                <Alert isInline variant="danger" component="h2" title={_("Some could not be made")}>
                    <ul>
                        {failed.map((sentence) => (
                            <li key={sentence} dir="ltr">
                                {sentence}
                            </li>
                        ))}
                    </ul>
                </Alert>
            </ModalBody>
            <ModalFooter>
                <Button variant="secondary" onClick={close} data-test="dialog-cancel">
                    {_("Close")}
                </Button>
            </ModalFooter>
        </Modal>
    );
}
