// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { BUS, BUS_PATH, SERVICE } from "./names.js";

/**
 * Tells whenever the service comes onto the bus, also when it could not be reached before: a connection to a service that is
 * not installed or cannot be started ends, and hears of nothing more.
 */
export function whenServiceAppears(tell: () => void): void {
    cockpit
        .dbus(BUS, { bus: "system" })
        .subscribe(
            { path: BUS_PATH, interface: BUS, member: "NameOwnerChanged", arg0: SERVICE },
            (_path, _iface, _signal, args) => {
                if (args[2] !== "") tell();
            },
        );
}
