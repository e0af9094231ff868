// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";
import { Connected } from "./connected.js";
import { AllowedHostField } from "./hosts.js";

/** Lets a host connect to an export no more. */
export function DenyHost({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const [host, setHost] = useState(one.AllowedHosts[0] ?? "");
    const wrong = now.AllowedHosts.includes(host) ? "" : _("This host may not connect any more.");
    return (
        <FormDialog
            id="deny-host"
            title={_("Deny a host")}
            action={_("Deny")}
            danger
            subject={one.path}
            changes={[
                format(
                    _("$0 is disconnected and cannot connect again. What it has not written yet is lost to it."),
                    host,
                ),
                _(
                    "Other hosts are disconnected for a moment and come back by themselves; those over loop have to connect again.",
                ),
                now.AllowedHosts.length === 1 ? _("It is the last one: nobody can connect from then on.") : "",
            ].filter(Boolean)}
            command={["rapiddisk", "export", "deny", now.Nqn, host]}
            problems={[wrong]}
            close={close}
            run={() => call(one.path, kinds.exports, "DenyHost", host, options())}
        >
            <AllowedHostField hosts={now.AllowedHosts} value={host} onChange={setHost} problem={wrong} />
            <Connected path={one.path} />
        </FormDialog>
    );
}
