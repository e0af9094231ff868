// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { KernelPort, NvmetNode, NvmetSubsystem, NvmetTree } from "../kernel/port.js";
import { lockId, type ModelContext } from "./context.js";
import { errnoOf } from "./errors.js";
import type { HostKeys } from "./nqn.js";
import type { Step } from "./plan.js";
import type { ExportEntry, PortEntry } from "./storage.js";

/**
 * Steps on the NVMe target, in the order that never shows half a thing: hosts, subsystem, who may, namespace, and last
 * the link from the port, which alone makes it reachable. Taking apart goes the other way round, and a namespace is
 * switched off before it is removed.
 */

/** The one namespace of an export of ours. */
export const NAMESPACE = 1;

const namespaceOf = (nqn: string, id = NAMESPACE): NvmetNode => ({ kind: "namespace", nqn, id });
const linkOf = (nqn: string, port: number): NvmetNode => ({ kind: "port-link", port, nqn });

/** Does something to a node that may be gone already. */
async function unlessGone(work: Promise<void>): Promise<void> {
    await work.catch((error: unknown) => {
        if (errnoOf(error) !== "ENOENT") {
            throw error;
        }
    });
}

/** Makes a node; undone by removing it. */
export function createStep(kernel: KernelPort, name: string, node: NvmetNode): Step {
    return { name, run: () => kernel.nvmetCreate(node), undo: () => unlessGone(kernel.nvmetRemove(node)) };
}

/** Writes an attribute; undone by writing what was there before, when that is given. */
export function writeStep(
    kernel: KernelPort,
    name: string,
    node: NvmetNode,
    attribute: string,
    value: string,
    before?: string,
): Step {
    return {
        name,
        run: () => kernel.nvmetWrite(node, attribute, value),
        ...(before === undefined ? {} : { undo: () => kernel.nvmetWrite(node, attribute, before) }),
    };
}

/** Pauses before each further try to open a listener again that was closed a moment ago, in ms. */
const RELINK_PAUSES = [20, 50, 100, 200, 400, 800];

/** Makes a subsystem reachable through a port; the listener of before may need a moment to be gone. */
export async function link(kernel: KernelPort, nqn: string, port: number): Promise<void> {
    for (const pause of [...RELINK_PAUSES, undefined]) {
        try {
            await kernel.nvmetCreate(linkOf(nqn, port));
            return;
        } catch (error) {
            if (errnoOf(error) === "EEXIST") {
                return;
            }
            if (pause === undefined || errnoOf(error) !== "EADDRINUSE") {
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, pause));
        }
    }
}

/** Takes an export off a port: its hosts are disconnected there. Undone by putting it back. */
export function unlinkStep(kernel: KernelPort, nqn: string, port: number): Step {
    return {
        name: `unlink-port-${port}`,
        run: () => unlessGone(kernel.nvmetRemove(linkOf(nqn, port))),
        undo: () => link(kernel, nqn, port),
    };
}

export function linkStep(kernel: KernelPort, nqn: string, port: number): Step {
    return {
        name: `link-port-${port}`,
        run: () => kernel.nvmetCreate(linkOf(nqn, port)),
        undo: () => unlessGone(kernel.nvmetRemove(linkOf(nqn, port))),
    };
}

/** Notes that an object is ours. Undone once it is gone: one that could not be removed stays ours, to be removed later. */
function ownStep(
    name: string,
    kernel: KernelPort,
    isIn: (tree: NvmetTree) => boolean,
    add: () => Promise<void>,
    drop: () => Promise<void>,
): Step {
    return { name, run: add, undo: async () => (isIn(await kernel.readNvmet()) ? undefined : drop()) };
}

/** Makes a host known that is not yet, with its keys, before anything allows it. */
export function hostSteps({ kernel, ownership }: ModelContext, host: string, tree: NvmetTree, keys?: HostKeys): Step[] {
    const node: NvmetNode = { kind: "host", host };
    const isIn = ({ hosts }: NvmetTree): boolean => hosts.some((one) => one.nqn === host);
    const made: Step[] = isIn(tree)
        ? []
        : [
              ownStep(
                  "own-host",
                  kernel,
                  isIn,
                  () => ownership.add("hosts", host),
                  () => ownership.drop("hosts", host),
              ),
              createStep(kernel, "host", node),
          ];
    return [...made, ...(keys === undefined ? [] : keySteps(kernel, host, keys))];
}

/** Puts keys; the way back is found when it is needed, so that no secret waits in memory for it longer than that. */
export function keySteps(kernel: KernelPort, host: string, keys: HostKeys): Step[] {
    const node: NvmetNode = { kind: "host", host };
    const values: [string, string][] = [
        ["dhchap_hash", keys.hash],
        ["dhchap_dhgroup", keys.dhgroup],
        ["dhchap_ctrl_key", keys.controllerKey],
        ["dhchap_key", keys.key],
    ];
    return values.map(([attribute, value]): Step => {
        let before: string | undefined;
        return {
            name: attribute,
            run: async () => {
                before = await kernel.nvmetRead(node, attribute);
                await kernel.nvmetWrite(node, attribute, value);
            },
            undo: async () => {
                if (before !== undefined) {
                    await kernel.nvmetWrite(node, attribute, before);
                }
            },
        };
    });
}

/** Lets a host in, which exists. */
export function allowStep(kernel: KernelPort, nqn: string, host: string): Step {
    return createStep(kernel, "allow-host", { kind: "allowed-host", nqn, host });
}

/** Lets a host in no more. */
export function disallowStep(kernel: KernelPort, nqn: string, host: string): Step {
    const node: NvmetNode = { kind: "allowed-host", nqn, host };
    return {
        name: "disallow-host",
        run: () => unlessGone(kernel.nvmetRemove(node)),
        undo: () => kernel.nvmetCreate(node),
    };
}

/** Finds the name of a volume or mapping by the path of its device. */
const deviceName = (path: string): string => path.replace(/^\/dev\/(mapper\/)?/, "");

/** Builds an export that is not there at all. @param keys of hosts that must prove one */
export function buildSteps(
    context: ModelContext,
    want: ExportEntry,
    tree: NvmetTree,
    keys: ReadonlyMap<string, HostKeys> = new Map(),
): Step[] {
    const { kernel, ownership } = context;
    const { nqn } = want;
    const subsystem: NvmetNode = { kind: "subsystem", nqn };
    const namespace = namespaceOf(nqn);
    const write = (node: NvmetNode, attribute: string, value: string): Step =>
        writeStep(kernel, attribute, node, attribute, value);
    return [
        ownStep(
            "own",
            kernel,
            ({ subsystems }) => subsystems.some((one) => one.nqn === nqn),
            () => ownership.addExport(nqn, deviceName(want.device)),
            () => ownership.drop("exports", nqn),
        ),
        ...want.hosts.flatMap((host) => hostSteps(context, host, tree, keys.get(host))),
        createStep(kernel, "subsystem", subsystem),
        write(subsystem, "attr_serial", want.serial),
        write(subsystem, "attr_model", want.model),
        ...want.hosts.map((host) => allowStep(kernel, nqn, host)),
        ...(want.allowAnyHost ? [write(subsystem, "attr_allow_any_host", "1")] : []),
        createStep(kernel, "namespace", namespace),
        write(namespace, "device_path", want.device),
        write(namespace, "device_uuid", want.uuid),
        write(namespace, "device_nguid", want.uuid),
        ...(want.enabled ? [writeStep(kernel, "enable", namespace, "enable", "1", "0")] : []),
        ...want.ports.map((port) => linkStep(kernel, nqn, port)),
    ];
}

/**
 * Takes a subsystem apart, ours or not. What fails leaves it as it was, as far as that can be made again.
 * @param unlink takes it off a port
 */
export function teardownSteps(
    context: ModelContext,
    subsystem: NvmetSubsystem,
    tree: NvmetTree,
    unlink: (nqn: string, port: number) => Step = (nqn, port) => unlinkStep(context.kernel, nqn, port),
): Step[] {
    const { kernel, ownership } = context;
    const { nqn } = subsystem;
    const node: NvmetNode = { kind: "subsystem", nqn };
    const ours = ownership.current.exports.includes(nqn);
    const rebuild = async (): Promise<void> => {
        await (ours ? ownership.add("exports", nqn) : undefined);
        await kernel.nvmetCreate(node);
        await kernel.nvmetWrite(node, "attr_serial", subsystem.serial);
        await kernel.nvmetWrite(node, "attr_model", subsystem.model);
        if (subsystem.allowAnyHost) {
            await kernel.nvmetWrite(node, "attr_allow_any_host", "1");
        }
    };
    return [
        ...tree.ports.filter((port) => port.subsystems.includes(nqn)).map((port) => unlink(nqn, port.id)),
        ...subsystem.namespaces.flatMap((one): Step[] => {
            const namespace = namespaceOf(nqn, one.id);
            return [
                ...(one.enabled ? [writeStep(kernel, "disable", namespace, "enable", "0", "1")] : []),
                {
                    name: "remove-namespace",
                    run: () => unlessGone(kernel.nvmetRemove(namespace)),
                    undo: async () => {
                        await kernel.nvmetCreate(namespace);
                        if (one.devicePath !== "") {
                            await kernel.nvmetWrite(namespace, "device_path", one.devicePath);
                        }
                        await kernel.nvmetWrite(namespace, "device_uuid", one.uuid);
                        await kernel.nvmetWrite(namespace, "device_nguid", one.nguid);
                    },
                },
            ];
        }),
        ...subsystem.hosts.map((host) => disallowStep(kernel, nqn, host)),
        { name: "remove-subsystem", run: () => unlessGone(kernel.nvmetRemove(node)), undo: rebuild },
        { name: "disown", run: () => ownership.drop("exports", nqn) },
    ];
}

/** Makes a port. It is not reachable before an export is linked to it. */
export function portSteps({ kernel, ownership }: ModelContext, want: PortEntry): Step[] {
    const node: NvmetNode = { kind: "port", id: want.id };
    const write = (attribute: string, value: string): Step[] =>
        value === "" ? [] : [writeStep(kernel, attribute, node, attribute, value)];
    return [
        ownStep(
            "own",
            kernel,
            ({ ports }) => ports.some((one) => one.id === want.id),
            () => ownership.add("ports", want.id),
            () => ownership.drop("ports", want.id),
        ),
        createStep(kernel, "port", node),
        ...write("addr_trtype", want.transport),
        ...write("addr_adrfam", want.family),
        ...write("addr_traddr", want.address),
        ...write("addr_trsvcid", want.service),
        ...(want.tls ? write("addr_tsas", "tls1.3") : []),
    ];
}

/** Removes hosts that we made and nobody allows any more. What fails is told in the problems, and tried again on each look. */
export async function sweepHosts({ kernel, ownership, log }: ModelContext, tree: NvmetTree): Promise<void> {
    const used = new Set(tree.subsystems.flatMap((one) => one.hosts));
    for (const host of ownership.current.hosts.filter((one) => !used.has(one))) {
        try {
            await unlessGone(kernel.nvmetRemove({ kind: "host", host }));
            await ownership.drop("hosts", host);
            ownership.stuckHosts.delete(host);
        } catch (error) {
            const why = (error as Error).message;
            if (ownership.stuckHosts.get(host) !== why) {
                log(`Host ${host}, which nothing allows any more, could not be removed: ${why}`);
            }
            ownership.stuckHosts.set(host, why);
        }
    }
    for (const host of [...ownership.stuckHosts.keys()].filter(
        (one) => used.has(one) || !ownership.current.hosts.includes(one),
    )) {
        ownership.stuckHosts.delete(host);
    }
}

/** Tries again to remove hosts that nobody allows any more and that the kernel did not let go. */
export async function retrySweep(context: ModelContext): Promise<void> {
    const { kernel, locks, ownership, refresher } = context;
    if (ownership.stuckHosts.size > 0) {
        await locks.run("removing hosts that nothing allows", [lockId.target], async () => {
            await sweepHosts(context, await kernel.readNvmet());
            await refresher.refreshTarget();
        });
    }
}
