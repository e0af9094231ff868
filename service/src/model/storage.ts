// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { HostKeys } from "./nqn.js";
import type { Problem } from "./problems.js";
import type { NewMode } from "./types.js";

/** A volume that is to be made again at each boot, empty. */
export interface VolumeEntry {
    number: number;
    /** Bytes. */
    size: number;
    readOnly: boolean;
    /** All of its memory is allocated when it is made. Absent: it is not, as in what earlier versions saved. */
    populated?: boolean;
    /** Saved only because a saved cache is on it: goes with the last of them. */
    withCaches?: boolean;
}

/** Makes the entry of a volume as it is now. */
export function volumeEntry({ number, size, readOnly, populated }: VolumeEntry): VolumeEntry {
    return { number, size, readOnly, ...(populated === true ? { populated } : {}) };
}

/** A cache that is to be made again at each boot. */
export interface CacheEntry {
    name: string;
    /** Number of its volume. */
    volume: number;
    /** Path of the origin: one that stays the same across boots where there is one. */
    source: string;
    mode: NewMode;
    /** The origin that was authorized. Absent in what earlier versions saved. */
    origin?: OriginIdentity;
    /** Bytes of a block of a writeback cache. Absent for other modes, and in what earlier versions saved: 4096. */
    blockSize?: number;
}

/** What tells the origin of a cache from other devices of its path, across reboots. */
export interface OriginIdentity {
    /** What the device says of itself, see KernelPort.deviceIdentity; "" when it says nothing. */
    id: string;
    /** Bytes. */
    size: number;
}

/** A port of the NVMe target. */
export interface PortEntry {
    id: number;
    transport: "tcp" | "rdma" | "loop";
    /** ipv4, ipv6, or "" for loop. */
    family: string;
    /** As the kernel takes it. */
    address: string;
    service: string;
    /** Name of the interface when the port was asked for by it: its address is looked up again; else "". */
    interface: string;
    tls: boolean;
    /** Saved only because saved exports are on it: goes with the last of them. */
    withExports?: boolean;
}

/** An export of a volume or a cache. */
export interface ExportEntry {
    nqn: string;
    /** Device path: /dev/rdN or /dev/mapper/NAME. */
    device: string;
    uuid: string;
    serial: string;
    model: string;
    enabled: boolean;
    allowAnyHost: boolean;
    /** Any host was asked for. Absent in what earlier versions saved, where it was the default on loopback addresses. */
    anyHostMeant?: boolean;
    hosts: string[];
    /** Those of the hosts that must prove a key. */
    authenticated: string[];
    ports: number[];
}

/** What is saved of NVMe exports, and what their identities are made of. */
export interface SavedTarget {
    ports: PortEntry[];
    exports: ExportEntry[];
    /** A UUID of this installation; "" before the first export. */
    installation: string;
    /** Which contents a device has, by its name, counted from 1: more than that once exported contents were dropped. */
    generations: Record<string, number>;
}

/** What is to be there after each boot. */
export interface SavedState {
    volumes: VolumeEntry[];
    caches: CacheEntry[];
    /** Absent in a state saved before there were exports. */
    target?: SavedTarget;
}

/** A volume that this service made: the RAM disk of that name, and no later one. */
export interface OwnedVolume {
    name: string;
    /** The kernel's number of this very disk; undefined while it is being made. */
    sequence?: number;
}

/** Objects that this service made since the machine started, where they do not say so themselves. */
export interface OwnedObjects {
    volumes: OwnedVolume[];
    ports: number[];
    exports: string[];
    hosts: string[];
    /**
     * The kernel's number of the very object, for `port ID`, `export NQN` and `host NQN`: what others made later under the
     * same name is theirs. Not yet known for what was made a moment ago.
     */
    made: Record<string, number>;
    /** Names of the devices that were exported: their identity is known to others. */
    devices: string[];
    /** Those whose contents were dropped since, while it could not be saved that they need another identity. */
    renewed?: string[];
    /** Ports onto which exports are to be put back. */
    unlinked?: UnlinkedPort[];
    /**
     * Which living object is meant by what is saved under a name: the kernel's number of it (disk sequence), for `volume N`
     * and `cache NAME`. 0: none that was there until now.
     */
    matched?: Record<string, number>;
    /** The very device of each export, by its NQN: what is exported again after it was switched off. */
    backing?: Record<string, ExportBacking>;
    /** Why Restore could not make what is saved when that was tried last: a sentence, by the name that Restore gives. */
    unrestored?: Record<string, string>;
}

/** The device that an export exported. */
export interface ExportBacking {
    /** The kernel's number of this very export. */
    made: number;
    /** What tells the device from later ones of its name, see Identity. */
    mark: string;
    /** Of a mapping: the kernel's name for it, which a renaming leaves as it is. Notes of earlier versions do not have it. */
    mapping?: string;
}

/** A port onto which the kernel did not let an export back. */
export interface UnlinkedPort {
    nqn: string;
    /** The kernel's number of this very export. */
    made: number;
    port: number;
    /** The kernel's number of this very port. */
    portMade: number;
    /** What the kernel said, in a sentence. */
    why: string;
}

/** Where it is noted what is ours. It dies with the machine, as RAM disks and the NVMe target do. */
export interface OwnershipStore {
    load(): Promise<OwnedObjects>;
    save(owned: OwnedObjects): Promise<void>;
}

/** Where the keys of hosts of saved exports live, apart from everything that is shown. */
export interface KeyStore {
    load(host: string): Promise<HostKeys | undefined>;
    /** Puts or (null) drops the keys of a host; nobody but root can read them at any moment. */
    save(host: string, keys: HostKeys | null): Promise<void>;
    /** Drops the keys of every host that is not among these. */
    keepOnly(hosts: readonly string[]): Promise<void>;
}

/** Where the saved state lives. */
export interface StateStore {
    /**
     * @returns the entries that can be used, and those that cannot; those are kept by later saves
     * @throws ProblemError when what is stored cannot be understood
     */
    load(): Promise<{ state: SavedState; rejected: Problem[] }>;
    /**
     * Replaces the stored state, whole or not at all, and only returns once it would survive a power cut.
     * @throws ModelError LimitsExceeded for what could not be loaded again
     */
    save(state: SavedState): Promise<void>;
}

/** What an operation works on. */
export type IntentObject =
    | { kind: "volume"; number: number }
    | { kind: "cache"; name: string; uuid: string }
    | { kind: "port"; id: number; want: PortEntry | null }
    | {
          kind: "export";
          nqn: string;
          /** What it was before and is to be afterwards; null: not there. */
          was: ExportEntry | null;
          want: ExportEntry | null;
          /** The host whose keys are changed on the way; the keys themselves are in no note. */
          keysOf?: string;
      };

/** What is saved of an object of any kind. */
export type SavedEntry = VolumeEntry | CacheEntry | PortEntry | ExportEntry;

/** What an operation is about to do to one object: enough to bring the saved state in line after a sudden death. */
export interface Intent {
    /** One of OPERATIONS, in what this version writes. */
    operation: string;
    object: IntentObject;
    /**
     * The kernel's number of the very object (disk sequence, inode in configfs): what others made later under its name is
     * theirs. Undefined while it is being made; null when it was not there as the work failed.
     */
    number?: number | null;
    /** What is saved of it before and afterwards (null: nothing); undefined: what is saved is of another one, or not known. */
    before?: SavedEntry | null;
    after?: SavedEntry | null;
    /** Why the operation failed, when it could not be undone either. Then it is to be as it was. */
    failed?: string;
}

/** An intent that nobody works on: its author did not live to finish it, or could neither finish nor undo it. */
export interface PendingIntent extends Intent {
    id: string;
    /** The step that was begun last; empty when none was. */
    step: string;
    /** Why it could not be settled when that was tried last. */
    trouble?: string;
}

/** Intents that survive the death of the process (not of the machine: RAM disks do not either). */
export interface IntentLog {
    /** Writes an intent down before its first step. */
    begin(intent: Intent): Promise<IntentRecord>;
    /** Intents that were begun and not ended, in the order in which they began, and those that cannot be read. */
    pending(): Promise<{ notes: PendingIntent[]; unreadable: Problem[] }>;
    /** Forgets a pending one. */
    forget(id: string): Promise<void>;
}

/** An intent that is written down. */
export interface IntentRecord {
    readonly id: string;
    step(name: string): Promise<void>;
    /** Writes down something else in its place. @param step the step that was begun last */
    replace(intent: Intent, step: string): Promise<void>;
    end(): Promise<void>;
}

/** Makes a place for notes that lasts as long as the process. */
export function nothingOwn(): OwnershipStore {
    let owned: OwnedObjects = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };
    return {
        load: async () => owned,
        save: async (next) => {
            owned = next;
        },
    };
}

/** Makes a store of keys that lasts as long as the process. */
export function noKeys(): KeyStore {
    const keys = new Map<string, HostKeys>();
    return {
        load: async (host) => keys.get(host),
        save: async (host, one) => {
            if (one === null) {
                keys.delete(host);
            } else {
                keys.set(host, one);
            }
        },
        keepOnly: async (hosts) => {
            [...keys.keys()].filter((host) => !hosts.includes(host)).forEach((host) => keys.delete(host));
        },
    };
}
