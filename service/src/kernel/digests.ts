// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What is compared to learn of changes that raise no uevent. */
import { networkInterfaces } from "node:os";
import type { DeviceMapper } from "./devicemapper.js";
import { DirectoryWatch } from "./directorywatch.js";
import type { Digest } from "./events.js";
import { readNames } from "./files.js";
import { NvmetDigest } from "./nvmet/digest.js";
import type { Paths } from "./paths.js";
import { RamDigest } from "./ramdigest.js";
import { mountDigest } from "./users.js";

/**
 * Makes every digest of the real kernel. None costs more for a thousand objects than for a hundred, but for names in one directory.
 * @param watch of the NVMe target
 */
export function digests(paths: Paths, mapper: Pick<DeviceMapper, "digest">, watch = targetWatch(paths)): Digest[] {
    const ram = new RamDigest(paths);
    const scsi = new DirectoryWatch(paths.targetCore, { each: { each: {} } });
    return [
        { subsystem: "mount", read: () => mountDigest(paths) },
        { subsystem: "mount", read: () => `${scsi.read()}`, close: () => scsi.close() },
        {
            subsystem: "block",
            read: () => {
                const names = readNames(paths.classBlock);
                return [names.join(" "), ram.read(names), mapper.digest(names)].join("\n");
            },
            devices: (before, now) => {
                const [old, ...others] = before.split("\n");
                const [names, ...rest] = now.split("\n");
                return others.join("\n") === rest.join("\n")
                    ? differing(old!.split(" "), names!.split(" "))
                    : undefined;
            },
        },
        target(paths, watch),
    ];
}

/** Names that are in one list only. */
function differing(before: readonly string[], now: readonly string[]): string[] {
    const [old, names] = [new Set(before), new Set(now)];
    return [...before.filter((name) => !names.has(name)), ...now.filter((name) => !old.has(name))];
}

/** Watches all of the NVMe target that is read of it. */
export function targetWatch(paths: Paths): DirectoryWatch {
    return new DirectoryWatch(paths.nvmet, {
        named: {
            subsystems: { each: { named: { allowed_hosts: {}, namespaces: { each: {} } } } },
            ports: { each: { named: { subsystems: {} } } },
            hosts: { each: {} },
        },
    });
}

/** The NVMe target, and the host's addresses while it has ports, of which some may lose theirs. */
function target(paths: Paths, watch: DirectoryWatch): Digest {
    const digest = new NvmetDigest(paths);
    return {
        subsystem: "nvmet",
        read: () => {
            const told = watch.read();
            const hasPorts = watch.present && readNames(paths.nvmetPorts).length > 0;
            const addresses = hasPorts ? JSON.stringify(networkInterfaces()) : "";
            return [told, watch.complete || !watch.present ? "" : digest.read(), addresses].join("\n");
        },
        close: () => watch.close(),
    };
}
