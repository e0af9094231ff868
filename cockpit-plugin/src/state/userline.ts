// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What uses a device, as the service tells it in a line of Users. */
export interface User {
    readonly what: keyof typeof FORMS | "other";
    /** The mount point, the NQN, the mapping, or the whole line where it is of another form; empty where there is none. */
    readonly name: string;
    /** The partition that it uses; empty: all of the device. */
    readonly partition: string;
    /** What is stacked between the device and the user, the nearest to the device last. */
    readonly through: readonly string[];
}

/** The forms of a line, as dbus/org.rapiddisk.Manager.Volume.xml has them. */
const FORMS = {
    mount: /^mounted on (.+)$/s,
    journal: /^journal or log of the file system on (.+)$/s,
    btrfs: /^part of a mounted btrfs file system()$/,
    swap: /^swap()$/,
    loop: /^backing file of (.+)$/,
    off: /^exported as (.+) \(switched off\)$/,
    export: /^exported as (.+)$/,
    scsi: /^exported by the SCSI target as (.+)$/,
    cache: /^cache of (.+)$/,
    origin: /^origin of (.+)$/,
    holder: /^held by (.+)$/,
} as const;

/** Reads a line of Users. */
export function readUser(line: string): User {
    const stacked = /^(.*) \(through ([^()]+)\)$/s.exec(line);
    if (stacked) {
        const user = readUser(stacked[1] ?? "");
        return { ...user, through: [...user.through, stacked[2] ?? ""] };
    }
    const part = /^([A-Za-z0-9-]+): (.+)$/s.exec(line);
    if (part) {
        const user = readUser(part[2] ?? "");
        return { ...user, partition: user.partition || (part[1] ?? "") };
    }
    for (const [what, form] of Object.entries(FORMS) as [keyof typeof FORMS, RegExp][]) {
        const match = form.exec(line);
        if (match) return { what, name: match[1] ?? "", partition: "", through: [] };
    }
    return { what: "other", name: line, partition: "", through: [] };
}
