// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The first descriptor that systemd passes (SD_LISTEN_FDS_START of sd_listen_fds(3)). */
const FIRST = 3;

/**
 * A descriptor that systemd opened for this process (OpenFile= of systemd.service(5)), by its name in the unit.
 * @param environment LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES as sd_listen_fds_with_names(3) has them
 * @returns its number, or undefined when there is none of that name for this process
 */
export function inheritedDescriptor(
    name: string,
    environment: NodeJS.ProcessEnv = process.env,
    pid = process.pid,
): number | undefined {
    if (environment.LISTEN_PID !== String(pid)) {
        return undefined;
    }
    const names = (environment.LISTEN_FDNAMES ?? "").split(":");
    const at = names.indexOf(name);
    return at >= 0 && at < Number(environment.LISTEN_FDS) ? FIRST + at : undefined;
}
