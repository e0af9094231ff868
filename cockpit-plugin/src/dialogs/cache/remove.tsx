// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { useUnwritten } from "../../state/figures.js";
import { FormDialog } from "../base/form.js";
import { leaveIfShown } from "../base/leave.js";
import { waiting } from "./waiting.js";

/** Removes a cache, after writing what its source lacks; refused while anything uses it. */
export function RemoveCache({ cache, close }: { cache: Cache; close: () => void }) {
    const now = useCurrent("caches", cache);
    const { Name: name, Users: users } = now;
    const unwritten = useUnwritten(cache);
    const title = format(_("Remove $0"), name);
    return (
        <FormDialog
            id="remove"
            title={title}
            action={_("Remove")}
            danger
            subject={cache.path}
            inUse={{
                reason: format(
                    _("A cache that is in use is not removed. Stop what uses it first; then use $0 in its place."),
                    now.Source,
                ),
                name,
                users,
            }}
            changes={[
                now.Mode === "writeback" ? waiting(unwritten, now.Source) : "",
                now.Mode === "writeback"
                    ? format(
                          _("What only RAM holds is written to $0 first. That can take a while, and can be stopped."),
                          now.Source,
                      )
                    : format(_("$0 has all data already: nothing is lost."), now.Source),
                format(_("$0 goes away. Use $1 directly from then on."), now.Device, now.Source),
                _("The volume stays, and is free for something else."),
                now.Persistent ? _("It is not restored at boot.") : "",
                now.Managed ? "" : _("Another program made it; it may miss it."),
            ].filter(Boolean)}
            command={["rapiddisk", "cache", "remove", name]}
            close={close}
            run={() => call(cache.path, kinds.caches, "Remove", options()).then(() => leaveIfShown("caches", name))}
        />
    );
}
