// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Port } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import { FormDialog } from "../base/form.js";
import { leaveIfShown } from "../base/leave.js";
import { portWords } from "./words.js";

/** Removes a port; refused while an export uses it. */
export function RemovePort({ port, close }: { port: Port; close: () => void }) {
    const now = useCurrent("ports", port);
    const exports = useStore((state) => state.exports);
    const id = String(now.Id);
    const title = format(_("Remove port $0"), id);
    const users = now.Exports.map((path) => exports.get(path)?.Nqn ?? path);
    return (
        <FormDialog
            id="remove"
            title={title}
            action={_("Remove")}
            danger
            subject={port.path}
            inUse={{
                reason: _("A port that exports are on is not removed. Take them off it first."),
                name: format(_("Port $0"), id),
                users,
            }}
            changes={[
                format(_("This host no longer listens on $0."), portWords(now)),
                now.Persistent ? _("It is not restored at boot.") : "",
                now.Managed ? "" : _("Another program made it; it may miss it."),
            ].filter(Boolean)}
            command={["rapiddisk", "port", "remove", id]}
            close={close}
            run={() => call(port.path, kinds.ports, "Remove", options()).then(() => leaveIfShown("ports", id))}
        />
    );
}
