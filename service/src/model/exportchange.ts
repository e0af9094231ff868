// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type { NvmetSubsystem, NvmetTree } from "../kernel/port.js";
import { defined } from "../system/defined.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { noteBacking, readTarget } from "./exportbacking.js";
import { describeExport, needPort } from "./exportplan.js";
import { changedMeanwhile } from "./identity.js";
import type { Operation } from "./operations.js";
import { runPlan, type Step } from "./plan.js";
import { isSavedExport } from "./savedas.js";
import { portEntry } from "./ports.js";
import { unlinkedPorts } from "./relink.js";
import type { ExportEntry, PortEntry, SavedState } from "./storage.js";
import { NAMESPACE, sweepHosts } from "./targetsteps.js";
import { quote } from "./values.js";
import type { Export, Permission } from "./types.js";

/** An export as it is, under lock. */
export interface Now {
    tree: NvmetTree;
    subsystem: NvmetSubsystem;
    /** With the ports that it is to be put back on. */
    is: ExportEntry;
    /** Nobody was asked for permission yet: nothing that the kernel keeps secret may be looked at. */
    rehearsal: boolean;
}

/** What permission is asked for: an export as it was then. */
export interface ExportIdentity {
    /** The kernel's number of this very export; undefined when it was gone already. */
    inode: number | undefined;
    device: string;
}

/** What is to be done to it, and what it is to be then; null: gone. */
export interface ExportChange {
    steps: Step[];
    want: ExportEntry | null;
    /** The host whose keys are changed on the way. */
    keysOf?: string;
    /** A port that it is saved on, could not be put on yet, and is not to be put on any more. */
    forgetPort?: number;
}

/** The common course of every change to an export: lock, look, act by a plan, save, tidy, read back. */
export class ExportChanges {
    constructor(private readonly context: ModelContext) {}

    /**
     * Saves an export, the ports that it is on, for as long as it needs them, and the keys of its hosts, as the kernel
     * has them then.
     * @param want null: it is saved no more. A port that is not there must be saved already: it could not be made yet
     */
    savingSteps(nqn: string, want: ExportEntry | null, tree: NvmetTree): Step[] {
        const { saved } = this.context;
        if (want === null) {
            return saved.exportStep(nqn, null);
        }
        const ports = want.ports
            .filter((id) => saved.port(id) === undefined && tree.ports.some((port) => port.id === id))
            .map((id): PortEntry => ({ ...portEntry(needPort(tree, id)), withExports: true }));
        return [...saved.exportStep(nqn, meant(want, saved.export(nqn)), ports), this.keysStep()];
    }

    /** A step that saves the keys of hosts, for those that saved exports name. */
    keysStep(): Step {
        return { name: "save-keys", run: () => this.saveKeys() };
    }

    /**
     * Brings the saved keys in line with the kernel's. Keys belong to hosts, so that a change made by way of one export
     * concerns every saved one; a host that the kernel does not know now keeps what is saved.
     */
    async saveKeys(): Promise<void> {
        const { saved, kernel, keys } = this.context;
        const { hosts } = await kernel.readNvmet();
        const known = new Map(hosts.map((host) => [host.nqn, host.hasKey]));
        for (const entry of saved.target.exports) {
            const must = (host: string): boolean => known.get(host) ?? entry.authenticated.includes(host);
            const now = { ...entry, authenticated: entry.hosts.filter(must) };
            if (!isDeepStrictEqual(now.authenticated, entry.authenticated)) {
                await saved.putExport(entry.nqn, now);
            }
        }
        const needed = neededKeys(saved.current);
        for (const host of [...needed].filter((one) => known.get(one) === true)) {
            const read = (attribute: string): Promise<string> => kernel.nvmetRead({ kind: "host", host }, attribute);
            const now = {
                key: await read("dhchap_key"),
                controllerKey: await read("dhchap_ctrl_key"),
                hash: await read("dhchap_hash"),
                dhgroup: await read("dhchap_dhgroup"),
            };
            if (!isDeepStrictEqual(await keys.load(host), now)) {
                await keys.save(host, now);
            }
        }
        await dropSpareKeys(this.context);
    }

    /**
     * Says what a change would refuse now, so that nobody is asked for a permission in vain.
     * @param shown the export as the caller sees it
     * @param work only makes the plan
     * @returns what permission is asked for
     */
    async rehearse(shown: Export, work?: (now: Now) => ExportChange | Promise<ExportChange>): Promise<ExportIdentity> {
        const { refresher } = this.context;
        const { nqn, device } = shown;
        try {
            const tree = await readTarget(this.context, refresher.partOf(nqn));
            const subsystem = tree.subsystems.find((one) => one.nqn === nqn);
            if (subsystem !== undefined) {
                await work?.({ tree, subsystem, is: this.describe(tree, nqn), rehearsal: true });
            }
            return { inode: subsystem?.inode, device };
        } catch (error) {
            throw toModelError(error, nqn);
        }
    }

    /**
     * Runs a change under lock on the export as it is now, saves what is saved of it, and reads back.
     * @param asked the export that permission was asked for
     * @param devices keys of devices that it puts to a use, or that its undoing might put to one again
     */
    async change(
        operation: Operation,
        nqn: string,
        asked: ExportIdentity,
        work: (now: Now) => ExportChange | Promise<ExportChange>,
        devices: readonly string[] = [],
    ): Promise<void> {
        const { locks, refresher, saved } = this.context;
        await locks.run(`${operation} of ${nqn}`, [...devices, lockId.target], async () => {
            try {
                const tree = await readTarget(this.context);
                const is = this.describe(tree, nqn);
                const subsystem = tree.subsystems.find((one) => one.nqn === nqn);
                if (subsystem === undefined || subsystem.inode !== asked.inode || is.device !== asked.device) {
                    throw changedMeanwhile(nqn);
                }
                const { steps, ...rest } = await work({ tree, subsystem, is, rehearsal: false });
                const { want, forgetPort } = rest;
                const known = saved.export(nqn);
                // What is saved of another one of this name stays as it is.
                const mine = known !== undefined && isSavedExport(is, known);
                const elsewhere = (id: number): boolean => !is.ports.includes(id) && want?.ports.includes(id) === false;
                const waiting = mine ? known.ports.filter((id) => elsewhere(id) && id !== forgetPort) : [];
                const entry = mine && want !== null ? { ...want, ports: [...want.ports, ...waiting] } : null;
                const saving = mine ? this.savingSteps(nqn, entry, tree) : [];
                // A removal is saved first: what is taken apart must not come back at boot.
                const all = want === null ? [...saving, ...steps] : [...steps, ...saving];
                const noted = mine || known === undefined ? entry : undefined;
                await this.run(operation, { nqn, was: is, number: subsystem.inode }, { steps: all, ...rest }, noted);
                await this.tidy(nqn, tree, want === null);
            } catch (error) {
                throw toModelError(error, nqn);
            } finally {
                await refresher.readBack(() => refresher.refreshTarget(nqn));
            }
        });
    }

    /** Takes away what a change that is done has left over. It is done, whether that works or not. */
    private async tidy(nqn: string, tree: NvmetTree, removed: boolean): Promise<void> {
        const { kernel, ownership, log } = this.context;
        try {
            await sweepHosts(this.context, await kernel.readNvmet({ nqn, since: tree }));
            if (removed) {
                await ownership.dropUnlinked(nqn);
                await this.saveKeys();
            }
        } catch (error) {
            log(`${nqn} was changed, but what it left over could not be taken away: ${(error as Error).message}`);
        }
    }

    private describe(tree: NvmetTree, nqn: string): ExportEntry {
        const is = describeExport(tree, nqn);
        return { ...is, ports: [...is.ports, ...unlinkedPorts(this.context, tree, nqn)] };
    }

    /**
     * Runs the steps of a change with a note of what they are to come to.
     * @param after what is saved of it then; undefined: what is saved is of another one
     */
    async run(
        operation: Operation,
        { nqn, was, number }: { nqn: string; was: ExportEntry | null; number?: number },
        { steps, want, keysOf }: ExportChange,
        after: ExportEntry | null | undefined,
    ): Promise<void> {
        const { intents, ownership, saved } = this.context;
        const noted = after === undefined ? {} : saved.noted(saved.export(nqn) ?? null, after);
        const object = { kind: "export" as const, nqn, was, want, ...defined({ keysOf }) };
        const intent = { operation, object, ...defined({ number }), ...noted };
        await ownership.during(() => runPlan(steps, intents, intent));
        await noteBacking(this.context, nqn, was, want);
    }
}

/**
 * An entry that says whether any host was asked for: what an earlier version saved without that, by its default, does not turn
 * into it with another change. @param before what is saved
 */
function meant({ anyHostMeant, ...want }: ExportEntry, before: ExportEntry | undefined): ExportEntry {
    const inherited = before?.allowAnyHost === true && before.anyHostMeant !== true;
    return want.allowAnyHost && (anyHostMeant === true || !inherited) ? { ...want, anyHostMeant: true } : want;
}

/** The hosts whose keys saved exports need. */
function neededKeys({ target }: SavedState): Set<string> {
    return new Set((target?.exports ?? []).flatMap((entry) => entry.authenticated));
}

/** Drops saved keys that no saved export needs. An entry that cannot be used may need keys as well: then all stay. */
export async function dropSpareKeys({ saved, keys }: ModelContext): Promise<void> {
    if (saved.known) {
        await keys.keepOnly([...neededKeys(saved.current)]);
    }
}

/** @throws ModelError NotFound when a host is not in the list of an export */
export function needHost(subsystem: NvmetSubsystem, host: string): void {
    if (!subsystem.hosts.includes(host)) {
        const allowed = subsystem.allowAnyHost ? "any host" : subsystem.hosts.join(", ");
        throw new ModelError(
            "NotFound",
            `${quote(host)} is not in the list of ${subsystem.nqn}, which allows ${allowed === "" ? "nobody" : allowed}.`,
        );
    }
}

/** The namespace of an export. @throws ModelError Failed when it has none */
export function needNamespace(subsystem: NvmetSubsystem): NvmetSubsystem["namespaces"][number] {
    const namespace = subsystem.namespaces.find((one) => one.id === NAMESPACE) ?? subsystem.namespaces[0];
    if (namespace === undefined) {
        throw new ModelError("Failed", `${subsystem.nqn} has no namespace; remove it and create it again.`);
    }
    return namespace;
}

/** A permission that is about an export. */
export function permission(
    action: Permission["action"],
    one: Pick<Export, "nqn" | "device">,
    more: Record<string, string> = {},
): Permission {
    return { action, details: { "export.nqn": one.nqn, "export.device": one.device, ...more } };
}
