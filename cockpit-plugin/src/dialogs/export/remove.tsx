// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";
import { leaveIfShown } from "../base/leave.js";
import { Connected } from "./connected.js";

/** Takes an export apart, after telling who is connected. */
export function RemoveExport({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    return (
        <FormDialog
            id="remove"
            title={_("Remove an export")}
            action={_("Remove")}
            danger
            subject={one.path}
            changes={[
                format(_("$0 disappears from its hosts at once, and with it what they have not written yet."), now.Nqn),
                format(_("$0 stays, with what it holds, and is free for something else."), now.Device),
                now.Persistent ? _("It is not restored at boot.") : "",
                now.Managed ? "" : _("Another program made it; it may miss it."),
            ].filter(Boolean)}
            command={["rapiddisk", "export", "remove", now.Nqn]}
            close={close}
            run={() => call(one.path, kinds.exports, "Remove", options()).then(() => leaveIfShown("exports", now.Nqn))}
        >
            <Connected path={one.path} />
        </FormDialog>
    );
}
