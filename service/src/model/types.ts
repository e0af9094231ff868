// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { BlockDevice } from "../kernel/port.js";
import type { CacheMode, NewMode } from "../facts/modes.js";
import type { Operation } from "./operations.js";
import type { Problem } from "./problems.js";
import type { User } from "./users.js";

export type { Operation };

export type { CacheMode, NewMode };

/** Whether a cache does its work: its origin failed I/O or is gone, or the kernel stopped it for an I/O error. */
export type CacheState = "ok" | "origin-errors" | "origin-gone" | "stopped";

/** A RAM disk. Sizes are bytes. */
export interface Volume {
    /** Kernel name, rdN; also its id. */
    name: string;
    number: number;
    device: string;
    size: number;
    /** Whether all of its memory was allocated when it was made, and stays so. */
    populated: boolean;
    readOnly: boolean;
    /** What uses it; empty when nothing does. */
    users: User[];
    /** Whether this service made it. */
    managed: boolean;
    /** Whether it is in the saved state. */
    persistent: boolean;
}

/** Values of a volume that change all the time and are never signalled. */
export interface VolumeUsage {
    used: number;
    errors: number;
    highestWritten: number;
}

/** A volume in front of a slower device. Sizes are bytes. */
export interface Cache {
    /** Name of the mapping; also its id. */
    name: string;
    device: string;
    /** Name of the volume that holds the cached blocks. */
    volume: string;
    /** Path of the origin; that which it had when it was last there. */
    source: string;
    /** Whether the origin has gone, as a disk does that is pulled out. */
    originGone: boolean;
    /** I/Os that the origin failed, as last read, since the mapping was made or resized or its statistics were reset; 0 also when not known. */
    originErrors: number;
    /** Errno at which a writeback cache stopped for good, as last read; 0 when it did not. */
    stopped: number;
    mode: CacheMode;
    size: number;
    cacheSize: number;
    blockSize: number;
    users: User[];
    /** Whether this service made it. */
    managed: boolean;
    persistent: boolean;
}

/** A port of the NVMe target: an address where hosts connect. */
export interface Port {
    id: number;
    transport: string;
    family: string;
    address: string;
    service: string;
    /** Interface that has the address; "" when none has. */
    interface: string;
    tls: boolean;
    /** NQNs of the exports that are reached through it. */
    exports: string[];
    /** Whether this service made it. */
    managed: boolean;
    persistent: boolean;
}

/** A subsystem of the NVMe target with its namespace: a device that hosts connect to. */
export interface Export {
    nqn: string;
    /** Number of the namespace; 0 when the subsystem has none. */
    namespaceId: number;
    device: string;
    /** The volume or cache behind it; undefined when it is none of ours. */
    backing: { kind: "volume" | "cache"; id: string } | undefined;
    enabled: boolean;
    allowAnyHost: boolean;
    allowedHosts: string[];
    /** Those of the allowed hosts that must prove a key. */
    authenticatedHosts: string[];
    ports: number[];
    serial: string;
    model: string;
    uuid: string;
    nguid: string;
    managed: boolean;
    persistent: boolean;
}

/** What concerns the host as a whole. */
export interface Host {
    memoryTotal: number;
    memoryCommitted: number;
    modules: Record<string, boolean>;
    features: string[];
    /** What is wrong now, one sentence each: a saved object that is not there, a damaged saved state. */
    problems: string[];
    /** The same as values, in the same order. */
    problemDetails: Problem[];
    /** Names of saved objects that are not there: volumes, mappings, numbers of ports, NQNs. */
    missing: string[];
}

/** A block device as the host's inventory shows it. */
export interface Resource {
    device: BlockDevice;
    /** Everything that uses it. */
    users: User[];
    /** Whether it can be the origin of a cache now. */
    cacheable: boolean;
}

/** What a change needs permission for; the names are those of the polkit actions, without their common prefix. */
export type PolkitAction =
    | "volume-create"
    | "volume-resize"
    | "volume-lock"
    | "volume-erase"
    | "volume-remove"
    | "cache-create"
    | "cache-resize"
    | "cache-remove"
    | "cache-writeback"
    | "cache-lose-unwritten"
    | "port-manage"
    | "export-create"
    | "export-remove"
    | "export-allow-host"
    | "export-allow-any-host"
    | "modules-load"
    | "configuration"
    | "job-cancel"
    | "token-manage"
    | "token-verify";

/** One permission to ask for, with what an administrator's rule may look at. */
export interface Permission {
    action: PolkitAction;
    details: Record<string, string>;
}

/** Stands for the caller that asks for a change. */
export interface Authorize {
    /** Asked before anything is changed; throws when the caller may not. No lock is held meanwhile. */
    (permissions: readonly Permission[]): Promise<void>;
    /** A word that the caller chose, to find the job by that does the whole of what was asked. */
    readonly cookie?: string | undefined;
    /** Tells who asks from others, for as long as the service runs: what is for the asker alone goes to nobody else. */
    readonly asker?: string | undefined;
}

/** The kinds of object in the state tree. */
export interface ObjectKinds {
    volume: Volume;
    cache: Cache;
    port: Port;
    export: Export;
    job: JobView;
    host: Host;
}

export type JobState = "running" | "done" | "failed" | "cancelled";

/** A piece of work that can outlast a second. */
export interface JobView {
    id: string;
    operation: Operation;
    state: JobState;
    /** 0 to 1. */
    progress: number;
    /** Bytes to do in total; 0 when unknown. */
    bytes: number;
    /** Microseconds since 1970; 0 when unknown. */
    expectedEndTime: number;
    /** What it works on. */
    objects: { kind: "volume" | "cache"; id: string }[];
    errorKind: string;
    message: string;
    /** Whether it can be stopped. */
    cancellable: boolean;
    /** {@link Authorize.cookie} of who asked for it; "" when none was given, or when it is only a part of what was asked. */
    cookie: string;
}

/** Hears of every difference in the state tree, in an order in which what refers to an object comes after it. */
export interface StateListener {
    added<K extends keyof ObjectKinds>(kind: K, id: string, object: ObjectKinds[K]): void;
    changed<K extends keyof ObjectKinds>(kind: K, id: string, object: ObjectKinds[K], keys: string[]): void;
    removed(kind: keyof ObjectKinds, id: string): void;
}
