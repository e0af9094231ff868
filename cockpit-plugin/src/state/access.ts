// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit, { type DBusProxy } from "cockpit";
import { renewCalls } from "../bus/call.js";
import type { Store } from "./store.js";

/** Follows Cockpit's switch between limited and administrative access, without a reload of the page. */
export function followAccess(store: Store): void {
    const proxy: DBusProxy = cockpit.dbus(null, { bus: "internal" }).proxy("cockpit.Superuser", "/superuser");
    const look = () => {
        const current = proxy.data["Current"];
        if (!proxy.valid || current === "init" || current === undefined) return;
        const access = current === "none" ? "limited" : "administrator";
        if (access === store.state.access) return;
        renewCalls();
        store.setAccess(access);
    };
    proxy.addEventListener("changed", look);
    proxy.wait().then(look, () => store.setAccess("limited"));
}
