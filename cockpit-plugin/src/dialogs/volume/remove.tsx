// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { usePolledState } from "../../state/polledstate.js";
import { kinds, type Volume } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";
import { leaveIfShown } from "../base/leave.js";

/** Removes a volume with its contents; refused while anything uses it. */
export function RemoveVolume({ volume, close }: { volume: Volume; close: () => void }) {
    usePolledState();
    const now = useCurrent("volumes", volume);
    const { Name: name, Users: users } = now;
    const title = format(_("Remove $0"), name);
    return (
        <FormDialog
            id="remove"
            title={title}
            action={_("Remove")}
            danger
            subject={volume.path}
            inUse={{
                reason: _("A volume that is in use is not removed. Stop what uses it first."),
                name,
                users,
            }}
            changes={[
                format(_("$0 and all that it holds are lost."), now.Device),
                format(_("$0 of memory are given back."), bytes(now.Used)),
                now.Persistent ? _("It is not restored at boot.") : "",
                now.Managed ? "" : _("Another program made it; it may miss it."),
            ].filter(Boolean)}
            command={["rapiddisk", "volume", "remove", name]}
            close={close}
            run={() => call(volume.path, kinds.volumes, "Remove", options()).then(() => leaveIfShown("volumes", name))}
        />
    );
}
