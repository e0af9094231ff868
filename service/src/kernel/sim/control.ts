// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Test controls of the simulated kernel: what other people, disks and bad luck do to it. */
import type {
    AttachOptions,
    BlockDeviceType,
    DeviceContents,
    DeviceUser,
    HiddenOrigin,
    IoCounters,
    KernelEvent,
    Memory,
    ModuleName,
    NetworkState,
    NvmetFeatures,
    NvmetNode,
    TargetSessions,
} from "../port.js";
import { KernelError } from "../port.js";
import type { SimMachine } from "./machine.js";
import { wholePages, zeroCounters } from "./state.js";
import type { SimSteps } from "./steps.js";

/** A disk of the machine that is not ours. Sizes in bytes. */
export interface SimDiskSpec {
    /** Kernel name, for example sdb. */
    name: string;
    size: number;
    /** Logical block size, default 512. */
    blockSize?: number;
    vendor?: string;
    model?: string;
    removable?: boolean;
    readOnly?: boolean;
    type?: BlockDeviceType;
    /** Names below /dev/disk/by-id. */
    byId?: string[];
    /** Sizes of its partitions, named sdb1, sdb2 … */
    partitions?: number[];
}

/** Every method takes effect at once, tells the listeners, and is neither a step nor subject to faults. */
export class SimControl {
    /** When true, changes raise no event (events may be lost). */
    eventsLost = false;

    constructor(
        private readonly machine: SimMachine,
        /** Numbered steps: log, failStep, failVerb, hangStep, crashStep … */
        readonly steps: SimSteps,
        private readonly changed: (event: KernelEvent) => void,
    ) {}

    addDisk(spec: SimDiskSpec): void {
        if (this.machine.has(spec.name)) throw new KernelError("EEXIST", `${spec.name} exists already.`);
        const type = spec.type ?? ("disk" as const);
        const disk = {
            devno: this.freeDevno(type),
            size: spec.size,
            blockSize: spec.blockSize ?? 512,
            vendor: spec.vendor ?? "",
            model: spec.model ?? "",
            removable: spec.removable ?? false,
            type,
            links: (spec.byId ?? []).map((link) => `/dev/disk/by-id/${link}`),
        };
        this.machine.data.disks[spec.name] = disk;
        this.machine.numberDisk(spec.name);
        if (spec.readOnly) this.machine.setReadOnly(spec.name, true);
        this.addPartitions(spec.name, spec.partitions ?? []);
        this.changed({ subsystem: "block" });
    }

    /** Partitions a disk or a RAM disk. @param sizes in bytes; the partitions are named sdb1, rd0p1 … */
    addPartitions(device: string, sizes: number[]): void {
        this.machine.need(device);
        const disk = this.machine.data.disks[device];
        sizes.forEach((size, index) => {
            const infix = /\d$/.test(device) ? "p" : "";
            this.machine.data.disks[`${device}${infix}${index + 1}`] = {
                devno: this.freeDevno("partition"),
                size,
                blockSize: disk?.blockSize ?? 512,
                vendor: "",
                model: "",
                removable: false,
                type: "partition",
                parent: device,
                links: (disk?.links ?? []).map((link) => `${link}-part${index + 1}`),
            };
        });
        this.changed({ subsystem: "block" });
    }

    private freeDevno(type: BlockDeviceType): string {
        const major = type === "loop" ? 7 : 8;
        const taken = new Set(Object.values(this.machine.data.disks).map((disk) => disk.devno));
        let minor = 0;
        while (taken.has(`${major}:${minor}`)) minor++;
        return `${major}:${minor}`;
    }

    /** Gives a disk another size while it is there, as a logical volume does. */
    resizeDisk(name: string, size: number): void {
        const disk = this.machine.data.disks[name];
        if (!disk) throw new KernelError("ENODEV", `There is no disk ${name}.`);
        disk.size = size;
        this.changed({ subsystem: "block" });
    }

    /** Takes a disk with its partitions away, as pulling the cable does. */
    removeDisk(name: string): void {
        this.machine.need(name);
        for (const gone of [...this.machine.partitions(name), name]) {
            delete this.machine.data.disks[gone];
            delete this.machine.data.users[gone];
            delete this.machine.data.openers[gone];
            delete this.machine.data.contents?.[gone];
        }
        this.changed({ subsystem: "block" });
    }

    /** Makes the origin of a saved cache one that is hidden since the boot. */
    hideOrigin(origin: HiddenOrigin): void {
        const { data } = this.machine;
        data.hiddenOrigins = [...(data.hiddenOrigins ?? []), origin];
        this.changed({ subsystem: "unknown" });
    }

    mount(device: string, path: string): void {
        this.addUser(device, { kind: "mount", name: path }, "mount");
    }

    unmount(device: string, path: string): void {
        this.removeUser(device, { kind: "mount", name: path }, "mount");
    }

    swapOn(device: string): void {
        this.addUser(device, { kind: "swap", name: "" });
    }

    swapOff(device: string): void {
        this.removeUser(device, { kind: "swap", name: "" });
    }

    /** Adds any other exclusive user. */
    addUser(device: string, user: DeviceUser, subsystem: KernelEvent["subsystem"] = "unknown"): void {
        this.machine.need(device);
        (this.machine.data.users[device] ??= []).push(user);
        this.changed({ subsystem });
    }

    removeUser(device: string, user: DeviceUser, subsystem: KernelEvent["subsystem"] = "unknown"): void {
        const users = this.machine.data.users[device] ?? [];
        const index = users.findIndex(({ kind, name }) => kind === user.kind && name === user.name);
        if (index < 0) throw new KernelError("ENOENT", `${device} has no user ${user.kind} ${user.name}.`);
        users.splice(index, 1);
        this.changed({ subsystem });
    }

    /** Has a process open a device (not exclusively): findOpeners names it, and detaching, erasing and shrinking refuse. */
    open(device: string, command: string, pid: number): void {
        this.machine.need(device);
        (this.machine.data.openers[device] ??= []).push({ command, pid });
        this.changed({ subsystem: "unknown" });
    }

    closeOpener(device: string, pid: number): void {
        this.machine.data.openers[device] = (this.machine.data.openers[device] ?? []).filter((one) => one.pid !== pid);
        this.changed({ subsystem: "unknown" });
    }

    /**
     * Writes `length` bytes as a program would at `offset` of a RAM disk: usage and the highest-written mark follow, per 4 KiB
     * page.
     */
    write(number: number, offset: number, length: number): void {
        const disk = this.machine.data.ramDisks[number];
        if (!disk) throw new KernelError("ENODEV", `There is no RAM disk rd${number}.`);
        const end = Math.min(offset + length, disk.size);
        disk.highestWritten = Math.max(disk.highestWritten, end);
        const pages = Math.ceil(end / 4096) - Math.floor(offset / 4096);
        disk.used = Math.min(disk.used + pages * 4096, wholePages(disk.size));
        const io = (this.machine.data.io[`rd${number}`] ??= zeroCounters());
        io.writeIos += 1;
        io.writeBytes += end - offset;
        this.changed({ subsystem: "unknown" });
    }

    /** Makes a file system, a partition table … on a device. */
    setContents(device: string, contents: Partial<DeviceContents>): void {
        this.machine.need(device);
        this.machine.data.contents = {
            ...this.machine.data.contents,
            [device]: { type: "", table: "", ...contents },
        };
        this.changed({ subsystem: "block" });
    }

    setErrors(number: number, errors: number): void {
        const disk = this.machine.data.ramDisks[number];
        if (!disk) throw new KernelError("ENODEV", `There is no RAM disk rd${number}.`);
        disk.errors = errors;
        this.changed({ subsystem: "unknown" });
    }

    setIoCounters(device: string, counters: Partial<IoCounters>): void {
        this.machine.need(device);
        this.machine.data.io[device] = { ...zeroCounters(), ...this.machine.data.io[device], ...counters };
    }

    /**
     * Sets the numbers of a mapping's status line, in their order: 13 for rapiddisk-cache, and then how often its origin
     * failed; 14 for writecache.
     */
    setStatus(name: string, counters: number[]): void {
        const mapping = this.machine.data.mappings[name];
        if (!mapping) throw new KernelError("ENOENT", `There is no mapping ${name}.`);
        mapping.counters = [...counters, ...new Array<number>(14).fill(0)].slice(0, 14);
    }

    setSuspended(name: string, suspended: boolean): void {
        const mapping = this.machine.data.mappings[name];
        if (!mapping) throw new KernelError("ENOENT", `There is no mapping ${name}.`);
        mapping.suspended = suspended;
        this.changed({ subsystem: "block" });
    }

    setMemory(memory: Partial<Memory>): void {
        Object.assign(this.machine.data.memory, memory);
    }

    setModule(name: ModuleName, state: { loaded?: boolean; available?: boolean }): void {
        const { data } = this.machine;
        const put = (list: ModuleName[], on: boolean | undefined): ModuleName[] =>
            on === undefined ? list : [...list.filter((other) => other !== name), ...(on ? [name] : [])];
        data.loaded = put(data.loaded, state.loaded);
        data.available = put(data.available, state.available);
        this.changed({ subsystem: "module" });
    }

    /** Sets the most RAM disks that the module attaches (its parameter rd_max_nr), default 1024. */
    setMaxRamDisks(count: number): void {
        this.machine.data.maxRamDisks = count;
    }

    /** Behaves as upstream's RAM disk module, which has no erase in sysfs. */
    setUpstreamModule(on: boolean): void {
        this.machine.data.upstreamModule = on;
    }

    // What someone else does with upstream's CLI or dmsetup: the same rules, but no step of ours.

    otherAttach(number: number, size: number, options?: AttachOptions): void {
        this.machine.attach(number, size, options);
        this.changed({ subsystem: "block", devices: [`rd${number}`] });
    }

    otherDetach(number: number): void {
        this.machine.detach(number);
        this.changed({ subsystem: "block", devices: [`rd${number}`] });
    }

    otherResize(number: number, size: number): void {
        this.machine.resize(number, size);
        this.changed({ subsystem: "block", devices: [`rd${number}`] });
    }

    otherSetReadOnly(device: string, readOnly: boolean): void {
        this.machine.setReadOnly(device, readOnly);
        this.changed({ subsystem: "block", devices: [device] });
    }

    /** `length` in sectors, as in a table line. */
    otherCreateMapping(name: string, uuid: string, table: { length: number; type: string; params: string }): void {
        this.machine.createMapping(name, uuid, table);
        this.changed({ subsystem: "block" });
    }

    otherRenameMapping(name: string, other: string): void {
        this.machine.renameMapping(name, other);
        this.changed({ subsystem: "block" });
    }

    otherRemoveMapping(name: string): void {
        this.machine.removeMapping(name);
        this.changed({ subsystem: "block" });
    }

    otherMessage(name: string, message: string): string {
        const answer = this.machine.messageMapping(name, message);
        this.changed({ subsystem: "block" });
        return answer;
    }

    /** Builds, changes or takes apart the NVMe target as someone else would: the same rules, but no step of ours. */
    otherNvmetCreate(node: NvmetNode): void {
        this.machine.nvmet.create(node);
        this.changed({ subsystem: "nvmet" });
    }

    otherNvmetWrite(node: NvmetNode, attribute: string, value: string): void {
        this.machine.nvmet.write(node, attribute, value);
        this.changed({ subsystem: "nvmet" });
    }

    otherNvmetRemove(node: NvmetNode): void {
        this.machine.nvmet.remove(node);
        this.changed({ subsystem: "nvmet" });
    }

    /** Sets what the target of this kernel has. */
    setNvmetFeatures(features: Partial<NvmetFeatures>): void {
        Object.assign(this.machine.data.nvmet.features, features);
        this.changed({ subsystem: "module" });
    }

    setNetwork(network: Partial<NetworkState>): void {
        Object.assign(this.machine.data.nvmet.network, network);
        this.changed({ subsystem: "unknown" });
    }

    /** Sets who is connected to the target. */
    setSessions(sessions: Partial<TargetSessions>): void {
        Object.assign(this.machine.data.nvmet.sessions, sessions);
    }

    /** Gives the keys of a host, for tests that one arrived: key, controller key, hash and group. */
    nvmetKeys(host: string): string[] {
        const names = this.machine.data.nvmet.features.auth ? ["key", "ctrl_key", "hash", "dhgroup"] : [];
        return names.map((name) => this.machine.nvmet.read({ kind: "host", host }, `dhchap_${name}`));
    }

    /** Sends a spurious event. */
    emit(event: KernelEvent): void {
        this.changed(event);
    }

    setEventsLost(lost: boolean): void {
        this.eventsLost = lost;
    }
}
