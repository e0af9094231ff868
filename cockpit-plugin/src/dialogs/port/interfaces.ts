// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { useEffect, useState } from "react";
import { _, format } from "../../lib/gettext.js";
import type { Choice } from "../base/choice.js";

interface HostInterface {
    readonly ifname?: string;
    readonly addr_info?: readonly { readonly local?: string; readonly family?: string; readonly scope?: string }[];
}

/** What stands for an address that is typed. */
export const OTHER = "other";

/** Addresses of this host to choose from, as ip(8) lists them; only "another one" while and where it does not. */
export function useAddresses(): readonly Choice[] {
    const [choices, setChoices] = useState<readonly Choice[]>([]);
    useEffect(() => {
        cockpit
            .spawn(["ip", "-j", "address", "show", "up"], { err: "ignore" })
            .then((text) => setChoices((JSON.parse(text) as HostInterface[]).flatMap(addresses)))
            .catch(() => setChoices([]));
    }, []);
    return [
        ...choices,
        { value: "0.0.0.0", label: _("Every IPv4 address of this host") },
        { value: "::", label: _("Every address of this host") },
        { value: OTHER, label: _("Another address or an interface") },
    ];
}

function addresses({ ifname = "", addr_info = [] }: HostInterface): Choice[] {
    return addr_info.flatMap(({ local = "", scope = "" }) => {
        if (local === "") return [];
        const address = scope === "link" ? `${local}%${ifname}` : local;
        const label = ifname === "lo" ? _("$0, only from this host") : "$0, $1";
        return [{ value: address, label: format(label, address, ifname) }];
    });
}
