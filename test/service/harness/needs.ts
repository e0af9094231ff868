// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { DEFAULT_BUS, type BusKind } from "./kinds.js";

/** Where tools/setup.sh unpacks dbus-broker: installed as a package it would become the host's own system bus. */
const UNPACKED = fileURLToPath(new URL("../../../.cache/dbus-broker/usr/bin/", import.meta.url));

/** Programs that the harness runs. */
export const PROGRAMS = {
    dbusDaemon: "/usr/bin/dbus-daemon",
    dbusBroker: existsSync("/usr/bin/dbus-broker-launch")
        ? "/usr/bin/dbus-broker-launch"
        : `${UNPACKED}dbus-broker-launch`,
    polkitd: ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd"].find(existsSync) ?? "/usr/lib/polkit-1/polkitd",
    setpriv: "/usr/bin/setpriv",
    unshare: "/usr/bin/unshare",
    socketActivate: "/usr/bin/systemd-socket-activate",
};
/** Programs that only tests on dbus-broker run. */
const BROKER_ONLY: readonly string[] = [PROGRAMS.dbusBroker, PROGRAMS.socketActivate];

/**
 * Skips the tests of a suite, with the reason printed and the skips counted, when this is not root or a program is
 * missing: call it in `before`.
 * @param kind the program that the tests' bus runs on
 */
export function needsRoot(context: Mocha.Context, kind: BusKind = DEFAULT_BUS): void {
    const missing = Object.values(PROGRAMS).filter(
        (program) => !existsSync(program) && (kind === "dbus-broker" || !BROKER_ONLY.includes(program)),
    );
    let reason = "";
    if (process.getuid?.() !== 0) reason = "root is needed to run programs as several users";
    else if (missing.length > 0) reason = `${missing.join(", ")} not installed`;
    if (reason === "") return;
    console.log(`    skipped: ${reason}`);
    context.skip();
}
