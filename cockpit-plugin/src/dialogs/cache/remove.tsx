// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { bytes } from "../../lib/bytes.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Cache } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { useUnwritten } from "../../state/polledstate.js";
import { CheckField } from "../base/choice.js";
import { FormDialog } from "../base/form.js";
import { leaveIfShown } from "../base/leave.js";
import { waiting } from "./waiting.js";

/** What becomes of the data of a cache that is removed, $0 being its source. */
function fate(isWriteback: boolean, isStuck: boolean, lose: boolean): string {
    if (!isWriteback) return _("$0 has all data already: nothing is lost.");
    if (!isStuck) return _("What only RAM holds is written to $0 first. That can take a while, and can be stopped.");
    return lose
        ? _("What only RAM holds is lost, unless $0 takes it after all.")
        : _("$0 is gone or fails: what only RAM holds cannot be written, and the removal is refused.");
}

/** Removes a cache, after writing what its source lacks; refused while anything uses it. */
export function RemoveCache({ cache, close }: { cache: Cache; close: () => void }) {
    const now = useCurrent("caches", cache);
    const { Name: name, Users: users } = now;
    const unwritten = useUnwritten(cache);
    const title = format(_("Remove $0"), name);
    // The kernel writes nothing more to such an origin: what only RAM holds can be lost, or the cache kept.
    const stuck = now.Mode === "writeback" && (now.State === "origin-gone" || now.State === "stopped");
    const [lose, setLose] = useState(false);
    const losing = stuck && lose;
    return (
        <FormDialog
            id="remove"
            title={title}
            action={losing ? _("Remove and lose data") : _("Remove")}
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
                format(fate(now.Mode === "writeback", stuck, lose), now.Source),
                stuck
                    ? format(_("$0 goes away."), now.Device)
                    : format(_("$0 goes away. Use $1 directly from then on."), now.Device, now.Source),
                _("The volume stays, and is free for something else."),
                now.Persistent ? _("It is not restored at boot.") : "",
                now.Managed ? "" : _("Another program made it; it may miss it."),
            ].filter(Boolean)}
            command={["rapiddisk", "cache", "remove", name, ...(losing ? ["--lose-unwritten"] : [])]}
            close={close}
            run={() =>
                call(
                    cache.path,
                    kinds.caches,
                    "Remove",
                    options({ "lose-unwritten": losing ? ["b", true] : undefined }),
                ).then(() => leaveIfShown("caches", name))
            }
        >
            {stuck && (
                <CheckField
                    id="lose-unwritten"
                    label={
                        unwritten === undefined
                            ? _("Lose what only RAM holds")
                            : format(_("Lose the $0 that only RAM holds"), bytes(unwritten))
                    }
                    help={format(_("They were never written to $0, and cannot be had back."), now.Source)}
                    value={lose}
                    onChange={setLose}
                />
            )}
        </FormDialog>
    );
}
