// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * RAM disks through rapiddisk.ko's sysfs files (docs/kernel.md), which are a superset of upstream's: with upstream's
 * module, what it does not tell or check is found out or refused here.
 */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { SerialQueue } from "../system/serialqueue.js";
import { errnoOf } from "./errno.js";
import { exists, readLine, readNames, readNumber, readText, Slices } from "./files.js";
import { SECTOR } from "../facts/sizes.js";
import { checkRamDiskNumber, checkRamDiskSize, ramDiskNumber } from "./names.js";
import type { Paths } from "./paths.js";
import { KernelError, type AttachOptions, type RamDisk } from "./port.js";
import { parseDevices, parseSummary } from "./ramdisk-parse.js";

/** Why an errno came, in words that go on from "The kernel refused to …: ". */
const REASONS: Record<string, string> = {
    EBUSY: "it is in use",
    EEXIST: "it exists already",
    ENODEV: "there is no such RAM disk",
    ENOSPC: "the module's limit of memory is reached",
    EROFS: "it is read-only",
    ENOMEM: "the machine has not enough free memory above the module's reserve",
    EINVAL: "the module does not take these values, or its limit of disks is reached",
    EPERM: "this needs CAP_SYS_ADMIN",
    EACCES: "this needs root",
    EFBIG: "it is larger than the module allows",
    ERANGE: "a number is out of range",
};

/** Makes the errno that the port promises of the one that the module gave, with a reason where it is a special one. */
type Refine = (errno: string) => string | [errno: string, why: string];

/** The adapter of RAM disks. */
export class RamDisks {
    /** Writes go one after another: the module has one mutex anyway, and a slow one must not take all I/O threads. */
    private readonly queue = new SerialQueue();

    /** @param findOpeners who has a kernel device open */
    constructor(
        private readonly paths: Paths,
        private readonly findOpeners: (device: string) => Promise<string[]>,
    ) {}

    /** Reads the RAM disks, in number order; none when the module is not loaded. @param numbers default: of all that there are */
    async read(numbers?: readonly number[]): Promise<RamDisk[]> {
        if (!exists(this.paths.mgmt)) return [];
        const ours = exists(this.paths.memoryLimits);
        const listed = ours ? undefined : parseDevices(readText(this.paths.devices) ?? "");
        const slices = new Slices();
        const disks: RamDisk[] = [];
        for (const number of numbers ?? this.numbers()) {
            await slices.pause();
            const disk = this.readOne(number, listed);
            if (disk) disks.push(disk);
        }
        return disks.sort((a, b) => a.number - b.number);
    }

    /** Reads how many there are, those that are being attached included. */
    count(): number {
        return Number(/^Number of Attached Devices: (\d+)$/m.exec(readText(this.paths.mgmt) ?? "")?.[1] ?? 0);
    }

    /**
     * Attaches rdN. @throws KernelError EEXIST, EFBIG, ENOSPC, ENOMEM, EINVAL, ENOENT (module not loaded), ENOTSUP (populate with
     * upstream's module)
     */
    async attach(number: number, size: number, { populate = false }: AttachOptions = {}): Promise<void> {
        checkRamDiskNumber(number);
        checkRamDiskSize(size);
        const what = `attach rd${number} with ${size} bytes${populate ? ", all of them allocated at once" : ""}`;
        if (populate && exists(this.paths.mgmt) && !exists(this.paths.memoryLimits)) {
            throw new KernelError(
                "ENOTSUP",
                `The loaded rapiddisk module cannot populate rd${number} (ENOTSUP): it is not this project's.`,
            );
        }
        await this.command(what, `rapiddisk attach ${number} ${size}${populate ? " populate" : ""}`, (errno) => {
            if (errno === "EDQUOT") {
                return ["ENOSPC", "as many RAM disks as the module allows (rd_max_nr) are attached"];
            }
            return errno === "EINVAL" && this.present(number) ? "EEXIST" : errno;
        });
    }

    /** Detaches rdN and frees its memory. @throws KernelError EBUSY, ENODEV, ENOENT (module not loaded) */
    async detach(number: number): Promise<void> {
        checkRamDiskNumber(number);
        await this.claimForUpstream(number, "detach");
        await this.command(`detach rd${number}`, `rapiddisk detach ${number}`, (errno) => this.unknown(number, errno));
    }

    /** Changes the size of rdN. @throws KernelError EBUSY (shrink below data or in use), ENODEV, ENOSPC, EINVAL */
    async resize(number: number, size: number): Promise<void> {
        checkRamDiskNumber(number);
        checkRamDiskSize(size);
        const sectors = readNumber(`${this.paths.block(`rd${number}`)}/size`);
        const shrink = sectors !== undefined && size < sectors * SECTOR;
        if (shrink) await this.claimForUpstream(number, "shrink");
        const what = `resize rd${number} to ${size} bytes`;
        await this.command(what, `rapiddisk resize ${number} ${size}`, (errno) => {
            if (errno === "ENOTEMPTY" || (errno === "EINVAL" && shrink)) {
                return ["EBUSY", "it holds data beyond that size"];
            }
            return this.unknown(number, errno);
        });
    }

    /** Drops the contents of rdN. @throws KernelError EBUSY, EROFS, ENODEV, ENOTSUP (upstream's module), ENOENT */
    async erase(number: number): Promise<void> {
        checkRamDiskNumber(number);
        const file = `${this.paths.block(`rd${number}`)}/rapiddisk/erase`;
        if (!exists(this.paths.mgmt)) throw this.notLoaded(`erase rd${number}`);
        if (!this.present(number)) throw new KernelError("ENODEV", `There is no RAM disk rd${number}.`);
        if (!exists(file)) {
            throw new KernelError(
                "ENOTSUP",
                `The loaded rapiddisk module cannot erase rd${number}: it is not this project's.`,
            );
        }
        await this.write(file, "1", `erase rd${number}`, (errno) => this.unknown(number, errno));
    }

    private numbers(): number[] {
        return readNames(this.paths.classBlock).flatMap((name) => ramDiskNumber(name) ?? []);
    }

    private present(number: number): boolean {
        return exists(this.paths.block(`rd${number}`));
    }

    private unknown(number: number, errno: string): string {
        return (errno === "EINVAL" || errno === "ENOENT" || errno === "ENXIO") && !this.present(number)
            ? "ENODEV"
            : errno;
    }

    private notLoaded(what: string): KernelError {
        return new KernelError("ENOENT", `Cannot ${what}: the rapiddisk module is not loaded.`);
    }

    private async command(what: string, line: string, refine: Refine): Promise<void> {
        if (!exists(this.paths.mgmt)) throw this.notLoaded(what);
        await this.write(this.paths.mgmt, line, what, refine);
    }

    /** Writes a whole command with one write(2), and takes the errno from that very call. */
    private async write(file: string, text: string, what: string, refine: Refine): Promise<void> {
        const turn = this.queue.run(async () => {
            const handle = await open(file, constants.O_WRONLY);
            try {
                const { bytesWritten } = await handle.write(`${text}\n`);
                if (bytesWritten !== text.length + 1) {
                    throw new KernelError("EIO", `The kernel took only ${bytesWritten} bytes of the order to ${what}.`);
                }
            } finally {
                await handle.close();
            }
        });
        try {
            await turn;
        } catch (error) {
            if (error instanceof KernelError) throw error;
            const refined = refine(errnoOf(error));
            const [errno, why] = typeof refined === "string" ? [refined, REASONS[refined]] : refined;
            throw new KernelError(errno, `The kernel refused to ${what} (${errno})${why ? `: ${why}` : ""}.`);
        }
    }

    /**
     * Upstream's module detaches and shrinks under anybody's feet. With it, an exclusive open (which the kernel refuses
     * while a mount, a mapping, swap or an export has the device) and a walk for openers stand in for the missing check.
     */
    private async claimForUpstream(number: number, what: string): Promise<void> {
        const device = `rd${number}`;
        if (!this.present(number) || exists(`${this.paths.block(device)}/rapiddisk`)) return;
        const busy = (why: string): KernelError => new KernelError("EBUSY", `Will not ${what} ${device}: ${why}.`);
        const { O_RDONLY, O_EXCL, O_NONBLOCK } = constants;
        try {
            const handle = await open(this.paths.node(device), O_RDONLY | O_EXCL | O_NONBLOCK);
            await handle.close();
        } catch (error) {
            if (errnoOf(error) === "EBUSY") throw busy("it is in use (EBUSY)");
        }
        const openers = await this.findOpeners(device);
        if (openers.length > 0) throw busy(`${openers.join(", ")} has it open`);
    }

    /**
     * Reads one disk: all in one file with our module, else out of `devices` (which upstream's cuts at a page) and sysfs.
     * @param listed undefined with our module
     */
    private readOne(number: number, listed: ReturnType<typeof parseDevices> | undefined): RamDisk | undefined {
        const directory = this.paths.block(`rd${number}`);
        const summary = parseSummary(number, readText(`${directory}/rapiddisk/summary`) ?? "");
        // Our module's disk without it, or with size 0, is on its way in or out.
        if (summary || !listed) return summary && summary.size > 0 ? summary : undefined;
        const sectors = readNumber(`${directory}/size`);
        if (sectors === undefined) return undefined;
        const { used = 0, errors = 0 } = listed.get(number) ?? {};
        const readOnly = readLine(`${directory}/ro`) === "1";
        return { number, size: sectors * SECTOR, used, errors, highestWritten: 0, readOnly, populated: false };
    }
}
