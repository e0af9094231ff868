// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Block devices as sysfs shows them (Documentation/ABI/stable/sysfs-block). Nothing is opened but sysfs files. */
import { realpath, stat } from "node:fs/promises";
import { normalize } from "node:path";
import { errnoOf } from "./errno.js";
import { devnoText, exists, readLine, readLink, readNames, readNumber, Slices } from "./files.js";
import { SECTOR } from "../facts/sizes.js";
import { checkDeviceName, ramDiskNumber } from "./names.js";
import type { Paths } from "./paths.js";
import { KernelError, type BlockDevice, type BlockDeviceType, type NvmetTree, type RamDisk } from "./port.js";
import { deviceByNumber, readUsers, type DeviceNumber } from "./users.js";

/** The adapter of block devices. */
export class BlockDevices {
    /**
     * @param target reads the NVMe target, which has devices open
     * @param deviceNumber for tests, whose trees have no nodes
     */
    constructor(
        private readonly paths: Paths,
        private readonly target: () => Promise<NvmetTree>,
        private readonly deviceNumber?: DeviceNumber,
    ) {}

    /**
     * Reads every block device of the host. With a thousand RAM disks each file counts: holders come from the other side's
     * `slaves`, and what `ramDisks` and `target` tell already is not read again.
     */
    async read(ramDisks: readonly RamDisk[], target: NvmetTree): Promise<BlockDevice[]> {
        const names = readNames(this.paths.classBlock);
        const known = new Set(names);
        const ram = new Map(ramDisks.map((disk) => [`rd${disk.number}`, disk]));
        const slices = new Slices();
        const devices = new Map<string, BlockDevice>();
        const first = ramDisks[0] && this.readOne(`rd${ramDisks[0].number}`, known);
        const model = first?.devno.endsWith(`:${ramDisks[0]?.number}`) ? first : undefined;
        for (const name of names) {
            await slices.pause();
            const disk = ram.get(name);
            const device = model && disk ? ramDiskLike(model, disk) : this.readOne(name, known);
            if (device) devices.set(name, device);
        }
        for (const device of devices.values()) {
            device.slaves.forEach((below) => devices.get(below)?.holders.push(device.name));
            if (device.parent !== undefined) devices.get(device.parent)?.partitions.push(device.name);
        }
        await slices.pause();
        this.addUsers([...devices.values()], names, target);
        return [...devices.values()];
    }

    /** Reads the device with everything stacked on it. @throws KernelError ENODEV */
    async readStack(device: string): Promise<BlockDevice[]> {
        checkDeviceName(device);
        const found = new Map<string, BlockDevice>();
        const slices = new Slices();
        const names = readNames(this.paths.classBlock);
        const known = new Set(names);
        const waiting = [device];
        for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
            await slices.pause();
            const one = found.has(name) ? undefined : this.readOne(name, known);
            if (!one) continue;
            found.set(name, one);
            const directory = this.paths.block(name);
            one.holders = readNames(`${directory}/holders`);
            one.partitions = readNames(directory).filter((child) => exists(`${directory}/${child}/partition`));
            waiting.push(...one.holders, ...one.partitions);
        }
        if (!found.has(device)) throw this.missing(device);
        this.addUsers([...found.values()], names, await this.target());
        return [...found.values()];
    }

    /**
     * Reads the disk sequences of devices, which no other device had or will have as long as the system runs; 0 before
     * Linux 5.15. A partition has its disk's.
     */
    async sequences(devices: readonly string[]): Promise<Map<string, number>> {
        const found = new Map<string, number>();
        const slices = new Slices();
        for (const device of devices) {
            checkDeviceName(device);
            await slices.pause();
            const directory = this.paths.block(device);
            const sequence = readNumber(`${directory}${exists(`${directory}/partition`) ? "/.." : ""}/diskseq`);
            if (sequence !== undefined || exists(`${directory}/dev`)) found.set(device, sequence ?? 0);
        }
        return found;
    }

    /** Reads major:minor of a device and of its partitions. @throws KernelError ENODEV */
    numbers(device: string): Set<string> {
        checkDeviceName(device);
        const directory = this.paths.block(device);
        const own = readLine(`${directory}/dev`);
        if (own === "") throw this.missing(device);
        const children = readNames(directory).filter((child) => exists(`${directory}/${child}/partition`));
        return new Set([own, ...children.map((child) => readLine(`${directory}/${child}/dev`))]);
    }

    /** Gives the path of the node of a device. @throws KernelError ENODEV */
    node(device: string): string {
        checkDeviceName(device);
        if (!exists(`${this.paths.block(device)}/dev`)) throw this.missing(device);
        return this.paths.node(device);
    }

    isReadOnly(device: string): boolean {
        return readLine(`${this.paths.block(device)}/ro`) === "1";
    }

    /** Finds the device that a path means. @throws KernelError ENOENT (no such path, or not one below /dev), ENOTBLK */
    async resolve(path: string): Promise<string> {
        const missing = new KernelError("ENOENT", `There is no device ${JSON.stringify(path)}.`);
        const clean = normalize(path);
        // Directories below /dev in which users can place links are no place for a device.
        if (path.includes("\0") || !/^\/dev\/(?!(shm|mqueue|hugepages|pts|fd)\/)./.test(clean)) throw missing;
        const stats = await stat(this.paths.root + clean).catch((error: unknown) => {
            throw errnoOf(error) === "EACCES" ? new KernelError("EACCES", `${path} may not be looked at.`) : missing;
        });
        if (!stats.isBlockDevice()) throw new KernelError("ENOTBLK", `${JSON.stringify(path)} is not a block device.`);
        const name = deviceByNumber(this.paths, devnoText(stats.rdev));
        if (name === undefined) {
            throw new KernelError("ENODEV", `The kernel has no device behind ${JSON.stringify(path)}.`);
        }
        return name;
    }

    /** Finds the path that means this device after a reboot too. @throws KernelError ENODEV */
    async stablePath(device: string): Promise<string | undefined> {
        const node = this.node(device);
        const mapping = readLine(`${this.paths.block(device)}/dm/name`);
        if (mapping !== "") return `/dev/mapper/${mapping}`;
        const real = await realpath(node).catch(() => node);
        for (const kind of ["by-id", "by-path"]) {
            const directory = `${this.paths.dev}/disk/${kind}`;
            const links = readNames(directory).filter(isOfTheDevice).sort(preferred);
            for (const link of links) {
                if ((await realpath(`${directory}/${link}`).catch(() => "")) === real) {
                    return `/dev/disk/${kind}/${link}`;
                }
            }
        }
        return undefined;
    }

    /**
     * Reads what a device says of its identity (sysfs-block, sysfs-class-scsi_device, nvme's wwid; device-mapper's and md's UUIDs).
     * @throws KernelError ENODEV
     */
    identity(device: string): string {
        this.node(device);
        const directory = this.paths.block(device);
        const above = (readLink(directory) ?? "").split("/").at(-2) ?? "";
        if (exists(`${directory}/partition`)) {
            const disk = this.identity(above);
            return disk === "" ? "" : `${disk} start ${readLine(`${directory}/start`)}`;
        }
        const serial = readLine(`${directory}/serial`) || readLine(`${directory}/device/serial`);
        const model = readLine(`${directory}/device/model`);
        const found = [
            ["wwid", readLine(`${directory}/wwid`) || readLine(`${directory}/device/wwid`)],
            ["dm", readLine(`${directory}/dm/uuid`)],
            ["md", readLine(`${directory}/md/uuid`)],
            ["serial", serial === "" ? "" : `${model} ${serial}`.trim()],
        ].find(([, value]) => value !== "");
        return found === undefined ? "" : found.join(" ").replace(/\s+/g, " ");
    }

    private missing(device: string): KernelError {
        return new KernelError("ENODEV", `There is no block device ${device}.`);
    }

    /** Reads what sysfs says of one device, without holders, partitions and users. */
    private readOne(name: string, known: ReadonlySet<string>): BlockDevice | undefined {
        const directory = this.paths.block(name);
        const sectors = readNumber(`${directory}/size`);
        const devno = readLine(`${directory}/dev`);
        if (sectors === undefined || devno === "") return undefined;
        const device: BlockDevice = {
            name,
            path: `/dev/${name.replaceAll("!", "/")}`,
            devno,
            size: sectors * SECTOR,
            blockSize: readNumber(`${directory}/queue/logical_block_size`) ?? SECTOR,
            readOnly: readLine(`${directory}/ro`) === "1",
            removable: false,
            vendor: "",
            model: "",
            type: "ram",
            holders: [],
            slaves: [],
            partitions: [],
            users: [],
        };
        if (ramDiskNumber(name) !== undefined) return device;
        const link = readLink(directory)?.split("/") ?? [];
        const above = link.at(-2) ?? "";
        if (known.has(above) && exists(`${directory}/partition`)) {
            device.type = "partition";
            device.parent = above;
            device.blockSize = readNumber(`${this.paths.block(above)}/queue/logical_block_size`) ?? SECTOR;
            return device;
        }
        device.removable = readLine(`${directory}/removable`) === "1";
        device.vendor = vendorName(readLine(`${directory}/device/vendor`));
        device.model = readLine(`${directory}/device/model`) || readLine(`${directory}/device/name`);
        device.slaves = readNames(`${directory}/slaves`);
        device.type = typeOf(name);
        const mapping = device.type === "dm" ? readLine(`${directory}/dm/name`) : "";
        if (mapping !== "") device.path = `/dev/mapper/${mapping}`;
        return device;
    }

    private addUsers(devices: BlockDevice[], names: readonly string[], target: NvmetTree): void {
        const loops = names.filter((name) => typeOf(name) === "loop");
        const users = readUsers(this.paths, { loops, target }, this.deviceNumber);
        for (const device of devices) device.users = users.get(device.devno) ?? [];
    }
}

/** All RAM disks have one major number, their own number as minor, and one block size: one tells of the others. */
function ramDiskLike(model: BlockDevice, disk: RamDisk): BlockDevice {
    const name = `rd${disk.number}`;
    const devno = `${model.devno.split(":")[0] ?? ""}:${disk.number}`;
    const { size, readOnly } = disk;
    const lists = { holders: [], slaves: [], partitions: [], users: [] };
    return { ...model, name, path: `/dev/${name}`, devno, size, readOnly, ...lists };
}

/** Some buses have a number there, virtio a PCI vendor's (0x1af4): that is nobody's name, and udev shows none either. */
const vendorName = (text: string): string => (/^0x[0-9a-f]+$/i.test(text) ? "" : text);

/** Tells the type of a whole device, by the name that its driver gives. */
function typeOf(name: string): BlockDeviceType {
    if (/^dm-\d+$/.test(name)) return "dm";
    if (/^loop\d+$/.test(name)) return "loop";
    if (/^md(\d+|_.+)$/.test(name)) return "md";
    if (/^sr\d+$/.test(name)) return "rom";
    if (/^(zram|ram|fd)\d+$/.test(name)) return "other";
    return "disk";
}

/** Tells whether a link in by-id says what device it is, and not what is written on it. */
const isOfTheDevice = (link: string): boolean => !link.startsWith("lvm-pv-");

/** Sorts links in by-id: names that people know (model and serial) before bare world-wide names, then by text. */
function preferred(a: string, b: string): number {
    const rank = (link: string): number =>
        /^(wwn-|nvme-eui\.|nvme-uuid\.|nvme-nvme\.|scsi-|dm-uuid)/.test(link) ? 1 : 0;
    return rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0);
}
