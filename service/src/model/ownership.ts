// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type { NvmetTree } from "../kernel/port.js";
import { GroupCommit } from "../system/groupcommit.js";
import type { Problem } from "./problems.js";
import type { ExportBacking, OwnedObjects, OwnershipStore, OwnedVolume, UnlinkedPort } from "./storage.js";

const NOTHING: OwnedObjects = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };

/** Kinds that are noted by name or number. */
type OwnedKind = "ports" | "exports" | "hosts";
/** What an object of the NVMe target is called in `made`. */
const LABEL = { ports: "port", exports: "export", hosts: "host" } as const;

/** Tells whether an object of the NVMe target that is noted is the one that was noted, and no later one of the same name. */
export function isSame({ made }: OwnedObjects, kind: OwnedKind, id: string | number, inode: number): boolean {
    const known = made[`${LABEL[kind]} ${id}`];
    return known === undefined || known === inode;
}

/** Tells whether an export is still off a port that it is to be put back on, both being the very ones that were noted. */
export function isUnlinked({ nqn, made, port, portMade }: UnlinkedPort, tree: NvmetTree): boolean {
    const there = tree.ports.find((one) => one.id === port);
    return (
        tree.subsystems.some((one) => one.nqn === nqn && one.inode === made) &&
        there?.inode === portMade &&
        !there.subsystems.includes(nqn)
    );
}

/** Takes one object out of `made`, which stays as it is. @returns what is left */
function without(owned: OwnedObjects, kind: OwnedKind, id: string | number): OwnedObjects["made"] {
    const rest = { ...owned.made };
    delete rest[`${LABEL[kind]} ${id}`];
    return rest;
}

/** Makes a copy of `owned` with another value of an optional part, which is left out when nothing is in it. */
function withPart<K extends "matched" | "unrestored" | "backing">(
    owned: OwnedObjects,
    part: K,
    value: OwnedObjects[K] & {},
): OwnedObjects {
    const rest = { ...owned };
    delete rest[part];
    return Object.keys(value).length === 0 ? rest : { ...rest, [part]: value };
}

function isOf(one: UnlinkedPort, nqn: string, port: number | undefined): boolean {
    return one.nqn === nqn && (port === undefined || one.port === port);
}

/** Knows which objects this service made since the machine started. */
export class Ownership {
    /** Hosts of ours that nobody allows any more and that could not be removed, each with what the kernel said. */
    readonly stuckHosts = new Map<string, string>();
    /** Volumes that are being made now. */
    private readonly making = new Set<string>();
    /** Pieces of work on the NVMe target: under way, and begun or ended so far. */
    private working = 0;
    private works = 0;
    private readonly objects: GroupCommit<OwnedObjects>;

    constructor(private readonly store: OwnershipStore) {
        this.objects = new GroupCommit(NOTHING, (owned) => store.save(owned));
    }

    async load(): Promise<void> {
        this.objects.replace(await this.store.load());
    }

    get current(): OwnedObjects {
        return this.objects.current;
    }

    /** Lists hosts that could not be removed. */
    get problems(): Problem[] {
        return [...this.stuckHosts].map(([object, reason]) => ({ kind: "host-stuck", object, type: "host", reason }));
    }

    /** Notes that an object is ours, before it is made. */
    add<K extends OwnedKind>(kind: K, id: OwnedObjects[K][number]): Promise<void> {
        return this.change((owned) => ({
            ...owned,
            [kind]: [...owned[kind].filter((other) => other !== id), id],
            made: without(owned, kind, id),
        }));
    }

    /** Notes an export before it is made, and the name of the device that others get to know by it. */
    addExport(nqn: string, device: string): Promise<void> {
        const plus = (list: readonly string[], item: string): string[] => [...list.filter((one) => one !== item), item];
        return this.change((owned) => ({
            ...owned,
            exports: plus(owned.exports, nqn),
            devices: plus(owned.devices, device),
            made: without(owned, "exports", nqn),
        }));
    }

    /**
     * Notes a volume before it is made: should the service die in between, what is there afterwards counts as ours.
     * @param make makes it, or throws
     * @param sequence tells the kernel's number of the disk that was made; without it the next reading finds it out
     */
    async makeVolume(
        name: string,
        make: () => Promise<void>,
        sequence: () => Promise<number | undefined>,
    ): Promise<void> {
        this.making.add(name);
        try {
            await this.putVolume(name, { name });
            await make().catch(async (error: unknown) => {
                await this.putVolume(name, undefined);
                throw error;
            });
            const known = await sequence().catch(() => undefined);
            if (known !== undefined) {
                await this.putVolume(name, { name, sequence: known }).catch(() => undefined);
            }
        } finally {
            this.making.delete(name);
        }
    }

    /** Tells whether a volume is being made now, so that its number is not known yet. */
    isMaking(name: string): boolean {
        return this.making.has(name);
    }

    /** Lists the volumes that are noted and not being made just now. */
    get settledVolumes(): readonly OwnedVolume[] {
        return this.current.volumes.filter(({ name }) => !this.making.has(name));
    }

    /**
     * Forgets volumes that are gone, also those whose name another disk has by now.
     * @param asked what {@link settledVolumes} said before the kernel was asked: only these are looked at
     * @param found the disks of these names that there are, with the kernel's numbers
     */
    async reconcileVolumes(asked: readonly OwnedVolume[], found: ReadonlyMap<string, number>): Promise<void> {
        const reconciled = (volume: OwnedVolume): OwnedVolume[] => {
            const { name, sequence } = volume;
            const now = found.get(name);
            if (!asked.includes(volume) || (now !== undefined && now === sequence)) {
                return [volume];
            }
            return now === undefined || sequence !== undefined ? [] : [{ name, sequence: now }];
        };
        if (asked.some((volume) => reconciled(volume)[0] !== volume)) {
            await this.change((owned) => ({ ...owned, volumes: owned.volumes.flatMap(reconciled) }));
        }
    }

    /** Forgets a volume that was removed. */
    dropVolume(name: string): Promise<void> {
        return this.putVolume(name, undefined);
    }

    /** Notes that a device needs another identity, since its contents were dropped. */
    addRenewed(device: string): Promise<void> {
        return this.change((owned) => ({
            ...owned,
            renewed: [...(owned.renewed ?? []).filter((other) => other !== device), device],
        }));
    }

    /** Forgets which devices need another identity: they have it. */
    dropRenewed(): Promise<void> {
        return this.change((owned) => {
            const rest = { ...owned };
            delete rest.renewed;
            return rest;
        });
    }

    private putVolume(name: string, volume: OwnedVolume | undefined): Promise<void> {
        return this.change((owned) => ({
            ...owned,
            volumes: [...owned.volumes.filter((other) => other.name !== name), ...(volume ? [volume] : [])],
        }));
    }

    /** Forgets an object that is gone. */
    drop<K extends OwnedKind>(kind: K, id: OwnedObjects[K][number]): Promise<void> {
        return this.change((owned) => {
            const rest = {
                ...owned,
                [kind]: owned[kind].filter((other) => other !== id),
                made: without(owned, kind, id),
            };
            const backing = Object.entries(owned.backing ?? {}).filter(([nqn]) => kind !== "exports" || nqn !== id);
            return withPart(rest, "backing", Object.fromEntries(backing));
        });
    }

    /** Notes that an export is to be put back on a port. */
    addUnlinked(one: UnlinkedPort): Promise<void> {
        return this.putUnlinked(one.nqn, one.port, [one]);
    }

    /** Forgets that an export is to be put back on a port, or (without one) on any. */
    async dropUnlinked(nqn: string, port?: number): Promise<void> {
        const noted = (this.current.unlinked ?? []).some((one) => isOf(one, nqn, port));
        await (noted ? this.putUnlinked(nqn, port, []) : undefined);
    }

    private putUnlinked(nqn: string, port: number | undefined, more: UnlinkedPort[]): Promise<void> {
        return this.change(({ unlinked = [], ...own }) => {
            const next = [...unlinked.filter((one) => !isOf(one, nqn, port)), ...more];
            return next.length === 0 ? own : { ...own, unlinked: next };
        });
    }

    /** Notes which living objects the saved ones are. @param match gives all of it out of what is noted */
    setMatched(match: (matched: Readonly<Record<string, number>>) => Record<string, number>): Promise<void> {
        return this.setPart("matched", match);
    }

    /**
     * Says of one saved object which living one it is.
     * @param number the kernel's; undefined: of the one that is there under its name at the next reading; 0: of none until then
     */
    match(key: string, number?: number): Promise<void> {
        return this.setPart("matched", (matched) => withEntry(matched, key, number));
    }

    /** Notes the device of an export; undefined: there is no such export any more. */
    setBacking(nqn: string, backing: ExportBacking | undefined): Promise<void> {
        return this.setPart("backing", (known) => withEntry(known, nqn, backing));
    }

    /** Notes what a restore came to. @param tried names of what it tried @param failed sentences by name */
    setUnrestored(tried: readonly string[], failed: Record<string, string>): Promise<void> {
        return this.setPart("unrestored", (known) => ({
            ...Object.fromEntries(Object.entries(known).filter(([name]) => !tried.includes(name))),
            ...failed,
        }));
    }

    /** Gives an optional part another value, which is saved when it differs. */
    private setPart<K extends "matched" | "unrestored" | "backing">(
        part: K,
        edit: (known: OwnedObjects[K] & {}) => OwnedObjects[K] & {},
    ): Promise<void> {
        return this.change((owned) => {
            const known: OwnedObjects[K] & {} = owned[part] ?? {};
            const next = edit(known);
            return isDeepStrictEqual(next, known) ? owned : withPart(owned, part, next);
        });
    }

    /** Does work on the NVMe target, in which what is noted may not be there yet, or no more. */
    async during<T>(work: () => Promise<T>): Promise<T> {
        this.works++;
        this.working++;
        try {
            return await work();
        } finally {
            this.working--;
            this.works++;
        }
    }

    /** Gives a number that stays the same as long as nothing of ours works on the NVMe target; undefined while something does. */
    get quiescent(): number | undefined {
        return this.working === 0 ? this.works : undefined;
    }

    /**
     * Forgets what is gone from the NVMe target, also what others made again, and learns the numbers of the rest.
     * @param quiescent {@link quiescent} before the target was read: a reading in the midst of our own work says nothing
     */
    async reconcileTarget(quiescent: number | undefined, { ports, subsystems, hosts }: NvmetTree): Promise<void> {
        if (quiescent === undefined || quiescent !== this.quiescent) {
            return;
        }
        const owned = this.current;
        const made: OwnedObjects["made"] = {};
        const reconciled = <I extends string | number>(
            kind: OwnedKind,
            ids: readonly I[],
            there: Map<I, number>,
        ): I[] =>
            ids.filter((id) => {
                const inode = there.get(id);
                const ours = inode !== undefined && isSame(owned, kind, id, inode);
                if (ours) {
                    made[`${LABEL[kind]} ${id}`] = inode;
                }
                return ours;
            });
        const next = {
            ports: reconciled("ports", owned.ports, new Map(ports.map((one) => [one.id, one.inode]))),
            exports: reconciled("exports", owned.exports, new Map(subsystems.map((one) => [one.nqn, one.inode]))),
            hosts: reconciled("hosts", owned.hosts, new Map(hosts.map((one) => [one.nqn, one.inode]))),
            made,
        };
        const inodes = new Map(subsystems.map((one) => [one.nqn, one.inode]));
        const backing = Object.fromEntries(
            Object.entries(owned.backing ?? {}).filter(([nqn, device]) => inodes.get(nqn) === device.made),
        );
        const known = { ports: owned.ports, exports: owned.exports, hosts: owned.hosts, made: owned.made };
        if (!isDeepStrictEqual([next, backing], [known, owned.backing ?? {}])) {
            await this.change((now) => (now === owned ? withPart({ ...now, ...next }, "backing", backing) : now));
        }
    }

    private change(edit: (owned: OwnedObjects) => OwnedObjects): Promise<void> {
        return this.objects.change(edit);
    }
}

/** @returns the same entries but for one; undefined: without it */
function withEntry<T>(entries: Readonly<Record<string, T>>, key: string, value: T | undefined): Record<string, T> {
    const others = Object.fromEntries(Object.entries(entries).filter(([other]) => other !== key));
    return value === undefined ? others : { ...others, [key]: value };
}
