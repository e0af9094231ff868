// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which very device an export exports. The target knows it by a path alone, which means another device once a mapping was
 * renamed or a volume made again while the export was switched off: hosts would get that under the same UUID.
 */
import type { KernelPort, NvmetSubsystem, NvmetTree } from "../kernel/port.js";
import type { Context } from "./context.js";
import { ModelError } from "./errors.js";
import { identify } from "./identity.js";
import type { Own } from "./own.js";
import type { ExportBacking, ExportEntry } from "./storage.js";

async function deviceOf(context: Context, path: string): Promise<Pick<ExportBacking, "mark" | "mapping">> {
    const { name, mark } = await identify(context, await context.kernel.resolveDevice(path), path);
    return /^dm-\d+$/.test(name) ? { mark, mapping: name } : { mark };
}

/**
 * The kernel, whose exports of renamed mappings have the path that the mapping has now: the target keeps the one with which
 * it opened the device. A namespace that is switched off has no device open, and keeps the path that it would open.
 */
export function followRenamed(kernel: KernelPort, own: Own): KernelPort {
    const followed = async (tree: NvmetTree): Promise<NvmetTree> => {
        const renamed = new Map<number, string>();
        for (const { nqn, inode, namespaces } of tree.subsystems) {
            const known = own.current.backing?.[nqn];
            if (known?.mapping === undefined || known.made !== inode || namespaces[0]?.enabled !== true) {
                continue;
            }
            const number = (await kernel.sequences([known.mapping])).get(known.mapping);
            const path =
                `${number}` === known.mark ? await kernel.stablePath(known.mapping).catch(() => undefined) : undefined;
            if (path !== undefined && path !== namespaces[0].devicePath) {
                renamed.set(inode, path);
            }
        }
        const subsystems = tree.subsystems.map((one) => {
            const devicePath = renamed.get(one.inode);
            const [first, ...others] = one.namespaces;
            return devicePath === undefined || first === undefined
                ? one
                : { ...one, namespaces: [{ ...first, devicePath }, ...others] };
        });
        return renamed.size === 0 ? tree : { ...tree, subsystems };
    };
    const verbs: Pick<KernelPort, "readNvmet" | "snapshot"> = {
        readNvmet: async (part) => followed(await kernel.readNvmet(part)),
        snapshot: async () => {
            const read = await kernel.snapshot();
            return { ...read, nvmet: await followed(read.nvmet) };
        },
    };
    return new Proxy(kernel, {
        get: (target, verb: keyof KernelPort) => {
            if (verb === "readNvmet" || verb === "snapshot") {
                return verbs[verb];
            }
            const other: unknown = Reflect.get(target, verb);
            return typeof other === "function" ? (other.bind(target) as unknown) : other;
        },
    });
}

/**
 * Notes the device of an export once it is known: when it is switched on, or first seen by a change.
 * @param was how it was before the change; null: not there
 * @param want how it is now; null: gone
 */
export async function noteBacking(
    context: Context,
    nqn: string,
    was: ExportEntry | null,
    want: ExportEntry | null,
): Promise<void> {
    const { kernel, own, log } = context;
    try {
        if (want === null) {
            await own.setBacking(nqn, undefined);
            return;
        }
        const switchedOn = want.enabled && was?.enabled !== true;
        const firstSeen = own.current.backing?.[nqn] === undefined && (want.enabled || was?.enabled === true);
        const made = (await kernel.readNvmet()).subsystems.find((one) => one.nqn === nqn)?.inode;
        if ((switchedOn || firstSeen) && made !== undefined) {
            await own.setBacking(nqn, { made, ...(await deviceOf(context, want.device)) });
        }
    } catch (error) {
        log(`The device of ${nqn} could not be noted: ${(error as Error).message}`);
    }
}

/** @throws ModelError Failed when the path of a namespace means another device than the one that was exported */
export async function refuseOtherBacking(
    context: Context,
    { nqn, inode }: NvmetSubsystem,
    devicePath: string,
): Promise<void> {
    const known = context.own.current.backing?.[nqn];
    if (known !== undefined && known.made === inode && (await deviceOf(context, devicePath)).mark !== known.mark) {
        throw new ModelError(
            "Failed",
            `${devicePath} is another device than the one that ${nqn} exported: that was renamed or made again meanwhile. ` +
                "Remove the export, and create one for the device that is meant.",
        );
    }
}
