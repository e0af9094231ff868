// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { DeviceUser } from "../kernel/port.js";

/** What uses a device, directly or through what is stacked on it. */
export interface User {
    /** What the kernel names, or another device. */
    readonly kind: UserKind;
    /** The mount point, NQN, mapping or device; empty where there is none, as for swap. */
    readonly name: string;
    /** The partition that it uses, behind the one that that is a partition of: "rd0p1", "rd0p1: md0p1"; empty: all of the device. */
    readonly partition: string;
    /** What is stacked between the device and the user, the nearest to the device last. */
    readonly through: readonly string[];
}

export type UserKind = DeviceUser["kind"] | "cache" | "origin" | "holder";

const FORMS: Readonly<Record<UserKind, string>> = {
    mount: "mounted on $0",
    journal: "journal or log of the file system on $0",
    btrfs: "part of a mounted btrfs file system",
    swap: "swap",
    loop: "backing file of $0",
    export: "exported as $0",
    "export-off": "exported as $0 (switched off)",
    scsi: "exported by the SCSI target as $0",
    cache: "cache of $0",
    origin: "origin of $0",
    holder: "held by $0",
};

/** Every kind of user that there is. */
export const USER_KINDS = Object.keys(FORMS) as UserKind[];

/** Makes a user of all of a device, with nothing in between. */
export function directUser(kind: UserKind, name: string): User {
    return { kind, name, partition: "", through: [] };
}

/** Writes a user in one line for a person. */
export function userLine({ kind, name, partition, through }: User): string {
    const use = FORMS[kind].replace("$0", () => name);
    const stacked = through.reduce((line, one) => `${line} (through ${one})`, use);
    return partition === "" ? stacked : `${partition}: ${stacked}`;
}

/** Writes one line for each of several users. */
export const userLines = (users: readonly User[]): string[] => users.map(userLine);
