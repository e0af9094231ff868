// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort, Memory, RamDisk } from "../kernel/port.js";
import { admit, isAdmitted, type MemorySettings } from "./admission.js";
import { lockId } from "./context.js";
import type { KeyedLock } from "./lock.js";

/** RAM that is asked for. */
export interface RamRequest {
    /** What asks for it, to begin a refusal with. */
    what: string;
    /** Number of the volume. */
    number: number;
    /** Bytes that the volume will have. */
    size: number;
    /** The volume is populated: the kernel allocates what it gets at once, not as it is written. */
    atOnce: boolean;
}

/**
 * Keeps account of the RAM that was admitted to volumes which the kernel is still making or growing, so that several at once
 * do not get the same RAM, and one that hangs in the kernel holds up none of the others.
 */
export class Reservations {
    /** Sizes that volumes will have, by their numbers. */
    private readonly sizes = new Map<number, number>();

    constructor(
        private readonly kernel: Pick<KernelPort, "readRamDisks" | "countRamDisks" | "readMemory">,
        private readonly locks: KeyedLock,
        private readonly settings: MemorySettings,
        /** The RAM disks as last read; undefined before the first reading. */
        private readonly known: () => readonly RamDisk[] | undefined,
    ) {}

    /** Gives the RAM disks as they will be once everything under way has ended well. */
    expected(disks: readonly RamDisk[]): RamDisk[] {
        const there = disks.map((disk) => ({ ...disk, size: Math.max(disk.size, this.sizes.get(disk.number) ?? 0) }));
        const coming = [...this.sizes].filter(([number]) => !disks.some((disk) => disk.number === number));
        const empty = { used: 0, errors: 0, highestWritten: 0, readOnly: false, populated: false };
        return [...there, ...coming.map(([number, size]) => ({ number, size, ...empty }))];
    }

    /**
     * Does work that makes or grows a volume, when there is RAM for it. What a populated volume gets counts as not filled yet
     * until the work has ended, although the kernel takes it meanwhile out of what is available: others that ask at that
     * moment are refused too early rather than too late.
     * @param check refuses by what there is now, before anything is reserved
     * @throws ModelError NoMemory; what `work` and `check` throw
     */
    async during<T>(
        { what, number, size, atOnce }: RamRequest,
        work: () => Promise<T>,
        check: (disks: readonly RamDisk[]) => void = () => undefined,
    ): Promise<T> {
        await this.locks.run(`the admission of rd${number}`, [lockId.memory], async () => {
            const disks = await this.kernel.readRamDisks([number]);
            check(disks);
            const memory = await this.kernel.readMemory();
            const growth = size - (disks[0]?.size ?? 0);
            if (!(await this.isAdmittedAnyhow(growth, memory))) {
                admit({ what, growth, atOnce }, this.expected(await this.kernel.readRamDisks()), memory, this.settings);
            }
            this.sizes.set(number, size);
        });
        try {
            return await work();
        } finally {
            // A caller that read the disks before this one was there has to find it here.
            const drop = async (): Promise<void> => void this.sizes.delete(number);
            await this.locks.run(`the admission of rd${number}`, [lockId.memory], drop).catch(drop);
        }
    }
    /**
     * Tells whether there is RAM for more even if all volumes that are known were empty, as long as there are no others: then
     * nobody needs to read a thousand of them to learn how much they hold.
     */
    private async isAdmittedAnyhow(growth: number, memory: Memory): Promise<boolean> {
        const known = this.known();
        if (known === undefined) {
            return false;
        }
        const { count, size } = this.coming(known);
        if ((await this.kernel.countRamDisks()) > known.length + count) {
            return false;
        }
        const all = known.reduce((sum, disk) => sum + disk.size, size);
        return isAdmitted(growth, [{ size: all, used: 0 }], memory, this.settings);
    }

    /** Adds up what is reserved beyond the RAM disks that there are: how many more, and by how many bytes all will grow. */
    private coming(disks: readonly RamDisk[]): { count: number; size: number } {
        let [count, size] = [0, 0];
        for (const [number, wanted] of this.sizes) {
            const disk = disks.find((one) => one.number === number);
            count += disk === undefined ? 1 : 0;
            size += Math.max(0, wanted - (disk?.size ?? 0));
        }
        return { count, size };
    }
}
