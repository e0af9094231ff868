// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import type { Context } from "./context.js";
import { errnoOf } from "./errors.js";
import { ExportChanges } from "./exportchange.js";
import { describeExport } from "./exportplan.js";
import { NO_HOST_KEYS } from "./nqn.js";
import type { Step } from "./plan.js";
import { isSavedPort } from "./portplan.js";
import type { ExportEntry, PendingIntent, PortEntry } from "./storage.js";
import {
    allowStep,
    disallowStep,
    hostSteps,
    keySteps,
    linkStep,
    sweepHosts,
    teardownSteps,
    unlinkStep,
    writeStep,
} from "./targetsteps.js";

/**
 * Puts in order what a sudden death of the service left of a port: one that was being made and is not whole is removed.
 * @returns what became of it, in words
 */
export async function settlePort(
    context: Context,
    intent: PendingIntent,
    id: number,
    want: PortEntry | null,
): Promise<string> {
    const { kernel, saved, own, refresher } = context;
    const tree = await kernel.readNvmet();
    const port = tree.ports.find((one) => one.id === id);
    const whole = port !== undefined && want !== null && isSavedPort(port, want);
    if (port !== undefined && !whole && port.subsystems.length === 0) {
        await kernel.nvmetRemove({ kind: "port", id });
    }
    const there = port !== undefined && (whole || port.subsystems.length > 0);
    if (tree.present) {
        await saved.putPort(id, there ? (intent.after as PortEntry | null) : null);
        await (there ? own.add("ports", id) : own.drop("ports", id));
    }
    await refresher.refreshTarget();
    return there ? "it is there" : "it is not there";
}

/**
 * The same for an export. One that was being made and is not whole is taken apart, one that was being removed goes, and
 * any other change is brought to its end. @returns what became of it, in words
 */
export async function settleExport(
    context: Context,
    intent: PendingIntent,
    { nqn, want, keysOf }: { nqn: string; want: ExportEntry | null; keysOf?: string },
): Promise<string> {
    const { kernel, saved, own, refresher } = context;
    const keys = keysOf === undefined ? "" : await settleKeys(context, intent, keysOf, want);
    const tree = await kernel.readNvmet();
    const there = tree.subsystems.some((one) => one.nqn === nqn);
    const making = intent.operation === "export-create";
    let outcome: string;
    if (!tree.present) {
        outcome = "the NVMe target is not there";
    } else if (want === null || (making && !isWhole(tree, want))) {
        await takeApart(context, tree, nqn);
        await saved.putExport(nqn, making ? (intent.before as ExportEntry | null) : null);
        outcome = making ? "what was made of it was taken apart" : "it is gone";
    } else if (!there) {
        outcome = "it is not there";
    } else {
        if (making) {
            await own.add("exports", nqn);
        } else {
            await converge(context, tree, want);
        }
        if (intent.after !== null) {
            const now = await kernel.readNvmet();
            await runAll(new ExportChanges(context).savingSteps(describeExport(now, nqn), now));
        }
        outcome = `it is there, whole${keys}`;
    }
    if (tree.present) {
        await new ExportChanges(context).saveKeys();
        await sweepHosts(context, await kernel.readNvmet());
    }
    await refresher.refreshTarget();
    return outcome;
}

/**
 * Keys are in four attributes, and the new ones died with the service that was to write them. Old ones that are saved are put
 * back; a host that has no key yet, or was to have none, gets none. @returns what became of them, to follow a sentence
 */
async function settleKeys(
    { kernel, keys }: Context,
    { operation, step }: PendingIntent,
    host: string,
    want: ExportEntry | null,
): Promise<string> {
    const now = (await kernel.readNvmet()).hosts.find((one) => one.nqn === host);
    if (now === undefined || !step.startsWith("dhchap_")) {
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

async function takeApart(context: Context, tree: NvmetTree, nqn: string): Promise<void> {
    const subsystem = tree.subsystems.find((one) => one.nqn === nqn);
    await (subsystem === undefined
        ? context.own.drop("exports", nqn)
        : runAll(teardownSteps(context, subsystem, tree)));
}

/** Brings an export to what it was to be. A host that must prove a key is let in only with one. */
async function converge(context: Context, tree: NvmetTree, want: ExportEntry): Promise<void> {
    const { kernel, keys } = context;
    const { nqn } = want;
    const is = describeExport(tree, nqn);
    const added = want.hosts.filter((host) => !is.hosts.includes(host));
    const hosts: Step[] = [];
    for (const host of added) {
        const needed = want.authenticated.includes(host) && !tree.hosts.some((one) => one.nqn === host && one.hasKey);
        const known = needed ? await keys.load(host) : undefined;
        if (needed && known === undefined) {
            context.log(`${host} was not let in to ${nqn}: its key was not set yet; allow it anew.`);
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
    const namespace = tree.subsystems.find((one) => one.nqn === nqn)?.namespaces[0];
    // Whoever lost the right to be connected must go: every port that stays is unlinked once, and all are linked last.
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
            .map((port) => linkStep(kernel, nqn, port)),
    ]);
}
