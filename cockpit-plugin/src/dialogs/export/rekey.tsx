// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";
import { call, options } from "../../bus/call.js";
import { _, format } from "../../lib/gettext.js";
import { kinds, type Export } from "../../state/objects.js";
import { useCurrent } from "../../state/use.js";
import { useFollowed } from "../base/follow.js";
import { FormDialog } from "../base/form.js";
import { AllowedHostField } from "./hosts.js";
import { KeyFields, useKeyChoice, type Made } from "./keychoice.js";
import { KeyShown } from "./keyshown.js";

/** Gives an allowed host another key, or takes it away. */
export function HostKeys({ one, close }: { one: Export; close: () => void }) {
    const now = useCurrent("exports", one);
    const keyOf = (nqn: string) => `${now.AuthenticatedHosts.includes(nqn)} ${nqn}`;
    const field = useFollowed(one.AllowedHosts[0] ?? "", keyOf, true);
    const host = field.value;
    const [made, setMade] = useState<Made | null>(null);
    const keys = useKeyChoice("make");
    const keyed = now.AuthenticatedHosts.includes(host);
    const wrong = now.AllowedHosts.includes(host) ? "" : _("This host may not connect any more.");
    if (made) return <KeyShown host={host} made={made} close={close} />;
    return (
        <FormDialog
            id="host-keys"
            title={_("Keys of a host")}
            action={keys.how === "none" ? _("Take the key away") : _("Set the key")}
            danger={keys.how === "none"}
            subject={one.path}
            changes={[
                keys.how === "none"
                    ? format(_("$0 can connect without a key, on every export of this machine that allows it."), host)
                    : format(
                          _("$0 must prove the new key when it connects next, on every export of this machine."),
                          host,
                      ),
                _("A host that is connected stays so until it connects again."),
            ]}
            command={["rapiddisk", "export", "rekey", now.Nqn, host, ...(keys.how === "none" ? ["--off"] : keys.words)]}
            problems={[wrong, keys.problem]}
            moved={
                field.moved
                    ? {
                          keep: field.keep,
                          text: keyed
                              ? _("This host has a key now, which another one would replace.")
                              : _("This host has no key any more."),
                      }
                    : null
            }
            close={close}
            run={async () => {
                const { values, made: fresh } = keys.take();
                const given = keys.how === "none" ? { clear: ["b", true] as const } : values;
                await call(one.path, kinds.exports, "SetHostKeys", host, options(given));
                if (fresh === null) return undefined;
                setMade(fresh);
                return "stay";
            }}
        >
            <AllowedHostField
                hosts={now.AllowedHosts}
                value={host}
                onChange={field.set}
                problem={wrong}
                help={keyed ? _("It has a key now.") : _("It has no key now.")}
            />
            <KeyFields
                keys={keys}
                choices={[
                    { value: "make", label: _("Make one now"), help: _("It is shown once, to be given to the host.") },
                    { value: "paste", label: _("Use one that is there") },
                    {
                        value: "none",
                        label: _("None any more"),
                        help: _("Any machine that presents the NQN of the host and reaches a port can connect."),
                    },
                ]}
            />
        </FormDialog>
    );
}
