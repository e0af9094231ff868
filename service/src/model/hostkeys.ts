// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type { NvmetTree } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import { permission } from "./exportchange.js";
import { changedMeanwhile } from "./identity.js";
import type { HostKeys } from "./nqn.js";
import type { Permission } from "./types.js";

/** Keys belong to a host, on every export: who changes them changes who gets in everywhere the host is allowed. */

/** Finds the exports that allow a host, there or saved. */
export function exportsOf({ saved }: ModelContext, tree: NvmetTree, host: string): { nqn: string; device: string }[] {
    const there = tree.subsystems
        .filter(({ hosts }) => hosts.includes(host))
        .map(({ nqn, namespaces }) => ({ nqn, device: namespaces[0]?.devicePath ?? "" }));
    const known = new Set(tree.subsystems.map(({ nqn }) => nqn));
    return [...there, ...saved.target.exports.filter(({ nqn, hosts }) => !known.has(nqn) && hosts.includes(host))];
}

/**
 * Makes the permissions that a change of a host's keys needs beside that for the export by way of which it is made, by what is
 * known of the target.
 */
export function keyPermissions(context: ModelContext, nqn: string, host: string): Permission[] {
    const tree = context.refresher.target;
    return (tree === undefined ? [] : exportsOf(context, tree, host))
        .filter((one) => one.nqn !== nqn)
        .map((one) => permission("export-allow-host", one, { "export.host": host }));
}

/**
 * Checks that every export that allows the host was asked about.
 * @throws ModelError Failed when by now an export allows the host that nobody was asked about
 */
export function refuseUnasked(
    context: ModelContext,
    tree: NvmetTree,
    nqn: string,
    host: string,
    asked: readonly Permission[],
): void {
    const known = new Set([nqn, ...asked.map(({ details }) => details["export.nqn"])]);
    if (exportsOf(context, tree, host).some((one) => !known.has(one.nqn))) {
        throw changedMeanwhile(`The list of exports that allow ${host}`);
    }
}

/**
 * Reads the saved keys of hosts that the kernel does not know now and that must prove one to a saved export, which is not
 * there: made known without it, they would be let in by that export without a key from then on.
 * @throws ModelError Failed when such a key is not among the saved ones
 */
export async function savedKeys(
    { keys: store, saved }: ModelContext,
    tree: NvmetTree,
    hosts: readonly string[],
): Promise<Map<string, HostKeys>> {
    const found = new Map<string, HostKeys>();
    const unknown = hosts.filter((host) => !tree.hosts.some(({ nqn }) => nqn === host));
    for (const host of unknown) {
        const entry = saved.target.exports.find(({ authenticated }) => authenticated.includes(host));
        if (entry !== undefined) {
            const keys = await store.load(host);
            if (keys === undefined) {
                throw new ModelError(
                    "Failed",
                    `The key that ${host} must prove to the saved export ${entry.nqn} is not among the saved ones; ` +
                        "forget that export first.",
                );
            }
            found.set(host, keys);
        }
    }
    return found;
}

/** Tells whether a host has a key, or one that is saved for when the kernel knows it again. */
export function hasKeptKey({ saved }: ModelContext, tree: NvmetTree, host: string): boolean {
    const known = tree.hosts.find(({ nqn }) => nqn === host);
    return known?.hasKey ?? saved.target.exports.some(({ authenticated }) => authenticated.includes(host));
}

/**
 * Tells whether a host has these very keys already. What it has is read for this comparison alone.
 * @throws ModelError AlreadyExists when it has others, in the kernel or for a saved export
 */
export async function hasSameKeys(
    { kernel, keys: store, saved }: ModelContext,
    tree: NvmetTree,
    host: string,
    keys: HostKeys,
): Promise<boolean> {
    const read = (attribute: string): Promise<string> => kernel.nvmetRead({ kind: "host", host }, attribute);
    const live = tree.hosts.some((one) => one.nqn === host && one.hasKey);
    const kept = saved.target.exports.some(({ authenticated }) => authenticated.includes(host));
    const has = live
        ? {
              key: await read("dhchap_key"),
              controllerKey: await read("dhchap_ctrl_key"),
              hash: await read("dhchap_hash"),
              dhgroup: await read("dhchap_dhgroup"),
          }
        : kept
          ? await store.load(host)
          : undefined;
    if (has === undefined) {
        return false;
    }
    if (!isDeepStrictEqual(has, keys)) {
        throw new ModelError(
            "AlreadyExists",
            `${host} has another key already (EEXIST): allow it without one, then change the one that it has.`,
        );
    }
    return live;
}
