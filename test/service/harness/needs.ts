// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { existsSync } from "node:fs";

/** Programs that the harness runs. */
export const PROGRAMS = {
    dbusDaemon: "/usr/bin/dbus-daemon",
    polkitd: ["/usr/lib/polkit-1/polkitd", "/usr/libexec/polkitd"].find(existsSync) ?? "/usr/lib/polkit-1/polkitd",
    setpriv: "/usr/bin/setpriv",
    unshare: "/usr/bin/unshare",
};

/**
 * Skips the tests of a suite, with the reason printed and the skips counted, when this is not root or a program is
 * missing: call it in `before`.
 */
export function needsRoot(context: Mocha.Context): void {
    const missing = Object.values(PROGRAMS).filter((program) => !existsSync(program));
    let reason = "";
    if (process.getuid?.() !== 0) reason = "root is needed to run programs as several users";
    else if (missing.length > 0) reason = `${missing.join(", ")} not installed`;
    if (reason === "") return;
    console.log(`    skipped: ${reason}`);
    context.skip();
}
