// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { FormDialog } from "../base/form.js";
import { Connected } from "./connected.js";

/** Switches an export on or off. */
export function EnableExport({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const on = !one.Enabled;
    return (
        <FormDialog
            id="enable"
            title={on ? _("Switch an export on") : _("Switch an export off")}
            action={on ? _("Switch on") : _("Switch off")}
            danger={!on}
            subject={one.path}
            done={now.Enabled === on}
            changes={[
                on
                    ? format(_("Hosts that may connect to $0 see the device again."), now.Nqn)
                    : format(
                          _("Hosts of $0 lose the device at once, and with it what they have not written yet."),
                          now.Nqn,
                      ),
                on ? "" : _("It stays in place, and its device stays in use, until it is switched on or removed."),
            ].filter(Boolean)}
            command={["rapiddisk", "export", on ? "enable" : "disable", now.Nqn]}
            close={close}
            run={() => call(one.path, kinds.exports, "SetEnabled", on, options())}
        >
            {on ? null : <Connected path={one.path} />}
        </FormDialog>
    );
}
