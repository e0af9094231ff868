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
    /** Whether the plan is only made, before anybody was asked for permission: keys of hosts must not be read then. */
    rehearsal: boolean;
}

/** What permission is asked for: an export as it was then. */
export interface ExportIdentity {
    /** The kernel's number of this very export; undefined when it was gone already. */
    inode: number | undefined;
    device: string;
}

/** The steps of a change, and the export as it should be after them (`want`; null: removed). */
export interface ExportChange {
    steps: Step[];
    want: ExportEntry | null;
    /** The host whose keys are changed on the way. */
    keysOf?: string;
    /** Number of a port to drop from the saved entry, on which a restore could not put the export so far. */
    forgetPort?: number;
}

/** Runs every change to an export in one order: take the lock, read the target, run a plan, save, clean up, read back. */
export class ExportChanges {
    constructor(private readonly context: ModelContext) {}

    /**
     * Makes the steps that save an export, with its ports (kept as long as an export needs them) and the keys of its hosts, as
     * the kernel has them when the step runs.
     * @param want the entry to save; null drops it. A port of it that the kernel does not have must be saved already, because
     *     it could not be restored so far
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

    /** Makes the step that saves the keys of those hosts that saved exports name. */
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
     * @param devices lock keys of devices that the change uses, or that undoing it may use again
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
                // A saved entry of another export with this NQN is left alone.
                const mine = known !== undefined && isSavedExport(is, known);
                const elsewhere = (id: number): boolean => !is.ports.includes(id) && want?.ports.includes(id) === false;
                const waiting = mine ? known.ports.filter((id) => elsewhere(id) && id !== forgetPort) : [];
                const entry = mine && want !== null ? { ...want, ports: [...want.ports, ...waiting] } : null;
                const saving = mine ? this.savingSteps(nqn, entry, tree) : [];
                // A removal is saved first, so that a crash halfway does not bring the export back at boot.
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

    /** Removes what a change has left over, such as unused host entries. A failure is only logged: the change itself is done. */
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
     * Runs the steps of a change, with a note on disk of the intended result.
     * @param after what the saved entry becomes; undefined: the saved entry is of another export and stays
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
 * Marks an entry as letting any host in on purpose. An entry of an earlier version has no mark, and lets any host in by the
 * default of that version only, so that another change of the export must not set it.
 * @param before the saved entry
 */
function meant({ anyHostMeant, ...want }: ExportEntry, before: ExportEntry | undefined): ExportEntry {
    const inherited = before?.allowAnyHost === true && before.anyHostMeant !== true;
    return want.allowAnyHost && (anyHostMeant === true || !inherited) ? { ...want, anyHostMeant: true } : want;
}

/** Collects the hosts whose keys saved exports need. */
function neededKeys({ target }: SavedState): Set<string> {
    return new Set((target?.exports ?? []).flatMap((entry) => entry.authenticated));
}

/** Drops saved keys that no saved export needs. While a saved entry cannot be read, which may need some, all are kept. */
export async function dropSpareKeys({ saved, keys }: ModelContext): Promise<void> {
    if (saved.known) {
        await keys.keepOnly([...neededKeys(saved.current)]);
    }
}

/** Checks that a host is in the list of an export. @throws ModelError NotFound, which names those that are */
export function needHost(subsystem: NvmetSubsystem, host: string): void {
    if (!subsystem.hosts.includes(host)) {
        const allowed = subsystem.allowAnyHost ? "any host" : subsystem.hosts.join(", ");
        throw new ModelError(
            "NotFound",
            `${quote(host)} is not in the list of ${subsystem.nqn}, which allows ${allowed === "" ? "nobody" : allowed}.`,
        );
    }
}

/** Finds the namespace of an export. @throws ModelError Failed when it has none */
export function needNamespace(subsystem: NvmetSubsystem): NvmetSubsystem["namespaces"][number] {
    const namespace = subsystem.namespaces.find((one) => one.id === NAMESPACE) ?? subsystem.namespaces[0];
    if (namespace === undefined) {
        throw new ModelError("Failed", `${subsystem.nqn} has no namespace; remove it and create it again.`);
    }
    return namespace;
}

/** Makes the permission to ask for that is about an export. */
export function permission(
    action: Permission["action"],
    one: Pick<Export, "nqn" | "device">,
    more: Record<string, string> = {},
): Permission {
    return { action, details: { "export.nqn": one.nqn, "export.device": one.device, ...more } };
}
