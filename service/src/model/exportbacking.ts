// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which very device an export exports. The target knows it by a path alone, which means another device once a mapping was
 * renamed or a volume made again while the export was switched off: hosts would get that under the same UUID.
 */
import type { NvmetPart, NvmetSubsystem, NvmetTree } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import { identify } from "./identity.js";
import type { ExportBacking, ExportEntry, OwnedObjects } from "./storage.js";

async function deviceOf(context: ModelContext, path: string): Promise<Pick<ExportBacking, "mark" | "mapping">> {
    const { name, mark } = await identify(context, await context.kernel.resolveDevice(path), path);
    return /^dm-\d+$/.test(name) ? { mark, mapping: name } : { mark };
}

/**
 * Gives exports of renamed mappings the path that the mapping has now: the target keeps the one with which it opened the
 * device. A namespace that is switched off has no device open, and keeps the path that it would open.
 * @param backing what is noted of the devices of exports
 * @param pathOf the path of a mapping now, by its kernel name and disk sequence; undefined: not there
 */
export function followRenamed(
    tree: NvmetTree,
    backing: OwnedObjects["backing"],
    pathOf: (mapping: string, mark: string) => string | undefined,
): NvmetTree {
    const follow = (one: NvmetSubsystem): NvmetSubsystem => {
        const [first, ...others] = one.namespaces;
        const known = backing?.[one.nqn];
        if (known?.mapping === undefined || known.made !== one.inode || first?.enabled !== true) {
            return one;
        }
        const devicePath = pathOf(known.mapping, known.mark);
        return devicePath === undefined ? one : { ...one, namespaces: [{ ...first, devicePath }, ...others] };
    };
    return backing === undefined ? tree : { ...tree, subsystems: tree.subsystems.map(follow) };
}

/** Lists the kernel names of the mappings that exports are noted to export. */
export const exportedMappings = ({ backing }: Pick<OwnedObjects, "backing">): string[] =>
    Object.values(backing ?? {}).flatMap(({ mapping }) => mapping ?? []);

/** Reads the NVMe target; its exports have the paths that their devices have now. */
export async function readTarget(
    { kernel, ownership }: Pick<ModelContext, "kernel" | "ownership">,
    part?: NvmetPart,
): Promise<NvmetTree> {
    const tree = await kernel.readNvmet(part);
    const mappings = exportedMappings(ownership.current);
    if (mappings.length === 0) {
        return tree;
    }
    const sequences = await kernel.sequences(mappings);
    const paths = new Map<string, string | undefined>();
    for (const mapping of sequences.keys()) {
        paths.set(mapping, await kernel.stablePath(mapping).catch(() => undefined));
    }
    return followRenamed(tree, ownership.current.backing, (mapping, mark) =>
        `${sequences.get(mapping)}` === mark ? paths.get(mapping) : undefined,
    );
}

/**
 * Notes the device of an export once it is known: when it is switched on, or first seen by a change.
 * @param was how it was before the change; null: not there
 * @param want how it is now; null: gone
 */
export async function noteBacking(
    context: ModelContext,
    nqn: string,
    was: ExportEntry | null,
    want: ExportEntry | null,
): Promise<void> {
    const { kernel, ownership, log } = context;
    try {
        if (want === null) {
            await ownership.setBacking(nqn, undefined);
            return;
        }
        const switchedOn = want.enabled && was?.enabled !== true;
        const firstSeen = ownership.current.backing?.[nqn] === undefined && (want.enabled || was?.enabled === true);
        const made = (await kernel.readNvmet()).subsystems.find((one) => one.nqn === nqn)?.inode;
        if ((switchedOn || firstSeen) && made !== undefined) {
            await ownership.setBacking(nqn, { made, ...(await deviceOf(context, want.device)) });
        }
    } catch (error) {
        log(`The device of ${nqn} could not be noted: ${(error as Error).message}`);
    }
}

/**
 * Checks that the device of a namespace is the one that was exported.
 * @throws ModelError Failed when the path of a namespace means another device than the one that was exported
 */
export async function refuseOtherBacking(
    context: ModelContext,
    { nqn, inode }: NvmetSubsystem,
    devicePath: string,
): Promise<void> {
    const known = context.ownership.current.backing?.[nqn];
    if (known !== undefined && known.made === inode && (await deviceOf(context, devicePath)).mark !== known.mark) {
        throw new ModelError(
            "Failed",
            `${devicePath} is another device than the one that ${nqn} exported: that was renamed or made again meanwhile. ` +
                "Remove the export, and create one for the device that is meant.",
        );
    }
}
