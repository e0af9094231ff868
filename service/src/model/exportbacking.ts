// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Which very device an export exports. The target knows it by a path alone, which means another device once a mapping was
 * renamed or a volume made again while the export was switched off: hosts would get that under the same UUID.
 */
import type { NvmetSubsystem } from "../kernel/port.js";
import type { Context } from "./context.js";
import { ModelError } from "./errors.js";
import { identify } from "./identity.js";
import type { ExportEntry } from "./storage.js";

async function markOf(context: Context, path: string): Promise<string> {
    return (await identify(context, await context.kernel.resolveDevice(path), path)).mark;
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
            await own.setBacking(nqn, { made, mark: await markOf(context, want.device) });
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
    if (known !== undefined && known.made === inode && (await markOf(context, devicePath)) !== known.mark) {
        throw new ModelError(
            "Failed",
            `${devicePath} is another device than the one that ${nqn} exported: that was renamed or made again meanwhile. ` +
                "Remove the export, and create one for the device that is meant.",
        );
    }
}
