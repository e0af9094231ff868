// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The devices that the service's unit may open. systemd turns `DeviceAllow=block-*` (systemd.resource-control(5)) into
 * major numbers when the service starts; a driver that was loaded later has a number that is not among them, and its
 * disks could be neither opened nor mapped. So systemd is asked to look again, whenever there are other drivers.
 */
import { SerialQueue } from "../system/serialqueue.js";
import type { Tools } from "./exec.js";
import { readText } from "./files.js";
import type { Paths } from "./paths.js";

/** The only unit whose list is touched: setting one would take devices away from a unit that has none. */
const UNIT = "rapiddiskd.service";

/** Keeps the list as the unit file means it. Does nothing outside of that unit. */
export class DeviceAccess {
    private known: string;
    private readonly queue = new SerialQueue();

    constructor(
        private readonly paths: Paths,
        private readonly tools: Tools,
    ) {
        this.known = this.drivers();
    }

    /** Does what opens or maps a block device, once it may. One small file is read, and mostly that is all. */
    with<T>(work: () => Promise<T>): Promise<T> {
        return this.drivers() === this.known ? work() : this.ask().then(work);
    }

    private ask(): Promise<void> {
        return this.queue.run(async () => {
            const now = this.drivers();
            if (now === this.known || !this.inUnit()) return;
            const args = ["--runtime", "set-property", "--", UNIT, "DeviceAllow=block-* rw"];
            const result = await this.tools.run("systemctl", args).catch(() => undefined);
            // When systemd does not do it, the kernel's refusal of the device says so, and the next call tries again.
            if (result?.status === 0) this.known = now;
        });
    }

    /** Names and numbers of the block drivers. */
    private drivers(): string {
        return readText(`${this.paths.proc}/devices`)?.split("Block devices:").at(1) ?? "";
    }

    private inUnit(): boolean {
        const groups = readText(`${this.paths.proc}/self/cgroup`) ?? "";
        return groups.split("\n").some((line) => line.endsWith(`/${UNIT}`));
    }
}
