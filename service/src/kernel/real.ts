// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The real kernel: the port over sysfs, procfs and the system's own tools. */
import { BlockDevices } from "./blockdevices.js";
import { readContents } from "./contents.js";
import type { DirectoryWatch } from "./directorywatch.js";
import { DeviceAccess } from "./deviceaccess.js";
import { DeviceMapper, sameNames } from "./devicemapper.js";
import { digests, targetWatch } from "./digests.js";
import { errnoInText } from "./errno.js";
import { KernelEvents } from "./events.js";
import { Tools } from "./exec.js";
import { readAllIoCounters, readIoCounters } from "./iocounters.js";
import { readMemory } from "./memory.js";
import { Modules } from "./modules.js";
import { HiddenOrigins } from "./hiddenorigins.js";
import { findOpeners } from "./openers.js";
import { Network } from "./nvmet/network.js";
import { NvmetProbe } from "./nvmet/probe.js";
import { TargetReader } from "./nvmet/reader.js";
import { NvmetVerbs } from "./nvmet/verbs.js";
import { Paths } from "./paths.js";
import {
    type AttachOptions,
    type BlockDevice,
    type DeviceContents,
    type HiddenOrigin,
    type IoCounters,
    KernelError,
    type KernelEvent,
    type KernelPort,
    type KernelSnapshot,
    type Mapping,
    type Memory,
    type ModuleName,
    type NetworkState,
    type NvmetFeatures,
    type NvmetNode,
    type NvmetPart,
    type NvmetTree,
    type RamDisk,
    type TargetSessions,
} from "./port.js";
import { RamDisks } from "./ramdisk.js";
import { CoalescedRead } from "../system/coalescedread.js";
import type { DeviceNumber } from "./users.js";

export interface RealKernelOptions {
    /** Directory that stands for "/" in tests, default "". */
    root?: string;
    /** Where the system's tools are looked for, in order; for tests with stand-ins. */
    toolDirectories?: string[];
    /** A descriptor of /dev/kmsg, opened for reading by somebody who may; without it the file is opened when it is needed. */
    kernelLog?: number;
    /** For tests: major:minor of a node, since a tree in a temporary directory has none. */
    deviceNumber?: DeviceNumber;
}

/** Makes the port of the running kernel. Nothing is opened or started before a verb asks for it. */
export function createRealKernel(options: RealKernelOptions = {}): KernelPort {
    return new Real(options);
}

class Real implements KernelPort {
    private readonly paths: Paths;
    private readonly tools: Tools;
    private readonly access: DeviceAccess;
    private readonly ram: RamDisks;
    private readonly mapper: DeviceMapper;
    private readonly block: BlockDevices;
    private readonly modules: Modules;
    private readonly nvmet: NvmetVerbs;
    private readonly nvmetProbe: NvmetProbe;
    private readonly network: Network;
    private readonly origins: HiddenOrigins;
    private readonly events: KernelEvents;
    private readonly wholeReading = new CoalescedRead(() => this.readAll());
    private readonly targetWatch: DirectoryWatch;
    private readonly target: TargetReader;
    private readonly targetReading = new CoalescedRead(() => this.target.read());

    constructor(options: RealKernelOptions) {
        this.paths = new Paths(options.root);
        this.tools = new Tools(options.toolDirectories);
        this.access = new DeviceAccess(this.paths, this.tools);
        this.ram = new RamDisks(this.paths, (device) => this.findOpeners(device, 4));
        this.mapper = new DeviceMapper(this.paths, this.tools, options.kernelLog);
        this.targetWatch = targetWatch(this.paths);
        this.target = new TargetReader(this.paths, this.targetWatch);
        this.block = new BlockDevices(this.paths, () => this.readNvmet(), options.deviceNumber);
        this.modules = new Modules(this.paths, this.tools);
        this.nvmet = new NvmetVerbs(this.paths);
        this.nvmetProbe = new NvmetProbe(this.paths);
        this.network = new Network(this.paths);
        this.origins = new HiddenOrigins(this.paths, this.tools, (path) => this.resolveDevice(path));
        this.events = new KernelEvents(this.tools, digests(this.paths, this.mapper, this.targetWatch));
    }

    snapshot(): Promise<KernelSnapshot> {
        return this.wholeReading.get();
    }

    readRamDisks(numbers?: readonly number[]): Promise<RamDisk[]> {
        return this.ram.read(numbers);
    }

    async countRamDisks(): Promise<number> {
        return this.ram.count();
    }

    async readMemory(): Promise<Memory> {
        return readMemory(this.paths);
    }

    async readIoCounters(device: string): Promise<IoCounters> {
        return readIoCounters(this.paths, device);
    }

    async readAllIoCounters(devices: readonly string[]): Promise<Map<string, IoCounters>> {
        return readAllIoCounters(this.paths, devices);
    }

    sequences(devices: readonly string[]): Promise<Map<string, number>> {
        return this.block.sequences(devices);
    }

    attachRamDisk(number: number, size: number, options?: AttachOptions): Promise<void> {
        return this.changing("block", this.ram.attach(number, size, options), `rd${number}`);
    }

    detachRamDisk(number: number): Promise<void> {
        return this.changing(
            "block",
            this.access.with(() => this.ram.detach(number)),
            `rd${number}`,
        );
    }

    resizeRamDisk(number: number, size: number): Promise<void> {
        return this.changing(
            "block",
            this.access.with(() => this.ram.resize(number, size)),
            `rd${number}`,
        );
    }

    eraseRamDisk(number: number): Promise<void> {
        return this.ram.erase(number);
    }

    async setReadOnly(device: string, readOnly: boolean): Promise<void> {
        const node = this.block.node(device);
        const args = [readOnly ? "--setro" : "--setrw", node];
        const { status, stderr } = await this.access.with(() => this.tools.run("blockdev", args));
        const what = `make ${device} ${readOnly ? "read-only" : "writable"}`;
        if (status !== 0) {
            const errno = errnoInText(stderr) ?? "EIO";
            throw new KernelError(
                errno === "ENXIO" || errno === "ENOENT" ? "ENODEV" : errno,
                `Could not ${what} (${errno}).`,
            );
        }
        if (this.block.isReadOnly(device) !== readOnly) {
            throw new KernelError(
                "EPERM",
                `The kernel did not ${what}: its driver or the disk below decides otherwise.`,
            );
        }
    }

    createMapping(name: string, uuid: string, table: { length: number; type: string; params: string }): Promise<void> {
        return this.changing(
            "block",
            this.access.with(() => this.mapper.create(name, uuid, table)),
        );
    }

    reloadMapping(name: string, table: { length: number; type: string; params: string }): Promise<void> {
        return this.mapper.reload(name, table);
    }

    removeMapping(name: string): Promise<void> {
        return this.changing("block", this.mapper.remove(name));
    }

    messageMapping(name: string, message: string): Promise<string> {
        return this.mapper.message(name, message);
    }

    statusMapping(name: string): Promise<string> {
        return this.mapper.status(name);
    }

    statsMapping(name: string): Promise<string> {
        return this.mapper.stats(name);
    }

    resolveDevice(path: string): Promise<string> {
        return this.block.resolve(path);
    }

    async findOpeners(device: string, limit: number): Promise<string[]> {
        return findOpeners(this.paths, this.block.numbers(device), limit);
    }

    readStack(device: string): Promise<BlockDevice[]> {
        return this.block.readStack(device);
    }

    stablePath(device: string): Promise<string | undefined> {
        return this.block.stablePath(device);
    }

    async deviceIdentity(device: string): Promise<string> {
        return this.block.identity(device);
    }

    async readContents(device: string): Promise<DeviceContents> {
        const node = this.block.node(device);
        return this.access.with(() => readContents(this.tools, node));
    }

    readNvmet(part?: NvmetPart): Promise<NvmetTree> {
        return part === undefined ? this.targetReading.get() : this.target.read(part);
    }

    async nvmetFeatures(): Promise<NvmetFeatures> {
        return this.nvmetProbe.features();
    }

    async nvmetCreate(node: NvmetNode): Promise<void> {
        await this.changing("nvmet", this.nvmet.create(node));
        if (node.kind === "port-link") this.network.changed();
    }

    async nvmetWrite(node: NvmetNode, attribute: string, value: string): Promise<void> {
        await this.changing(
            "nvmet",
            this.access.with(() => this.nvmet.write(node, attribute, value)),
        );
    }

    nvmetRead(node: NvmetNode, attribute: string): Promise<string> {
        return this.nvmet.read(node, attribute);
    }

    async nvmetRemove(node: NvmetNode): Promise<void> {
        await this.changing("nvmet", this.nvmet.remove(node));
        if (node.kind === "port-link") this.network.changed();
    }

    /** A step of ours, of which no uevent tells, or of which it may be lost. @param device the one block device that it changes */
    private changing<T>(subsystem: "block" | "nvmet", step: Promise<T>, device?: string): Promise<T> {
        return step.finally(() => this.events.changed(subsystem, device));
    }

    async readNetwork(): Promise<NetworkState> {
        return this.network.read();
    }

    async readSessions(): Promise<TargetSessions> {
        return this.network.sessions();
    }

    async hiddenOrigins(): Promise<HiddenOrigin[]> {
        return this.origins.list();
    }

    revealOrigin(name: string): Promise<void> {
        return this.origins.reveal(name);
    }

    availableModules(): Promise<ModuleName[]> {
        return this.modules.available();
    }

    loadModule(name: ModuleName): Promise<void> {
        return this.modules.load(name);
    }

    watch(listener: (event: KernelEvent) => void): { close(): void } {
        return this.events.watch(listener);
    }

    async close(): Promise<void> {
        this.events.close();
        this.targetWatch.close();
        await this.tools.close();
        this.mapper.close();
    }

    private async readAll(): Promise<KernelSnapshot> {
        const mappings = this.readMappings();
        const ramDisks = await this.ram.read();
        const nvmet = await this.target.readAll();
        const blockDevices = await this.block.read(ramDisks, nvmet);
        return {
            ramDisks,
            mappings: sameNames(await mappings, blockDevices),
            blockDevices,
            memory: readMemory(this.paths),
            modules: await this.modules.states(),
            nvmet,
        };
    }

    /** Where dmsetup is missing, nothing can be said of mappings but their names: an empty list would be a lie. */
    private readMappings(): Promise<Mapping[]> {
        const mappings = this.mapper.read();
        mappings.catch(() => undefined);
        return mappings;
    }
}
