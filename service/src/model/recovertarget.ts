// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type { NvmetTree } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { errnoOf } from "./errors.js";
import { ExportChanges } from "./exportchange.js";
import { noteBacking, refuseOtherBacking } from "./exportbacking.js";
import { describeExport } from "./exportplan.js";
import { NO_HOST_KEYS, type HostKeys } from "./nqn.js";
import type { Step } from "./plan.js";
import { isSavedPort } from "./portplan.js";
import { savedWithout } from "./notes.js";
import { relinkStep } from "./relink.js";
import type { SavedEntry, ExportEntry, Intent, IntentObject, PendingIntent, PortEntry } from "./storage.js";
import {
    allowStep,
    buildSteps,
    disallowStep,
    hostSteps,
    keySteps,
    sweepHosts,
    teardownSteps,
    unlinkStep,
    writeStep,
} from "./targetsteps.js";

/**
 * Puts in order what unfinished work left of a port: one that was being made and is not whole is removed.
 * @returns what became of it, in words
 */
export async function reconcilePort(
    context: ModelContext,
    note: Intent,
    id: number,
    want: PortEntry | null,
): Promise<string> {
    const { kernel, saved, ownership, refresher } = context;
    const tree = await kernel.readNvmet();
    const port = tree.ports.find((one) => one.id === id);
    if (port !== undefined && isForeign(note, ownership.current.ports.includes(id))) {
        return "another one is there by now, which was left alone";
    }
    const failed = note.failed !== undefined;
    // A failed removal left it as it was, at most without its entry.
    const stays = port !== undefined && (want === null ? failed : !failed && isSavedPort(port, want));
    if (port !== undefined && !stays && port.subsystems.length === 0) {
        await kernel.nvmetRemove({ kind: "port", id });
    }
    const there = port !== undefined && (stays || port.subsystems.length > 0);
    if (tree.present) {
        const entry = there ? (failed ? note.before : (note.after ?? note.before)) : savedWithout(note);
        if (entry !== undefined && !isDeepStrictEqual(saved.port(id) ?? null, entry)) {
            await saved.putPort(id, entry as PortEntry | null);
        }
        await (there ? ownership.add("ports", id) : ownership.drop("ports", id));
    }
    await refresher.refreshTarget();
    return there ? "it is there" : "it is not there";
}

/**
 * Does the same for an export. After a death, one that was being made and is not whole is taken apart, one that was being removed
 * goes, and any other change is brought to its end; after a failure that could not be undone it is made as it was.
 * @returns what became of it, in words
 */
export async function reconcileExport(
    context: ModelContext,
    note: PendingIntent,
    object: Extract<IntentObject, { kind: "export" }>,
): Promise<string> {
    const { kernel, saved, ownership, refresher } = context;
    const { nqn, keysOf } = object;
    const failed = note.failed !== undefined;
    const want = failed ? object.was : object.want;
    let tree = await kernel.readNvmet();
    const there = tree.subsystems.some((one) => one.nqn === nqn);
    const making = note.operation === "export-create";
    if (there && making && isForeign(note, ownership.current.exports.includes(nqn))) {
        return "another one is there by now, which was left alone";
    }
    const keys = keysOf === undefined ? "" : await reconcileKeys(context, note, keysOf, want);
    const save = async (entry: SavedEntry | null | undefined): Promise<void> => {
        if (entry !== undefined && !isDeepStrictEqual(saved.export(nqn) ?? null, entry)) {
            await saved.putExport(nqn, entry as ExportEntry | null);
        }
    };
    let outcome: string;
    if (!tree.present) {
        outcome = "the NVMe target is not there";
    } else if (want === null || (making && !isWhole(tree, want))) {
        await takeApart(context, tree, nqn);
        await save(failed ? note.before : savedWithout(note));
        outcome = making ? "what was made of it was taken apart" : "it is gone";
    } else if (!there && !failed) {
        outcome = "it is not there";
    } else {
        if (making) {
            await ownership.add("exports", nqn);
        } else {
            tree = await rebuildIfBroken(context, tree, want);
            await converge(context, tree, want);
        }
        await noteBacking(context, nqn, want, want);
        await (failed ? save(note.before) : saveAsIs(context, note, want));
        outcome = `it is there, ${failed ? "as it was" : "whole"}${keys}`;
    }
    if (tree.present) {
        // A host that was made and got no key yet must not count as one that is to have none.
        await sweepHosts(context, await kernel.readNvmet());
        await new ExportChanges(context).saveKeys();
    }
    await refresher.refreshTarget();
    return outcome;
}

/** Tells whether what is there is not what was being made: what is ours is noted before it is made. */
function isForeign({ operation, number }: Intent, ours: boolean): boolean {
    return operation.endsWith("-create") && number === undefined && !ours;
}

/** Saves an export as it is now, when it was to be saved; ports that it could not be put on yet stay. */
async function saveAsIs(context: ModelContext, { after }: Intent, want: ExportEntry): Promise<void> {
    if (after === null || after === undefined) {
        return;
    }
    const now = await context.kernel.readNvmet();
    const is = describeExport(now, want.nqn);
    const { ports } = after as ExportEntry;
    await runAll(new ExportChanges(context).savingSteps(want.nqn, { ...is, ports }, now));
}

/** Makes an export whole again of which a failed removal took parts. @returns the target as it is then */
async function rebuildIfBroken(context: ModelContext, tree: NvmetTree, want: ExportEntry): Promise<NvmetTree> {
    const subsystem = tree.subsystems.find((one) => one.nqn === want.nqn);
    const broken = subsystem === undefined || describeExport(tree, want.nqn).uuid !== want.uuid;
    if (!broken || want.device === "") {
        return tree;
    }
    await takeApart(context, tree, want.nqn);
    const empty = await context.kernel.readNvmet();
    const keys = new Map<string, HostKeys>();
    for (const host of want.authenticated.filter((one) => !empty.hosts.some((other) => other.nqn === one))) {
        const known = await context.keys.load(host);
        if (known !== undefined) {
            keys.set(host, known);
        }
    }
    const hosts = want.hosts.filter(
        (host) => !want.authenticated.includes(host) || keys.has(host) || hasKey(empty, host),
    );
    await runAll(buildSteps(context, { ...want, hosts, ports: [] }, empty, keys));
    return await context.kernel.readNvmet();
}

const hasKey = (tree: NvmetTree, host: string): boolean => tree.hosts.some((one) => one.nqn === host && one.hasKey);

/**
 * Keys are in four attributes, and the new ones died with the service that was to write them. Old ones that are saved are put
 * back; a host that has no key yet, or was to have none, gets none. @returns what became of them, to follow a sentence
 */
async function reconcileKeys(
    { kernel, keys }: ModelContext,
    { operation, step, failed }: PendingIntent,
    host: string,
    want: ExportEntry | null,
): Promise<string> {
    const now = (await kernel.readNvmet()).hosts.find((one) => one.nqn === host);
    const touched = failed === undefined ? step.startsWith("dhchap_") : failed.includes("dhchap_");
    if (now === undefined || !touched) {
        return "";
    }
    const clearing = operation === "export-host-keys" && want?.authenticated.includes(host) === false;
    const before = clearing || !now.hasKey ? NO_HOST_KEYS : await keys.load(host);
    if (before === undefined) {
        return `, but the keys of ${host} may be partly old and partly new: give it other ones`;
    }
    await runAll(keySteps(kernel, host, before));
    return before === NO_HOST_KEYS ? `; ${host} has no key` : `; ${host} has its old keys`;
}

function isWhole(tree: NvmetTree, want: ExportEntry): boolean {
    const subsystem = tree.subsystems.find((one) => one.nqn === want.nqn);
    if (subsystem === undefined) {
        return false;
    }
    const is = describeExport(tree, want.nqn);
    const same = (a: readonly unknown[], b: readonly unknown[]): boolean =>
        a.length === b.length && a.every((item) => b.includes(item));
    return (
        is.enabled === want.enabled &&
        is.device === want.device &&
        is.uuid === want.uuid &&
        is.allowAnyHost === want.allowAnyHost &&
        same(is.hosts, want.hosts) &&
        same(is.ports, want.ports)
    );
}

async function runAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
        await step.run().catch((error: unknown) => {
            if (errnoOf(error) !== "EEXIST") {
                throw error;
            }
        });
    }
}

async function takeApart(context: ModelContext, tree: NvmetTree, nqn: string): Promise<void> {
    const subsystem = tree.subsystems.find((one) => one.nqn === nqn);
    await (subsystem === undefined
        ? context.ownership.drop("exports", nqn)
        : runAll(teardownSteps(context, subsystem, tree)));
}

/** Brings an export to what it was to be. A host that must prove a key is let in only with one. */
async function converge(context: ModelContext, tree: NvmetTree, want: ExportEntry): Promise<void> {
    const { kernel, keys } = context;
    const { nqn } = want;
    const is = describeExport(tree, nqn);
    const added = want.hosts.filter((host) => !is.hosts.includes(host));
    const hosts: Step[] = [];
    for (const host of added) {
        const needed = want.authenticated.includes(host) && !hasKey(tree, host);
        const known = needed ? await keys.load(host) : undefined;
        if (needed && known === undefined) {
            context.log(`${host} was not let in to ${nqn}: its key was not set yet; allow it again.`);
        } else {
            hosts.push(
                ...hostSteps(context, host, tree),
                ...(known === undefined ? [] : keySteps(kernel, host, known)),
            );
            hosts.push(allowStep(kernel, nqn, host));
        }
    }
    const gone = is.hosts.filter((host) => !want.hosts.includes(host));
    const subsystem = { kind: "subsystem" as const, nqn };
    const any = (value: string): Step => writeStep(kernel, "any-host", subsystem, "attr_allow_any_host", value);
    const closing = is.allowAnyHost && !want.allowAnyHost;
    const subsystemNow = tree.subsystems.find((one) => one.nqn === nqn);
    const namespace = subsystemNow?.namespaces[0];
    if (subsystemNow !== undefined && namespace !== undefined && want.enabled && !namespace.enabled) {
        await refuseOtherBacking(context, subsystemNow, namespace.devicePath);
    }
    // Anyone who lost the right to be connected must go: every port that stays is unlinked once, and all are linked last.
    const stale = is.ports.filter((port) => !want.ports.includes(port) || gone.length > 0 || closing);
    await runAll([
        ...stale.map((port) => unlinkStep(kernel, nqn, port)),
        ...(closing ? [any("0")] : []),
        ...gone.map((host) => disallowStep(kernel, nqn, host)),
        ...hosts,
        ...(want.allowAnyHost && !is.allowAnyHost ? [any("1")] : []),
        ...(namespace !== undefined && namespace.enabled !== want.enabled
            ? [
                  writeStep(
                      kernel,
                      "enable",
                      { kind: "namespace", nqn, id: namespace.id },
                      "enable",
                      want.enabled ? "1" : "0",
                  ),
              ]
            : []),
        ...want.ports
            .filter((port) => !is.ports.includes(port) || stale.includes(port))
            .map((port) => relinkStep(context, tree, nqn, port)),
    ]);
}
