// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../facts/busnames.js";
import type { BusRequest } from "../client/index.js";
import { BusError, nameOfPath, options, request } from "../client/index.js";
import { modeOfLetters } from "../facts/modes.js";
import { ActionError, type SpecialStatuses, STATUS, statusOf } from "./outcome.js";
import { MOST_MEBIBYTES, parseMebibytes, toBytes } from "./sizes.js";
import type { UpstreamState } from "./state.js";
import { findCache, findVolume, isMounted, needVolumes } from "./state.js";

const SIZE_HELP = `a number of MiB, or a number and B, KB, KiB, MB, MiB, GB or GiB; 1 to ${MOST_MEBIBYTES} MiB`;

/** What an action is given, as the caller wrote it. */
export interface ActionArguments {
    /** The RAM disk or mapping that it is for. */
    name: string;
    /** Size as {@link parseMebibytes} takes it. */
    size?: string;
    /** Path of the device to cache. */
    device?: string;
    /** wt, wa or wb. */
    policy?: string;
}

/** Sends a change and turns the service's error into the exit status that the old CLI had for it. */
export async function send<T>(state: UpstreamState, call: BusRequest<T>, special: SpecialStatuses = {}): Promise<T> {
    try {
        return await state.manager.send(call);
    } catch (error) {
        if (!(error instanceof BusError)) {
            throw error;
        }
        const kind = error.errorName.slice(error.errorName.lastIndexOf(".") + 1);
        throw new ActionError(statusOf(error, special), error.message, kind);
    }
}

function readSize(text: string | undefined): bigint {
    if (text === undefined) {
        throw new ActionError(STATUS.invalid, `-c SIZE is missing: ${SIZE_HELP}.`);
    }
    const mebibytes = parseMebibytes(text);
    if (mebibytes === undefined) {
        throw new ActionError(STATUS.invalid, `"${text}" is not a size: ${SIZE_HELP}.`);
    }
    return mebibytes;
}

async function attach(state: UpstreamState, { size }: ActionArguments): Promise<string> {
    const mebibytes = readSize(size);
    const path = await send(state, request(INTERFACE.manager, ROOT, "CreateVolume", toBytes(mebibytes), options()));
    return `Attached device ${nameOfPath(path)} of size ${mebibytes} Mbytes.`;
}

async function detach(state: UpstreamState, { name }: ActionArguments): Promise<string> {
    needVolumes(state, STATUS.invalid);
    const volume = findVolume(state, name, STATUS.failed);
    await send(state, request(INTERFACE.volume, volume.path, "Remove", options()));
    return `Detached device ${name}.`;
}

async function resize(state: UpstreamState, { name, size }: ActionArguments): Promise<string> {
    needVolumes(state, STATUS.invalid);
    const mebibytes = readSize(size);
    const volume = findVolume(state, name);
    if (volume.Size === toBytes(mebibytes)) {
        throw new ActionError(STATUS.invalid, `${name} has that size already: ${mebibytes} Mbytes.`);
    }
    await send(state, request(INTERFACE.volume, volume.path, "Resize", toBytes(mebibytes), options()), {
        Busy: STATUS.invalid,
        InvalidArgument: STATUS.invalid,
    });
    return `Resized device ${name} to ${mebibytes} Mbytes.`;
}

async function erase(state: UpstreamState, { name }: ActionArguments): Promise<string> {
    const volume = findVolume(state, name);
    const mapped = state.caches.some((cache) => cache.Volume === volume.path);
    await send(state, request(INTERFACE.volume, volume.path, "Erase", options()), {
        Busy: (message) => (mapped || isMounted(volume, message) ? STATUS.busy : STATUS.inputOutput),
    });
    return `Flushed all data from device ${name}.`;
}

async function setLock(state: UpstreamState, name: string, locked: boolean): Promise<string> {
    const volume = findVolume(state, name);
    await send(state, request(INTERFACE.volume, volume.path, "SetReadOnly", locked, options()));
    // Without a full stop, and scripts compare whole lines.
    return `Device ${name} is now set to ${locked ? "read-only" : "read-write"}`;
}

async function map(state: UpstreamState, { name, device, policy = "wt" }: ActionArguments): Promise<string> {
    if (device === undefined) {
        throw new ActionError(
            STATUS.invalid,
            "-b DEVICE is missing: the block device to cache, for example -b /dev/sdb.",
        );
    }
    const mode = modeOfLetters(policy);
    if (mode === undefined) {
        throw new ActionError(STATUS.invalid, `"${policy}" is not a policy; there are wt, wa and wb.`);
    }
    findVolume(state, name);
    if (!device.startsWith("/dev/")) {
        throw new ActionError(
            STATUS.failed,
            "Error. Source device does not seem to be a normal block device listed in the /dev directory path.",
            "InvalidArgument",
        );
    }
    const path = await send(state, request(INTERFACE.manager, ROOT, "CreateCache", name, device, mode, options()), {
        NotFound: STATUS.notFound,
    });
    return `Command to map ${nameOfPath(path)} with ${name} and ${device} has been sent.`;
}

async function unmap(state: UpstreamState, { name }: ActionArguments): Promise<string> {
    const cache = findCache(state, name);
    await send(state, request(INTERFACE.cache, cache.path, "Remove", options()), {
        Busy: (message) => (isMounted(cache, message) ? STATUS.busy : STATUS.failed),
        ...(cache.Mode === "writeback" ? { Failed: STATUS.flushRefused } : {}),
    });
    return `Command to unmap ${name} has been sent.`;
}

/** What an action that changes something answers when it worked; an ActionError when it did not. */
export type UpstreamChange = (state: UpstreamState, order: ActionArguments) => Promise<string>;

/** Actions that change something and answer with one sentence. */
export const CHANGES: Readonly<Record<string, UpstreamChange>> = {
    a: attach,
    d: detach,
    r: resize,
    f: erase,
    L: (state, { name }) => setLock(state, name, true),
    U: (state, { name }) => setLock(state, name, false),
    m: map,
    u: unmap,
};
