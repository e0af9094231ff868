// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BlockDevice } from "../kernel/port.js";
import { directUser, userLine, type User } from "./users.js";

/** What a mapping is to the devices below it: its cache or its origin. */
export interface Role {
    mapping: string;
    /** Kernel names. */
    volume: string;
    origin: string;
}

/** Block devices and how they are stacked: answers who uses a device, directly or through others. */
export class DeviceGraph {
    private readonly devices: Map<string, BlockDevice>;

    /** @param roles cache mappings by the kernel name (dm-N) of the mapped device */
    constructor(
        devices: Iterable<BlockDevice>,
        private readonly roles: ReadonlyMap<string, Role> = new Map(),
    ) {
        this.devices = new Map([...devices].map((device) => [device.name, device]));
    }

    get(name: string): BlockDevice | undefined {
        return this.devices.get(name);
    }

    /**
     * Finds everything that uses a device: its own users, what is stacked on it and who uses that, and the same for its
     * partitions.
     * @param name kernel name
     */
    usersOf(name: string): User[] {
        const device = this.devices.get(name);
        if (device === undefined || device.users.length + device.holders.length + device.partitions.length === 0) {
            return [];
        }
        return this.collect(name, new Set());
    }

    /**
     * Finds what uses the devices on which a device lies, and so uses its contents as well, one line each: the users of a device
     * below it, and what is stacked on the disk of a partition.
     * @param name kernel name
     */
    usersBelow(name: string): string[] {
        const lines: string[] = [];
        const below = this.below(name);
        for (const one of below) {
            const device = this.devices.get(one);
            const isDisk = device?.partitions.some((partition) => below.has(partition)) === true;
            if (device !== undefined && one !== name) {
                const holders = isDisk ? device.holders.map((holder) => this.holder(one, holder)) : [];
                const users = [...device.users.map(({ kind, name: of }) => directUser(kind, of)), ...holders];
                lines.push(...users.map((user) => `${this.label(one)}: ${userLine(user)}`));
            }
        }
        return lines;
    }

    /** Lists the kernel names of everything below a device, itself included. */
    below(name: string): Set<string> {
        const found = new Set<string>();
        const visit = (current: string): void => {
            if (found.has(current)) {
                return;
            }
            found.add(current);
            const device = this.devices.get(current);
            device?.slaves.forEach(visit);
            if (device?.parent !== undefined) {
                visit(device.parent);
            }
        };
        visit(name);
        return found;
    }

    private collect(name: string, seen: Set<string>): User[] {
        const device = this.devices.get(name);
        if (device === undefined || seen.has(name)) {
            return [];
        }
        seen.add(name);
        const users = device.users.map(({ kind, name: of }) => directUser(kind, of));
        for (const holder of device.holders) {
            users.push(this.holder(name, holder));
            const label = this.label(holder);
            users.push(...this.collect(holder, seen).map((user) => ({ ...user, through: [...user.through, label] })));
        }
        for (const part of device.partitions) {
            const within = (partition: string): string => (partition === "" ? part : `${part}: ${partition}`);
            users.push(...this.collect(part, seen).map((user) => ({ ...user, partition: within(user.partition) })));
        }
        return users;
    }

    private holder(name: string, holder: string): User {
        const role = this.roles.get(holder);
        if (role?.volume === name) {
            return directUser("cache", role.mapping);
        }
        if (role?.origin === name) {
            return directUser("origin", role.mapping);
        }
        return directUser("holder", this.label(holder));
    }

    private label(name: string): string {
        const path = this.devices.get(name)?.path ?? name;
        return path.slice(path.lastIndexOf("/") + 1);
    }
}
