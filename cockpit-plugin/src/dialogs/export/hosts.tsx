// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import type { Choice } from "../base/choice.js";
import { SelectField } from "../base/choice.js";
import { TextField } from "../base/field.js";

/** Which hosts may connect to an export. */
export type Who = "named" | "nobody" | "any";

/** Lists which hosts may connect, to choose from. @param local whether only this very host reaches the ports */
export function whoChoices(local: boolean): Choice[] {
    return [
        { value: "named", label: _("Only hosts that are named") },
        { value: "nobody", label: _("Nobody yet"), help: _("Hosts, and their keys, are allowed afterwards.") },
        {
            value: "any",
            label: _("Any host"),
            help: local
                ? _("Its ports are reached from this very host only.")
                : _("Warning: every machine that reaches a port can read, change and destroy the data, without a key."),
        },
    ];
}

interface HostsProps {
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly problem: string;
}

interface AllowedProps {
    readonly hosts: readonly string[];
    readonly value: string;
    readonly onChange: (value: string) => void;
    readonly problem: string;
    readonly help?: string;
}

/** One of the hosts that may connect. */
export function AllowedHostField({ hosts, ...field }: AllowedProps) {
    return (
        <SelectField
            id="host"
            label={_("Host")}
            choices={hosts.map((nqn) => ({ value: nqn, label: nqn }))}
            {...field}
        />
    );
}

/** NQNs of hosts, one in each line. */
export function HostsField({ value, onChange, problem }: HostsProps) {
    return (
        <TextField
            id="hosts"
            label={_("NQNs of the hosts")}
            help={_("One in each line. A host has its own in /etc/nvme/hostnqn.")}
            rows={3}
            required
            value={value}
            onChange={onChange}
            problem={problem}
        />
    );
}
