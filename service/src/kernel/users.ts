// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Users of block devices that are not block devices: mounts, swap, loop devices, NVMe and LIO exports. */
import { blockDeviceNumber, readLine, readLink, readNames, readText } from "./files.js";
import { parseMounts, parseSwaps, type Mount } from "./mounts.js";
import type { Paths } from "./paths.js";
import type { DeviceUser, NvmetTree } from "./port.js";

/** major:minor to who uses that. */
export type Users = Map<string, DeviceUser[]>;

/** Finds major:minor of a node; replaced in tests, whose trees have no real nodes. */
export type DeviceNumber = (path: string) => string | undefined;

/**
 * Reads every user on the host.
 * @param known the kernel names of the loop devices, and the NVMe target
 */
export function readUsers(
    paths: Paths,
    { loops, target }: { loops: readonly string[]; target: NvmetTree },
    deviceNumber: DeviceNumber = blockDeviceNumber,
): Users {
    const users: Users = new Map();
    const add = (devno: string | undefined, kind: DeviceUser["kind"], name = ""): void => {
        if (devno === undefined) return;
        const known = users.get(devno);
        if (!known) users.set(devno, [{ kind, name }]);
        else if (!known.some((one) => one.kind === kind && one.name === name)) known.push({ kind, name });
    };
    // A path that somebody else wrote is looked at only below /dev: elsewhere stat could wait for a dead file server.
    const byPath = (path: string): string | undefined =>
        path.startsWith("/dev/") ? deviceNumber(paths.root + path) : undefined;

    const btrfs = readBtrfs(paths);
    for (const mount of readMounts(paths)) {
        const own = mount.devno.startsWith("0:")
            ? mount.source.startsWith("/dev/")
                ? mount.source.split(":").map(byPath)
                : []
            : [mount.devno];
        const siblings =
            mount.type === "btrfs" ? btrfs.filter((set) => own.some((one) => one && set.includes(one))) : [];
        [...own, ...siblings.flat()].forEach((devno) => add(devno, "mount", mount.path));
        mount.extra.forEach((path) => add(byPath(path), "journal", mount.path));
    }
    for (const set of btrfs) {
        set.filter((devno) => !users.has(devno)).forEach((devno) => add(devno, "btrfs"));
    }
    parseSwaps(readText(paths.swaps) ?? "").forEach((path) => add(byPath(path), "swap"));
    for (const loop of loops) add(byPath(readLine(`${paths.block(loop)}/loop/backing_file`)), "loop", loop);
    enabledNamespaces(target).forEach(({ path, nqn }) => add(byPath(path), "export", nqn));
    readLio(paths).forEach(({ path, name }) => add(byPath(path), "scsi", name));
    return users;
}

/** Makes text that changes whenever mounts or swap areas do. */
export function mountDigest(paths: Paths): string {
    return `${readText(paths.hostMounts) ?? readText(paths.ownMounts)}\n${readText(paths.swaps)}`;
}

const readMounts = (paths: Paths): Mount[] =>
    parseMounts(readText(paths.hostMounts) ?? readText(paths.ownMounts) ?? "");

/** Sets of devices, as major:minor, that form one mounted btrfs file system each: mountinfo names only one of them. */
function readBtrfs(paths: Paths): string[][] {
    return readNames(paths.btrfs)
        .filter((uuid) => /^[0-9a-f-]{36}$/.test(uuid))
        .map((uuid) =>
            readNames(`${paths.btrfs}/${uuid}/devices`)
                .map((name) => readLine(`${paths.btrfs}/${uuid}/devices/${name}/dev`))
                .filter((devno) => devno !== ""),
        );
}

/** Finds enabled namespaces of the NVMe target; a disabled one does not have its device open. */
function enabledNamespaces({ subsystems }: NvmetTree): { nqn: string; path: string }[] {
    return subsystems.flatMap(({ nqn, namespaces }) =>
        namespaces.filter(({ enabled }) => enabled).map(({ devicePath }) => ({ nqn, path: devicePath })),
    );
}

/** Finds enabled iblock back ends of the kernel's SCSI target. */
function readLio(paths: Paths): { name: string; path: string }[] {
    return readNames(paths.targetCore)
        .filter((hba) => hba.startsWith("iblock_"))
        .flatMap((hba) =>
            readNames(`${paths.targetCore}/${hba}`)
                .map((name) => ({ name, directory: `${paths.targetCore}/${hba}/${name}` }))
                .filter(({ directory }) => readLine(`${directory}/enable`) === "1")
                .map(({ name, directory }) => ({ name, path: readLine(`${directory}/udev_path`) })),
        );
}

/** Finds the kernel name of the device with this number, through /sys/dev/block. */
export function deviceByNumber(paths: Paths, devno: string): string | undefined {
    return readLink(`${paths.devBlock}/${devno}`)?.split("/").at(-1);
}
