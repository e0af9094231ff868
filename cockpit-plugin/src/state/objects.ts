// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { type INTERFACE, INTERFACE_OF, type ObjectKind } from "../../../service/src/facts/busnames.js";
import type { Properties } from "../bus/types.js";
import type { CacheStatistics } from "./cachestatistics.js";
import type { Details } from "./details.js";

export { INTERFACE_OF as kinds, type ObjectKind };

interface At {
    /** The object's path on the bus. */
    readonly path: string;
}

/** What a property of dictionaries has become; absent with a service of before there was one. */
type WithDetails<P, K extends keyof P> = Omit<P, K> & { readonly [D in K]?: readonly Details[] };

export type Manager = WithDetails<Properties<(typeof INTERFACE)["manager"]>, "ProblemDetails">;
export type Volume = WithDetails<Properties<(typeof INTERFACE)["volume"]>, "UserDetails"> & At;
export type Cache = WithDetails<Properties<(typeof INTERFACE)["cache"]>, "UserDetails"> &
    At & {
        /** What was measured last; absent until it was. */
        readonly statistics?: CacheStatistics;
    };
export type Port = Properties<(typeof INTERFACE)["port"]> & At;
export type Export = Properties<(typeof INTERFACE)["export"]> & At;
export type Job = Properties<(typeof INTERFACE)["job"]> & At;

/** What an object of a kind is. */
export interface ObjectOf {
    volumes: Volume;
    caches: Cache;
    ports: Port;
    exports: Export;
    jobs: Job;
}

/**
 * connecting: nothing is known yet. ready: all is known and live. stopped: the service left the bus. missing: it is not
 * installed or cannot be started. failed: the connection is refused or broken.
 */
export type Phase = "connecting" | "ready" | "stopped" | "missing" | "failed";

/** unknown until Cockpit says; limited: changes are refused; administrator: changes are possible. */
export type Access = "unknown" | "limited" | "administrator";

/** All that the page knows at one moment. Objects of the service are there only while phase is ready. */
export interface State {
    readonly phase: Phase;
    /** The bridge's word for what is wrong, with its message; empty in the other phases. */
    readonly problem: string;
    readonly access: Access;
    readonly manager: Manager | null;
    readonly volumes: ReadonlyMap<string, Volume>;
    readonly caches: ReadonlyMap<string, Cache>;
    readonly ports: ReadonlyMap<string, Port>;
    readonly exports: ReadonlyMap<string, Export>;
    readonly jobs: ReadonlyMap<string, Job>;
}
