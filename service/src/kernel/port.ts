// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The kernel port: everything that the service asks of the kernel, as small verbs.
 *
 * Two implementations keep this contract, the real one (sysfs, dmsetup, uevents) and the simulated one (`--sim`); the
 * same contract tests run against both. Each verb that changes something is one step: it either happened whole or
 * throws {@link KernelError}. Verbs do not decide: whether something may be done is the model's business, though the
 * kernel itself may refuse (EBUSY and the like). All sizes are bytes, as safe integers.
 */
import type { NetworkState, NvmetFeatures, NvmetNode, NvmetPart, NvmetTree, TargetSessions } from "./nvmet/types.js";

export type * from "./nvmet/types.js";

/** One RAM disk as the kernel reports it. */
export interface RamDisk {
    /** The N of rdN, 0 to 1048575. */
    number: number;
    /** Size in bytes. */
    size: number;
    /** Bytes of RAM that it holds. */
    used: number;
    /** Failed writes since it was attached. */
    errors: number;
    /** End of the highest byte ever written; a shrink below it would lose data. 0 when never written, or when the module does not tell. */
    highestWritten: number;
    readOnly: boolean;
    /** Whether all of its memory was allocated when it was attached, and stays so. False when the module does not tell. */
    populated: boolean;
}

/** How a RAM disk is attached. */
export interface AttachOptions {
    /** Allocate all of its memory now, or fail; discard and erase then keep the memory. Default: as it is written. */
    populate?: boolean;
}

/** The kinds of block devices, by what made them. */
export type BlockDeviceType = "disk" | "partition" | "ram" | "loop" | "dm" | "md" | "rom" | "other";

/** Something that uses a block device and is none itself, but for loop devices, which hold the file that a device is. */
export interface DeviceUser {
    /**
     * A mount, its journal or log on a device of its own, a further device of a mounted btrfs, swap, a loop device, an export
     * over NVMe or by the SCSI target. An export that is switched off has nothing open: it is in no reading, the model adds it.
     */
    readonly kind: "mount" | "journal" | "btrfs" | "swap" | "loop" | "export" | "export-off" | "scsi";
    /** The mount point, loop device, NQN or back end; "" where there is none. */
    readonly name: string;
}

/** One block device as sysfs shows it. */
export interface BlockDevice {
    /** Kernel name, for example sdb, rd0, dm-3. */
    name: string;
    /** Best path for a person: /dev/mapper/NAME for device-mapper, else /dev/NAME. */
    path: string;
    /** major:minor. */
    devno: string;
    size: number;
    /** Logical block size in bytes. */
    blockSize: number;
    readOnly: boolean;
    removable: boolean;
    vendor: string;
    model: string;
    type: BlockDeviceType;
    /** For a partition: the kernel name of its disk. */
    parent?: string;
    /** Kernel names of devices stacked on it (its `holders`). */
    holders: string[];
    /** Kernel names of devices below it (its `slaves`). */
    slaves: string[];
    /** Kernel names of its partitions. */
    partitions: string[];
    /** Direct users that are not block devices. */
    users: DeviceUser[];
}

/** What is written on a block device, as far as it has a signature. */
export interface DeviceContents {
    /** What a file system, a volume or a member of something calls itself: ext4, xfs, LVM2_member, crypto_LUKS …; "" when there is none. */
    type: string;
    /** Of a file system: bytes of the smallest block that it reads and writes; undefined when it does not say, and for all else. */
    blockSize?: number;
    /** Kind of partition table: gpt, dos …, PMBR for a GPT of another sector size; "" when there is none. */
    table: string;
}

/** One device-mapper device with one target of ours or of dm-writecache, or any other. */
export interface Mapping {
    /** Name in /dev/mapper. */
    name: string;
    uuid: string;
    /** Kernel name, dm-N. */
    device: string;
    devno: string;
    suspended: boolean;
    /** Table lines, in order. `params` is everything after the target type. */
    targets: { start: number; length: number; type: string; params: string }[];
}

/** An origin of a saved cache that udev hides until the cache is there. */
export interface HiddenOrigin {
    /** The saved cache. */
    name: string;
    /** The saved path of its origin. */
    source: string;
    /** The saved mode of the cache. */
    mode: string;
}

/** RAM of the host, in bytes. */
export interface Memory {
    total: number;
    available: number;
}

/** One consistent reading of the kernel's state. */
export interface KernelSnapshot {
    ramDisks: RamDisk[];
    mappings: Mapping[];
    blockDevices: BlockDevice[];
    memory: Memory;
    /** Loaded state of each module in {@link MODULES}; a built-in module counts as loaded. */
    modules: Record<string, boolean>;
    /** The NVMe target. */
    nvmet: NvmetTree;
}

/** I/O counters of a block device (Documentation/block/stat.rst), in the units of their names. */
export interface IoCounters {
    readIos: number;
    readBytes: number;
    readMs: number;
    writeIos: number;
    writeBytes: number;
    writeMs: number;
    discardIos: number;
    discardBytes: number;
    inFlight: number;
    /** Time in which there was a request under way. */
    busyMs: number;
}

/** Modules that the service knows of, by the name under /sys/module. */
export const MODULES = [
    "rapiddisk",
    "rapiddisk_cache",
    "dm_writecache",
    "nvmet",
    "nvmet_tcp",
    "nvmet_rdma",
    "nvme_loop",
] as const;
export type ModuleName = (typeof MODULES)[number];

/** What changed, as far as the event told; the listener re-reads the kernel. */
export interface KernelEvent {
    subsystem: "block" | "module" | "mount" | "nvmet" | "unknown";
    /** Kernel names of the block devices that it is about; undefined when it may be about others as well. */
    devices?: readonly string[];
}

/** A kernel step that failed. `errno` is the symbolic name (EBUSY …); `message` says what was tried, in one sentence. */
export class KernelError extends Error {
    override name = "KernelError";
    constructor(
        /** Symbolic errno: EBUSY, ENOSPC, ENOMEM, ENOENT, EEXIST, EINVAL, EPERM, EIO, ENODEV, ETIMEDOUT … */
        readonly errno: string,
        message: string,
    ) {
        super(message);
    }
}

/** The port itself. Every verb may be called at any time and from several callers at once. */
export interface KernelPort {
    /** Reads everything. Does not throw for parts that are absent (no module: no RAM disks). */
    snapshot(): Promise<KernelSnapshot>;
    /** Reads only RAM disks (one small file for each). @param numbers those of them that there are; default: all */
    readRamDisks(numbers?: readonly number[]): Promise<RamDisk[]>;
    /** Reads how many RAM disks there are, those that are just being attached included; 0 when the module is not loaded. */
    countRamDisks(): Promise<number>;
    readMemory(): Promise<Memory>;
    /** @param device kernel name. @throws ENODEV */
    readIoCounters(device: string): Promise<IoCounters>;
    /** The counters of many devices, by their kernel names; those that are not there are left out. */
    readAllIoCounters(devices: readonly string[]): Promise<Map<string, IoCounters>>;

    /**
     * @throws EEXIST, EFBIG (over the module's largest size), ENOSPC (its limit of memory or of disks), ENOMEM, EINVAL, ENOENT
     * (module not loaded), ENOTSUP (the loaded module cannot populate)
     */
    attachRamDisk(number: number, size: number, options?: AttachOptions): Promise<void>;
    /** @throws EBUSY, ENODEV */
    detachRamDisk(number: number): Promise<void>;
    /**
     * Growth of a populated disk allocates its memory at once; one that fails changes nothing.
     * @throws EBUSY (shrink below data or while open), ENODEV, EFBIG, ENOSPC, ENOMEM, EINVAL
     */
    resizeRamDisk(number: number, size: number): Promise<void>;
    /** Drops contents, and gives back their memory unless the disk is populated. @throws EBUSY, EROFS (read-only), ENODEV, ENOTSUP (the loaded module cannot) */
    eraseRamDisk(number: number): Promise<void>;
    /** Kernel read-only flag of a whole block device. @param device kernel name @throws ENODEV, EBUSY */
    setReadOnly(device: string, readOnly: boolean): Promise<void>;

    /** Creates and activates a mapping, and waits until udev has its node. @throws EBUSY (name or device taken), EINVAL … */
    createMapping(name: string, uuid: string, table: { length: number; type: string; params: string }): Promise<void>;
    /**
     * Gives a mapping another table, while it is in use: I/O under way ends by the old one, what comes later goes by the new
     * one, and who has the mapping open sees its new size. Takes as long as that I/O, without a limit.
     * @throws ENOENT, EINVAL, EBUSY, ENOMEM …; then the old table is in force
     */
    reloadMapping(name: string, table: { length: number; type: string; params: string }): Promise<void>;
    /** Removes a mapping. @throws EBUSY (open), ENOENT */
    removeMapping(name: string): Promise<void>;
    /** Sends a message to the target at sector 0; the answer, empty if it gave none. @throws ENOENT, EINVAL, EIO … */
    messageMapping(name: string, message: string): Promise<string>;
    /** The INFO status parameters of the first target. @throws ENOENT */
    statusMapping(name: string): Promise<string>;
    /**
     * What the first target counts beyond its status, one line of name=value words, as rapiddisk-cache answers to `stats`.
     * @throws ENOENT, EINVAL (the target has no such statistics)
     */
    statsMapping(name: string): Promise<string>;

    /** Resolves a path (symlinks such as by-id followed) to the kernel name of a block device. @throws ENOENT, ENOTBLK */
    resolveDevice(path: string): Promise<string>;
    /** Processes that hold a device open, as "COMMAND (pid N)", at most `limit`. For naming users on EBUSY only: it walks /proc. */
    findOpeners(device: string, limit: number): Promise<string[]>;

    /**
     * The number that each device has for itself alone as long as the system runs (diskseq), no matter who gets its name later; 0
     * where the kernel has none. A partition has the number of its disk. Devices that are not there are left out.
     * @param devices kernel names
     */
    sequences(devices: readonly string[]): Promise<Map<string, number>>;
    /**
     * Fresh: the device, its partitions, and whatever is stacked on any of them (holders, upwards), each with `users`.
     * Costs in proportion to the stack, not to the host. @param device kernel name @throws ENODEV
     */
    readStack(device: string): Promise<BlockDevice[]>;
    /**
     * A path that still means this device after a reboot: /dev/mapper/NAME, else the best link in /dev/disk/by-id, else
     * in by-path; undefined when it has none. @param device kernel name @throws ENODEV
     */
    stablePath(device: string): Promise<string | undefined>;
    /**
     * What tells a device from others across reboots, by what it says of itself and not by what is written on it: its
     * world-wide identifier, serial number, or UUID of device-mapper or md, of a partition that of its disk and where it
     * begins; "" when it has none. @param device kernel name @throws ENODEV
     */
    deviceIdentity(device: string): Promise<string>;
    /**
     * Looks for signatures on a device. Several that contradict each other are the type "ambiguous".
     * @param device kernel name
     * @throws ENODEV, ENOENT (blkid is not installed), EIO, ETIMEDOUT …
     */
    readContents(device: string): Promise<DeviceContents>;

    /**
     * Reads only the NVMe target.
     * @param part only one subsystem with its hosts, and the ports: the others may be as in an earlier reading, `since`
     */
    readNvmet(part?: NvmetPart): Promise<NvmetTree>;
    /** What this kernel's NVMe target has, probed on scratch objects once for each loading of the module. */
    nvmetFeatures(): Promise<NvmetFeatures>;
    /** Makes a node of the target or a link in it. @throws EEXIST, ENOENT, EINVAL, ENOSYS (no target), EADDRINUSE, EADDRNOTAVAIL, ENODEV */
    nvmetCreate(node: NvmetNode): Promise<void>;
    /**
     * Writes an attribute of a node; "" clears a secret, whose file is private before a value is in it.
     * @throws ENOTSUP (this kernel has no such attribute), ENOENT, EBUSY, EACCES, EINVAL, ENODEV, ENOSYS, ETIMEDOUT
     */
    nvmetWrite(node: NvmetNode, attribute: string, value: string): Promise<void>;
    /** Reads an attribute of a node. The value of a secret must not go anywhere but back into the kernel. @throws ENOENT, ENOTSUP */
    nvmetRead(node: NvmetNode, attribute: string): Promise<string>;
    /** Takes a node or link away; a namespace must be switched off before. @throws EBUSY, ENOTEMPTY, ENOENT, ENOSYS, ETIMEDOUT */
    nvmetRemove(node: NvmetNode): Promise<void>;
    /** Addresses, listeners and helpers on which ports of the target depend. */
    readNetwork(): Promise<NetworkState>;
    /** Reads which hosts are connected to the target, as far as this kernel tells. */
    readSessions(): Promise<TargetSessions>;

    /** Caches whose origins udev hides since the boot: nothing takes what is on them. */
    hiddenOrigins(): Promise<HiddenOrigin[]>;
    /**
     * Has udev announce what is on the origin of a cache again, so that whatever waits for it takes it. Does nothing for one that
     * is not hidden. @throws EACCES, EROFS …
     */
    revealOrigin(name: string): Promise<void>;

    /** Which of the known modules could be loaded (present on disk or loaded). */
    availableModules(): Promise<ModuleName[]>;
    /** @throws ENOENT (not installed), EPERM, ENOEXEC … */
    loadModule(name: ModuleName): Promise<void>;

    /** Tells of changes made by anybody; spurious calls are allowed, lost events too (the caller also re-reads now and then). */
    watch(listener: (event: KernelEvent) => void): { close(): void };
    /** Releases everything that the port holds (children, descriptors). */
    close(): Promise<void>;
}
