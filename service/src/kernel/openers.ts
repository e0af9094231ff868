// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Finds the processes that hold a device open, by a walk over /proc: it names users after the kernel said EBUSY. */
import { blockDeviceNumber, readLink, readNames, readText, Slices } from "./files.js";
import { parseMounts } from "./mounts.js";
import type { Paths } from "./paths.js";

/**
 * Finds the processes and mounts that keep a device open, so that a refusal can name them.
 * @param devnos major:minor of the device and of its partitions
 * @param limit most lines returned, at least 1
 * @returns "COMMAND (pid N)" for processes with an open descriptor, and "COMMAND (pid N), mounted on PATH in its mount
 * namespace" for mounts that the host does not see
 */
export async function findOpeners(paths: Paths, devnos: ReadonlySet<string>, limit: number): Promise<string[]> {
    const found: string[] = [];
    const slices = new Slices();
    const hostNamespace = readLink(`${paths.proc}/1/ns/mnt`);
    const namespaces = new Set(hostNamespace === undefined ? [] : [hostNamespace]);
    for (const pid of readNames(paths.proc)) {
        if (!/^\d+$/.test(pid) || Number(pid) === process.pid) continue;
        await slices.pause();
        const directory = `${paths.proc}/${pid}`;
        const name = (): string => `${command(`${directory}/comm`)} (pid ${pid})`;
        if (readNames(`${directory}/fd`).some((fd) => isOneOf(`${directory}/fd/${fd}`, devnos))) found.push(name());
        const namespace = readLink(`${directory}/ns/mnt`);
        if (namespace !== undefined && !namespaces.has(namespace)) {
            namespaces.add(namespace);
            const mount = parseMounts(readText(`${directory}/mountinfo`) ?? "").find((one) => devnos.has(one.devno));
            const host = hostMounts(paths, devnos);
            if (mount && !host) found.push(`${name()}, mounted on ${mount.path} in its mount namespace`);
        }
        if (found.length >= limit) break;
    }
    return found.slice(0, limit);
}

const hostMounts = (paths: Paths, devnos: ReadonlySet<string>): boolean =>
    parseMounts(readText(paths.hostMounts) ?? "").some((mount) => devnos.has(mount.devno));

/** Only links into /dev are followed: stat on others could wait for a dead file server. */
function isOneOf(link: string, devnos: ReadonlySet<string>): boolean {
    const target = readLink(link);
    if (target === undefined || !/^\/(.*\/)?dev\//.test(target)) return false;
    const devno = blockDeviceNumber(link);
    return devno !== undefined && devnos.has(devno);
}

/** A process may give itself any name: only printable ASCII of it is shown. */
const command = (file: string): string => (readText(file) ?? "?").trim().replace(/[^\x20-\x7e]/g, "?") || "?";
