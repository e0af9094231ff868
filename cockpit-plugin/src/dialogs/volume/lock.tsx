// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Volume } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";

/** Locks a volume (refused while in use), or unlocks it. */
export function LockVolume({ volume, close }: { volume: Volume; close: () => void }) {
    const { Name: name, Users: users, ReadOnly: locked } = useCurrent("volumes", volume);
    const lock = !volume.ReadOnly;
    const title = lock ? format(_("Lock $0"), name) : format(_("Unlock $0"), name);
    return (
        <FormDialog
            id="lock"
            title={title}
            action={lock ? _("Lock") : _("Unlock")}
            subject={volume.path}
            done={locked === lock}
            inUse={{
                reason: _("What uses it would lose what it has not written yet. Stop what uses it first."),
                name,
                users: lock ? users : [],
            }}
            changes={[
                lock
                    ? _("From now on writes to it are refused; reading goes on as before.")
                    : _("From now on it can be written to again."),
            ]}
            command={["rapiddisk", "volume", lock ? "lock" : "unlock", name]}
            close={close}
            run={() => call(volume.path, kinds.volumes, "SetReadOnly", lock, options())}
        />
    );
}
