// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The simulated kernel: the port over {@link SimMachine}, in memory, with every step open to faults. */
import { checkForeignMappingName, checkMappingName, checkMappingUuid, checkMessage, checkTable } from "../names.js";
import type {
    AttachOptions,
    BlockDevice,
    DeviceContents,
    HiddenOrigin,
    IoCounters,
    KernelEvent,
    KernelPort,
    KernelSnapshot,
    Memory,
    ModuleName,
    NetworkState,
    NvmetFeatures,
    NvmetNode,
    NvmetTree,
    RamDisk,
    TargetSessions,
} from "../port.js";
import { nodeWords } from "../nvmet/node.js";
import { KernelError, MODULES } from "../port.js";
import { SimControl } from "./control.js";
import { SimMachine } from "./machine.js";
import { serveControl } from "./server.js";
import { freshData, loadData, saveData, zeroCounters } from "./state.js";
import { SimSteps } from "./steps.js";

export interface SimOptions {
    /** File that outlives the process, as a kernel does: read at start, rewritten after every change. */
    stateFile?: string;
    /** Path of a Unix socket (made with mode 0600) through which another process may call {@link SimControl}. */
    controlSocket?: string;
    /** What a planted crash does; default: SIGKILL to this process. */
    crash?: () => void;
}

/** The port with its test controls. */
export interface SimKernel extends KernelPort {
    readonly sim: SimControl;
}

/** Makes a simulated kernel. @throws Error when `stateFile` cannot be read. */
export function createSimKernel(options: SimOptions = {}): SimKernel {
    return new Sim(options);
}

class Sim implements SimKernel {
    readonly sim: SimControl;
    private readonly machine: SimMachine;
    private readonly steps: SimSteps;
    private readonly listeners = new Set<(event: KernelEvent) => void>();
    private readonly server: { close(): Promise<void> } | undefined;

    constructor(private readonly options: SimOptions) {
        this.machine = new SimMachine((options.stateFile && loadData(options.stateFile)) || freshData());
        this.steps = new SimSteps(options.crash ?? (() => process.kill(process.pid, "SIGKILL")));
        this.sim = new SimControl(this.machine, this.steps, (event) => this.changed(event));
        this.server = options.controlSocket ? serveControl(options.controlSocket, this.sim) : undefined;
    }

    snapshot(): Promise<KernelSnapshot> {
        return this.steps.read("snapshot", () => ({
            ramDisks: this.machine.ramDisks(),
            mappings: this.machine.mappings(),
            blockDevices: this.machine.blockDevices(),
            memory: { ...this.machine.data.memory },
            modules: Object.fromEntries(MODULES.map((name) => [name, this.machine.data.loaded.includes(name)])),
            nvmet: this.machine.nvmet.tree(),
        }));
    }

    readRamDisks(numbers?: readonly number[]): Promise<RamDisk[]> {
        return this.steps.read("readRamDisks", () =>
            this.machine.ramDisks().filter(({ number }) => numbers?.includes(number) ?? true),
        );
    }

    countRamDisks(): Promise<number> {
        return this.steps.read("countRamDisks", () => Object.keys(this.machine.data.ramDisks).length);
    }

    readMemory(): Promise<Memory> {
        return this.steps.read("readMemory", () => ({ ...this.machine.data.memory }));
    }

    readIoCounters(device: string): Promise<IoCounters> {
        return this.steps.read("readIoCounters", () => {
            this.machine.need(device);
            return { ...(this.machine.data.io[device] ?? zeroCounters()) };
        });
    }

    readAllIoCounters(devices: readonly string[]): Promise<Map<string, IoCounters>> {
        return this.steps.read("readAllIoCounters", () => {
            const there = [...this.machine.sequences(devices).keys()];
            return new Map(there.map((device) => [device, { ...(this.machine.data.io[device] ?? zeroCounters()) }]));
        });
    }

    sequences(devices: readonly string[]): Promise<Map<string, number>> {
        return this.steps.read("sequences", () => this.machine.sequences(devices));
    }

    attachRamDisk(number: number, size: number, options?: AttachOptions): Promise<void> {
        return this.change("attachRamDisk", `rd${number}`, () => this.machine.attach(number, size, options));
    }

    detachRamDisk(number: number): Promise<void> {
        return this.change("detachRamDisk", `rd${number}`, () => this.machine.detach(number));
    }

    resizeRamDisk(number: number, size: number): Promise<void> {
        return this.change("resizeRamDisk", `rd${number}`, () => this.machine.resize(number, size));
    }

    eraseRamDisk(number: number): Promise<void> {
        return this.change("eraseRamDisk", `rd${number}`, () => this.machine.erase(number));
    }

    setReadOnly(device: string, readOnly: boolean): Promise<void> {
        return this.change("setReadOnly", device, () => this.machine.setReadOnly(device, readOnly));
    }

    createMapping(name: string, uuid: string, table: { length: number; type: string; params: string }): Promise<void> {
        return this.change("createMapping", name, () => {
            checkMappingName(name);
            checkMappingUuid(uuid);
            checkTable(table);
            this.machine.createMapping(name, uuid, table);
        });
    }

    reloadMapping(name: string, table: { length: number; type: string; params: string }): Promise<void> {
        return this.change("reloadMapping", name, () => {
            checkForeignMappingName(name);
            checkTable(table);
            this.machine.reloadMapping(name, table);
        });
    }

    removeMapping(name: string): Promise<void> {
        return this.change("removeMapping", name, () => {
            checkForeignMappingName(name);
            this.machine.removeMapping(name);
        });
    }

    messageMapping(name: string, message: string): Promise<string> {
        return this.change("messageMapping", name, () => {
            checkForeignMappingName(name);
            checkMessage(message);
            return this.machine.messageMapping(name, message);
        });
    }

    statusMapping(name: string): Promise<string> {
        return this.steps.read("statusMapping", () => this.machine.statusMapping(name));
    }

    statsMapping(name: string): Promise<string> {
        return this.steps.read("statsMapping", () => this.machine.statsMapping(name));
    }

    resolveDevice(path: string): Promise<string> {
        return this.steps.read("resolveDevice", () => this.machine.resolve(path));
    }

    findOpeners(device: string, limit: number): Promise<string[]> {
        return this.steps.read("findOpeners", () => {
            this.machine.need(device);
            return (this.machine.data.openers[device] ?? [])
                .slice(0, limit)
                .map((opener) => `${opener.command} (pid ${opener.pid})`);
        });
    }

    readStack(device: string): Promise<BlockDevice[]> {
        return this.steps.read("readStack", () => this.machine.stack(device));
    }

    deviceIdentity(device: string): Promise<string> {
        return this.steps.read("deviceIdentity", () => this.machine.identity(device));
    }

    readContents(device: string): Promise<DeviceContents> {
        return this.steps.read("readContents", () => {
            this.machine.need(device);
            return this.machine.data.contents?.[device] ?? { type: "", table: "" };
        });
    }

    stablePath(device: string): Promise<string | undefined> {
        return this.steps.read("stablePath", () => this.machine.stablePath(device));
    }

    readNvmet(): Promise<NvmetTree> {
        return this.steps.read("readNvmet", () => this.machine.nvmet.tree());
    }

    nvmetFeatures(): Promise<NvmetFeatures> {
        return this.steps.read("nvmetFeatures", () => this.machine.nvmet.features());
    }

    nvmetCreate(node: NvmetNode): Promise<void> {
        return this.change("nvmetCreate", nodeWords(node), () => this.machine.nvmet.create(node));
    }

    nvmetWrite(node: NvmetNode, attribute: string, value: string): Promise<void> {
        return this.change("nvmetWrite", `${attribute} of ${nodeWords(node)}`, () =>
            this.machine.nvmet.write(node, attribute, value),
        );
    }

    nvmetRead(node: NvmetNode, attribute: string): Promise<string> {
        return this.steps.read("nvmetRead", () => this.machine.nvmet.read(node, attribute));
    }

    nvmetRemove(node: NvmetNode): Promise<void> {
        return this.change("nvmetRemove", nodeWords(node), () => this.machine.nvmet.remove(node));
    }

    readNetwork(): Promise<NetworkState> {
        return this.steps.read("readNetwork", () => structuredClone(this.machine.data.nvmet.network));
    }

    readSessions(): Promise<TargetSessions> {
        return this.steps.read("readSessions", () => structuredClone(this.machine.data.nvmet.sessions));
    }

    hiddenOrigins(): Promise<HiddenOrigin[]> {
        return this.steps.read("hiddenOrigins", () => [...(this.machine.data.hiddenOrigins ?? [])]);
    }

    revealOrigin(name: string): Promise<void> {
        return this.change("revealOrigin", name, () => {
            const { data } = this.machine;
            data.hiddenOrigins = (data.hiddenOrigins ?? []).filter((one) => one.name !== name);
        });
    }

    availableModules(): Promise<ModuleName[]> {
        const { loaded, available } = this.machine.data;
        return this.steps.read("availableModules", () =>
            MODULES.filter((name) => loaded.includes(name) || available.includes(name)),
        );
    }

    loadModule(name: ModuleName): Promise<void> {
        return this.change("loadModule", name, () => {
            if (this.machine.data.loaded.includes(name)) return;
            if (!this.machine.data.available.includes(name)) {
                throw new KernelError("ENOENT", `Module ${name} is not installed for this kernel.`);
            }
            this.machine.data.loaded.push(name);
        });
    }

    watch(listener: (event: KernelEvent) => void): { close(): void } {
        this.listeners.add(listener);
        return { close: () => void this.listeners.delete(listener) };
    }

    async close(): Promise<void> {
        this.listeners.clear();
        this.steps.releaseHung();
        await this.server?.close();
    }

    private change<T>(verb: Parameters<SimSteps["step"]>[0], target: string, action: () => T): Promise<T> {
        return this.steps.step(verb, target, () => {
            const result = action();
            const subsystem = verb === "loadModule" ? "module" : verb.startsWith("nvmet") ? "nvmet" : "block";
            const ofDisk = verb.endsWith("RamDisk") || verb === "setReadOnly";
            this.changed(ofDisk ? { subsystem, devices: [target] } : { subsystem });
            return result;
        });
    }

    /** Saves, and tells the listeners a little later, as uevents come. */
    private changed(event: KernelEvent): void {
        if (this.options.stateFile) saveData(this.options.stateFile, this.machine.data);
        if (this.sim.eventsLost) return;
        setImmediate(() => this.listeners.forEach((listener) => listener(event)));
    }
}
