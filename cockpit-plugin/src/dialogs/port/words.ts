// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import { addressProblem, endpoint } from "../../lib/netaddress.js";
import type { Port } from "../../state/objects.js";

/** A port in words: tcp 192.0.2.10:4420. */
export function portWords({ Transport, Address, Service }: Port): string {
    return Address === "" ? Transport : `${Transport} ${endpoint(Address, Service)}`;
}

/** What is wrong with a typed address, in words; empty when nothing is. */
export function addressWords(text: string): string {
    switch (addressProblem(text)) {
        case "":
            return "";
        case "empty":
            return _("Type an IP address of this host or the name of an interface.");
        case "brackets":
            return _("Write the IPv6 address without brackets.");
        case "linklocal":
            return _("A link-local address needs its interface, for example fe80::1%eth0.");
        case "mapped":
            return _("This is an IPv4 address in IPv6 notation. Write it as IPv4.");
        case "form":
            return _("This is neither an IP address nor the name of an interface, for example 192.0.2.10 or eth0.");
    }
}
