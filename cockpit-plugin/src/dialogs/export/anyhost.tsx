// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { listed } from "../../lib/bidi.js";
import { _, format } from "../../lib/gettext.js";
import { isLocal } from "../../lib/netaddress.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent, useStore } from "../../state/use.js";
import { CheckField } from "../base/choice.js";
import { useFollowed } from "../base/follow.js";
import { FormDialog } from "../base/form.js";
import { Connected } from "./connected.js";

/** Opens an export to any host, or closes it. */
export function AnyHost({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const ports = useStore((state) => state.ports);
    const [accepted, setAccepted] = useState(false);
    const open = !one.AllowAnyHost;
    const seen = useFollowed(null, () => [...now.AllowedHosts].sort().join("\n"), true);
    const wide = now.Ports.some((path) => {
        const port = ports.get(path);
        return port !== undefined && !isLocal(port.Transport);
    });
    const wrong = open && wide && !accepted ? _("Confirm that everybody may read and write it.") : "";
    return (
        <FormDialog
            id="any-host"
            title={open ? _("Allow any host") : _("Allow only named hosts")}
            action={open ? _("Allow any host") : _("Close")}
            danger
            subject={one.path}
            done={now.AllowAnyHost === open}
            moved={
                open && seen.moved
                    ? {
                          keep: seen.keep,
                          text:
                              now.AllowedHosts.length > 0
                                  ? format(_("These hosts are named now: $0."), listed(now.AllowedHosts))
                                  : _("No host is named any more."),
                      }
                    : null
            }
            inUse={{
                reason: _(
                    "These hosts must prove a key, which would mean nothing once any host may connect. Deny them first, or take their keys away.",
                ),
                name: now.Nqn,
                users: open ? now.AuthenticatedHosts : [],
            }}
            changes={
                open
                    ? [
                          format(
                              _("Every machine that reaches a port can read, change and destroy what $0 holds."),
                              now.Device,
                          ),
                          now.AllowedHosts.length > 0 ? _("The list of hosts is dropped.") : "",
                      ].filter(Boolean)
                    : [
                          _("All hosts are disconnected, and nobody can connect until a host is allowed."),
                          _("What they have not written yet is lost to them."),
                      ]
            }
            command={["rapiddisk", "export", open ? "allow" : "deny", now.Nqn, "--any"]}
            problems={[wrong]}
            close={close}
            run={() => call(one.path, kinds.exports, "SetAllowAnyHost", open, options())}
        >
            {open && wide && (
                <CheckField
                    id="accepted"
                    label={_("Everybody who reaches a port may read and write it")}
                    value={accepted}
                    onChange={setAccepted}
                    problem={wrong}
                />
            )}
            <Connected path={one.path} />
        </FormDialog>
    );
}
