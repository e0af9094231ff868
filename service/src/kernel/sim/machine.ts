// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The rules of the simulated kernel: what each change does and refuses, with the errnos of the real one. */
import { SECTOR } from "../../facts/sizes.js";
import { checkRamDiskNumber, checkRamDiskSize, ramDiskNumber } from "../names.js";
import type { AttachOptions, BlockDevice, DeviceUser, Mapping, RamDisk } from "../port.js";
import { KernelError } from "../port.js";
import { defined } from "../../system/defined.js";
import { SimNvmet } from "./nvmet.js";
import {
    blockSizeOf,
    constructTarget,
    freshCounters,
    holdsUnwritten,
    messageTarget,
    statsOf,
    statusOf,
} from "./targets.js";
import { wholePages, type SimData, type SimMapping, type SimRamDisk } from "./state.js";

const RAM_MAJOR = 252;
const DM_MAJOR = 253;

/** The state with its rules. Every method is one atomic change or one reading. */
export class SimMachine {
    readonly nvmet = new SimNvmet(this);

    constructor(readonly data: SimData) {}

    // ---- RAM disks ------------------------------------------------------------------------------------------------

    attach(number: number, size: number, { populate = false }: AttachOptions = {}): void {
        checkRamDiskNumber(number);
        checkRamDiskSize(size);
        this.needModule("attach", `rd${number}`);
        if (this.data.ramDisks[number]) throw new KernelError("EEXIST", `RAM disk rd${number} exists already.`);
        this.refuseTooLarge(number, size);
        if (Object.keys(this.data.ramDisks).length >= this.data.maxRamDisks) {
            throw new KernelError(
                "ENOSPC",
                `The kernel refused to attach rd${number}: its limit of RAM disks is reached.`,
            );
        }
        const fresh = { size, used: 0, errors: 0, highestWritten: 0 };
        if (populate) {
            if (this.data.upstreamModule) {
                throw new KernelError("ENOTSUP", `The loaded rapiddisk module cannot populate rd${number} (ENOTSUP).`);
            }
            this.refuseAllocation(`attach rd${number}`, size);
        }
        this.data.ramDisks[number] = populate ? { ...fresh, used: wholePages(size), populated: true } : fresh;
        this.numberDisk(`rd${number}`);
    }

    /** Gives a new disk the number that no other has had. */
    numberDisk(device: string): void {
        this.data.lastSequence = (this.data.lastSequence ?? 0) + 1;
        this.data.sequences = { ...this.data.sequences, [device]: this.data.lastSequence };
    }

    /** A partition has the number of its disk. */
    sequences(devices: readonly string[]): Map<string, number> {
        const there = devices.filter((device) => this.has(device));
        const disk = (device: string): string => this.data.disks[device]?.parent ?? device;
        return new Map(there.map((device) => [device, this.data.sequences?.[disk(device)] ?? 0]));
    }

    detach(number: number): void {
        this.ramDisk(number, "detach");
        this.refuseInUse(`rd${number}`, "detach");
        for (const partition of this.partitions(`rd${number}`)) delete this.data.disks[partition];
        delete this.data.ramDisks[number];
        delete this.data.io[`rd${number}`];
        delete this.data.contents?.[`rd${number}`];
        this.data.readOnly = this.data.readOnly.filter((name) => name !== `rd${number}`);
    }

    resize(number: number, size: number): void {
        checkRamDiskSize(size);
        const disk = this.ramDisk(number, "resize");
        this.refuseTooLarge(number, size);
        if (size < disk.size) {
            this.refuseInUse(`rd${number}`, "shrink");
            if (size < disk.highestWritten) {
                throw new KernelError(
                    "EBUSY",
                    `The kernel refused to shrink rd${number} to ${size} bytes: data reaches to ${disk.highestWritten}.`,
                );
            }
        }
        if (disk.populated) {
            this.refuseAllocation(`resize rd${number}`, size - disk.size);
            disk.used = wholePages(size);
        }
        disk.size = size;
    }

    erase(number: number): void {
        const disk = this.ramDisk(number, "erase");
        if (this.data.upstreamModule) {
            throw new KernelError("ENOTSUP", `The loaded rapiddisk module cannot erase rd${number} through sysfs.`);
        }
        this.refuseInUse(`rd${number}`, "erase");
        if (this.data.readOnly.includes(`rd${number}`)) {
            throw new KernelError("EROFS", `The kernel refused to erase rd${number} (EROFS): it is read-only.`);
        }
        this.dropContents(disk);
        delete this.data.contents?.[`rd${number}`];
    }

    /** A populated disk keeps its memory. */
    private dropContents(disk: SimRamDisk): void {
        if (!disk.populated) disk.used = 0;
        disk.highestWritten = 0;
    }

    /** Memory that is wanted at once is had whole, or not at all. */
    private refuseAllocation(what: string, bytes: number): void {
        if (bytes <= this.data.memory.available) return;
        throw new KernelError("ENOMEM", `The kernel refused to ${what} (ENOMEM): there is not enough free memory.`);
    }

    ramDisks(): RamDisk[] {
        return Object.entries(this.data.ramDisks).map(([number, disk]) => ({
            number: Number(number),
            populated: false,
            ...disk,
            readOnly: this.data.readOnly.includes(`rd${number}`),
        }));
    }

    private ramDisk(number: number, what: string): SimData["ramDisks"][number] {
        checkRamDiskNumber(number);
        this.needModule(what, `rd${number}`);
        const disk = this.data.ramDisks[number];
        if (!disk) throw new KernelError("ENODEV", `There is no RAM disk rd${number}.`);
        return disk;
    }

    private needModule(what: string, name: string): void {
        if (this.data.loaded.includes("rapiddisk")) return;
        throw new KernelError("ENOENT", `Cannot ${what} ${name}: the rapiddisk module is not loaded.`);
    }

    /** The real module's default: disks are sparse, so up to four times the RAM can make sense. */
    private refuseTooLarge(number: number, size: number): void {
        if (size <= this.data.memory.total * 4) return;
        throw new KernelError(
            "EFBIG",
            `The kernel refused ${size} bytes for rd${number}: larger than the module allows.`,
        );
    }

    private refuseInUse(name: string, what: string): void {
        if (this.opened(name)) throw new KernelError("EBUSY", `The kernel refused to ${what} ${name}: it is in use.`);
    }

    // ---- mappings -------------------------------------------------------------------------------------------------

    createMapping(name: string, uuid: string, table: { length: number; type: string; params: string }): void {
        const failed = (errno: string, why: string): KernelError =>
            new KernelError(errno, `Creating mapping ${name} failed: ${why}.`);
        if (this.data.mappings[name]) throw failed("EBUSY", "the name is taken");
        if (uuid !== "" && Object.values(this.data.mappings).some((other) => other.uuid === uuid)) {
            throw failed("EBUSY", "the UUID is taken");
        }
        const target = constructTarget(this, table, failed);
        const minors = new Set(Object.values(this.data.mappings).map((mapping) => mapping.minor));
        let minor = 0;
        while (minors.has(minor)) minor++;
        this.data.mappings[name] = {
            uuid,
            minor,
            suspended: false,
            targets: [{ start: 0, length: table.length, type: table.type, ...target }],
            counters: freshCounters(table, this.device(target.slaves[1])?.size ?? 0),
        };
        this.numberDisk(`dm-${minor}`);
    }

    /** Gives a mapping another name; anyone who has it open keeps it. */
    renameMapping(name: string, other: string): void {
        const { mapping } = this.mapping(name);
        delete this.data.mappings[name];
        this.data.mappings[other] = mapping;
    }

    reloadMapping(name: string, table: { length: number; type: string; params: string }): void {
        const failed = (errno: string, why: string): KernelError =>
            new KernelError(errno, `Loading a new table for mapping ${name} failed: ${why}.`);
        const { mapping, device } = this.mapping(name);
        const target = constructTarget(this, table, failed, device);
        const stores = target.slaves[1];
        mapping.targets = [{ start: 0, length: table.length, type: table.type, ...target }];
        mapping.counters = freshCounters(table, this.device(stores)?.size ?? 0);
        mapping.suspended = false;
        delete mapping.cutoff;
        // A new table of rapiddisk-cache starts empty; the pages of the old one stay until they are used again.
        mapping.stale = this.filled(stores);
    }

    removeMapping(name: string): void {
        const { mapping, device } = this.mapping(name);
        if (this.opened(device)) throw new KernelError("EBUSY", `Removing mapping ${name} failed: it is open.`);
        this.dropCopies(mapping);
        delete this.data.mappings[name];
        delete this.data.io[device];
        this.data.readOnly = this.data.readOnly.filter((other) => other !== device);
    }

    /** What the RAM disk of a cache holds goes with the mapping. */
    private dropCopies({ targets }: SimMapping): void {
        for (const { type, slaves } of targets) {
            const number = ramDiskNumber(slaves[1] ?? "");
            const disk = number === undefined ? undefined : this.data.ramDisks[number];
            if (type === "rapiddisk-cache" && disk !== undefined && !this.data.upstreamModule) {
                this.dropContents(disk);
            }
        }
    }

    messageMapping(name: string, message: string): string {
        const { mapping } = this.mapping(name);
        const target = mapping.targets[0];
        const canWrite = target?.slaves[0] === undefined || this.device(target.slaves[0]) !== undefined;
        if (target?.type === "writecache" && message === "flush" && holdsUnwritten(mapping) && !canWrite) {
            // dm-writecache stops at the first error and keeps what it could not write.
            mapping.counters[0] = (mapping.counters[0] ?? 0) + 1;
            throw new KernelError("EIO", `The kernel refused to send "flush" to mapping ${name} (EIO).`);
        }
        return messageTarget(name, mapping, message, this.cachedBlocks(mapping));
    }

    statusMapping(name: string): string {
        return statusOf(this.mapping(name).mapping);
    }

    statsMapping(name: string): string {
        const { mapping } = this.mapping(name);
        return statsOf(name, mapping, this.cachedBlocks(mapping));
    }

    /** Blocks that a cache holds: all that its RAM disk does, but for what is left there of an earlier table. */
    private cachedBlocks({ targets, stale = 0 }: SimMapping): number {
        return Math.max(0, Math.floor((this.filled(targets[0]?.slaves[1]) - stale) / 4096));
    }

    /** Counts the bytes that something was written to. @param device kernel name of a RAM disk; of others it is 0 */
    private filled(device = ""): number {
        const disk = this.data.ramDisks[ramDiskNumber(device) ?? -1];
        return (disk?.populated ? disk.highestWritten : disk?.used) ?? 0;
    }

    mappings(): Mapping[] {
        return Object.entries(this.data.mappings).map(([name, mapping]) => ({
            name,
            uuid: mapping.uuid,
            device: `dm-${mapping.minor}`,
            devno: `${DM_MAJOR}:${mapping.minor}`,
            suspended: mapping.suspended,
            targets: mapping.targets.map(({ start, length, type, params }) => ({ start, length, type, params })),
        }));
    }

    private mapping(name: string): { mapping: SimMapping; device: string } {
        const mapping = this.data.mappings[name];
        if (!mapping) throw new KernelError("ENOENT", `There is no mapping ${name}.`);
        return { mapping, device: `dm-${mapping.minor}` };
    }

    /** Records a device as the kernel does in a table: by major:minor. */
    devno(device: string): string {
        return this.device(device)?.devno ?? "0:0";
    }

    /** Gives the bytes of a device's logical block. */
    blockSize(device: string): number {
        return this.device(device)?.blockSize ?? SECTOR;
    }

    private device(name: string | undefined): BlockDevice | undefined {
        return this.blockDevices().find((one) => one.name === name);
    }

    // ---- block devices --------------------------------------------------------------------------------------------

    /** Lists the kernel names of every block device. */
    names(): string[] {
        return [
            ...Object.keys(this.data.disks),
            ...Object.keys(this.data.ramDisks).map((number) => `rd${number}`),
            ...Object.values(this.data.mappings).map((mapping) => `dm-${mapping.minor}`),
        ];
    }

    has(device: string): boolean {
        const number = ramDiskNumber(device);
        return (
            Object.hasOwn(this.data.disks, device) ||
            (number !== undefined && number in this.data.ramDisks) ||
            Object.values(this.data.mappings).some((mapping) => `dm-${mapping.minor}` === device)
        );
    }

    /** Finds a device. @throws KernelError ENODEV */
    need(device: string): void {
        if (!this.has(device)) throw new KernelError("ENODEV", `There is no block device ${device}.`);
    }

    /**
     * Finds anything that keeps the device open: users, exports, openers, mappings on it, or the same of its partitions.
     * @param besides kernel name of a mapping that does not count
     */
    opened(device: string, besides?: string): boolean {
        return (
            this.claimed(device) ||
            this.exported(device) ||
            this.holders(device).some((holder) => holder !== besides) ||
            (this.data.openers[device]?.length ?? 0) > 0 ||
            this.partitions(device).some((partition) => this.opened(partition))
        );
    }

    /**
     * Tells whether someone who is not device-mapper claims the device (or its disk, or a partition of it). The NVMe target does
     * not: it opens a device without a holder, so that others may claim it all the same.
     */
    claimed(device: string): boolean {
        const claims = (name: string): boolean => (this.data.users[name]?.length ?? 0) > 0;
        const parent = this.data.disks[device]?.parent;
        return claims(device) || (parent !== undefined && claims(parent)) || this.partitions(device).some(claims);
    }

    /** Tells whether the NVMe target has it open. */
    private exported(device: string): boolean {
        return this.nvmet.holds(device);
    }

    private pathsOf(device: string): string[] {
        const mapping = Object.entries(this.data.mappings).find(([, one]) => `dm-${one.minor}` === device)?.[0];
        return [`/dev/${device}`, ...(mapping === undefined ? [] : [`/dev/mapper/${mapping}`])];
    }

    /** Tells whether a rapiddisk-cache mapping keeps its blocks there: rapiddisk lets nobody else open the disk for writing. */
    isStore(device: string): boolean {
        const targets = Object.values(this.data.mappings).flatMap((mapping) => mapping.targets);
        return targets.some((target) => target.type === "rapiddisk-cache" && target.slaves[1] === device);
    }

    /** Mappings on a device. */
    holders(device: string): string[] {
        return Object.values(this.data.mappings)
            .filter((mapping) => mapping.targets.some((target) => target.slaves.includes(device)))
            .map((mapping) => `dm-${mapping.minor}`);
    }

    partitions(device: string): string[] {
        return Object.keys(this.data.disks).filter((name) => this.data.disks[name]?.parent === device);
    }

    /** Gives the device with everything above it. @throws KernelError ENODEV */
    stack(device: string): BlockDevice[] {
        this.need(device);
        const all = new Map(this.blockDevices().map((one) => [one.name, one]));
        const found = new Set<string>([device]);
        for (const name of found) {
            const one = all.get(name);
            [...(one?.partitions ?? []), ...(one?.holders ?? [])].forEach((above) => found.add(above));
        }
        return [...found].flatMap((name) => all.get(name) ?? []);
    }

    /** @throws KernelError ENODEV */
    stablePath(device: string): string | undefined {
        this.need(device);
        const mapping = Object.entries(this.data.mappings).find(([, one]) => `dm-${one.minor}` === device);
        return mapping ? `/dev/mapper/${mapping[0]}` : this.data.disks[device]?.links[0];
    }

    /** A disk's serial number is the first of its names in by-id. @throws KernelError ENODEV */
    identity(device: string): string {
        this.need(device);
        const mapping = Object.values(this.data.mappings).find((one) => `dm-${one.minor}` === device);
        if (mapping) return mapping.uuid === "" ? "" : `dm ${mapping.uuid}`;
        const [, serial, part] =
            /^\/dev\/disk\/by-id\/(.*?)(?:-part(\d+))?$/.exec(this.data.disks[device]?.links[0] ?? "") ?? [];
        if (serial === undefined) return "";
        return `serial ${serial}${part === undefined ? "" : ` start ${2048 * Number(part)}`}`;
    }

    setReadOnly(device: string, readOnly: boolean): void {
        this.need(device);
        this.data.readOnly = this.data.readOnly.filter((name) => name !== device);
        if (readOnly) this.data.readOnly.push(device);
    }

    /** @throws KernelError ENOENT */
    resolve(path: string): string {
        const name = path.replace(/^\/dev\//, "");
        if (name !== path && this.has(name)) return name;
        for (const device of this.blockDevices()) {
            if (path === device.path || path === `/dev/${device.name}`) return device.name;
            if (path === `/dev/block/${device.devno}`) return device.name;
            if (this.data.disks[device.name]?.links.includes(path)) return device.name;
        }
        throw new KernelError("ENOENT", `There is no device ${path}.`);
    }

    /** Finds the device of a table argument: a path or major:minor. */
    lookUp(text: string): string | undefined {
        if (/^\d+:\d+$/.test(text)) return this.blockDevices().find((device) => device.devno === text)?.name;
        try {
            return this.resolve(text);
        } catch {
            return undefined;
        }
    }

    blockDevices(): BlockDevice[] {
        const devices: BlockDevice[] = [];
        const holders = new Map<string, string[]>();
        for (const mapping of Object.values(this.data.mappings)) {
            for (const slave of new Set(mapping.targets.flatMap((target) => target.slaves))) {
                holders.set(slave, [...(holders.get(slave) ?? []), `dm-${mapping.minor}`]);
            }
        }
        const readOnly = new Set(this.data.readOnly);
        const common = (name: string): Pick<BlockDevice, "name" | "readOnly" | "holders" | "users" | "partitions"> => ({
            name,
            readOnly: readOnly.has(name),
            holders: holders.get(name) ?? [],
            users: [
                ...(this.data.users[name] ?? []),
                ...this.pathsOf(name).flatMap((path) =>
                    this.nvmet.exportsOf(path).map((name): DeviceUser => ({ kind: "export", name })),
                ),
            ],
            partitions: [],
        });
        const plain = { blockSize: 512, removable: false, vendor: "", model: "", slaves: [] as string[] };
        for (const [name, disk] of Object.entries(this.data.disks)) {
            const { devno, size, blockSize, vendor, model, removable, type, parent } = disk;
            devices.push({
                ...common(name),
                ...{ devno, size, blockSize, vendor, model, removable, type },
                ...defined({ parent }),
                path: `/dev/${name}`,
                slaves: [],
            });
        }
        for (const [number, disk] of Object.entries(this.data.ramDisks)) {
            const name = `rd${number}`;
            const devno = `${RAM_MAJOR}:${number}`;
            devices.push({ ...common(name), ...plain, path: `/dev/${name}`, devno, size: disk.size, type: "ram" });
        }
        for (const [name, mapping] of Object.entries(this.data.mappings)) {
            const device = `dm-${mapping.minor}`;
            const size = mapping.targets.reduce((sum, target) => sum + target.length, 0) * SECTOR;
            devices.push({
                ...common(device),
                ...plain,
                path: `/dev/mapper/${name}`,
                devno: `${DM_MAJOR}:${mapping.minor}`,
                size,
                type: "dm",
                blockSize: blockSizeOf(mapping, devices),
                slaves: [...new Set(mapping.targets.flatMap((target) => target.slaves))],
            });
        }
        const byName = new Map(devices.map((device) => [device.name, device]));
        for (const device of devices) if (device.parent) byName.get(device.parent)?.partitions.push(device.name);
        return devices;
    }
}
