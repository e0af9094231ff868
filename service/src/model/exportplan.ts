// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModuleName, NvmetFeatures, NvmetTree } from "../kernel/port.js";
import type { ModelContext } from "./context.js";
import { readTarget } from "./exportbacking.js";
import { ModelError } from "./errors.js";
import { lookNow } from "./inuse.js";
import {
    checkKey,
    checkModelName,
    checkNqn,
    checkSerial,
    defaultNqn,
    parseGroup,
    parseHash,
    type HostKeys,
} from "./nqn.js";
import { everybodyOn, isLocal, needTarget } from "./portplan.js";
import { refuseSameSerial } from "./serials.js";
import { busy } from "./retrybusy.js";
import type { ExportEntry } from "./storage.js";

/** What a caller asks an export to be. */
export interface ExportRequest {
    device: { kind: "volume" | "cache"; id: string };
    nqn?: string;
    /** Numbers; default every port. */
    ports?: readonly number[];
    hosts?: readonly string[];
    serial?: string;
    model?: string;
    /** Said plainly; default: any host when no host is named. */
    allowAnyHost?: boolean;
    /** Said plainly that the named hosts need no key; default: those without one get one, where it counts. */
    noKey?: boolean;
}

/** The model name when none is given. */
const MODEL = "RapidDisk";
/** Most hosts and ports that one request may name. */
const MOST = 1024;

/** Checks what needs no look at the host. @throws ModelError InvalidArgument, LimitsExceeded */
export function checkExportRequest(request: ExportRequest): void {
    const { nqn, hosts = [], ports = [], serial, model } = request;
    if (nqn !== undefined) {
        checkNqn(nqn);
    }
    if (hosts.length > MOST || ports.length > MOST) {
        throw new ModelError("LimitsExceeded", `An export takes at most ${MOST} hosts and ports in one call.`);
    }
    hosts.forEach((host) => checkNqn(host, "Host"));
    if (serial !== undefined) {
        checkSerial(serial);
    }
    if (model !== undefined) {
        checkModelName(model);
    }
    if (request.allowAnyHost === true && hosts.length > 0) {
        throw new ModelError("InvalidArgument", "Either hosts are named or any host is allowed, not both.");
    }
}

/**
 * Works out the export that a request means, by the kernel as it is now. Nothing is changed, so that it may be done
 * before anybody was asked; the identity is left out for that reason.
 * What others export may be as last known, but for the users of the device itself.
 * @param locked it is going to be made now, so that a device that nothing uses as far as is known is looked at once more
 */
export async function planExport(
    context: ModelContext,
    request: ExportRequest,
    locked: boolean,
): Promise<{ want: ExportEntry; tree: NvmetTree }> {
    const { kernel, refresher } = context;
    const { id } = request.device;
    const [network, available] = await Promise.all([kernel.readNetwork(), kernel.availableModules()]);
    const nqn = request.nqn ?? defaultNqn(network.hostname, id);
    const tree = await readTarget(context, refresher.partOf(nqn));
    needTarget(tree, available satisfies readonly ModuleName[]);
    checkNqn(nqn);
    if (tree.subsystems.some((one) => one.nqn === nqn)) {
        throw new ModelError("AlreadyExists", `${nqn} exists already.`);
    }
    const device = await freeDevice(context, request.device, tree, locked);
    const ports = choosePorts(request, tree);
    const hosts = [...new Set(request.hosts ?? [])];
    const allowAnyHost = request.allowAnyHost ?? hosts.length === 0;
    if (allowAnyHost && request.allowAnyHost !== true) {
        refuseOpenPorts(tree, ports, nqn);
    }
    const keyed = new Set(tree.hosts.filter((host) => host.hasKey).map((host) => host.nqn));
    const want: ExportEntry = {
        nqn,
        device,
        uuid: "",
        serial: request.serial ?? "",
        model: request.model ?? MODEL,
        enabled: true,
        allowAnyHost,
        hosts,
        authenticated: hosts.filter((host) => keyed.has(host)),
        ports,
    };
    refuseSameSerial(want, tree, context.saved.target.exports);
    return { want, tree };
}

/** Finds the path of a volume or cache that nothing uses. @throws ModelError NotFound, Busy, Failed (read-only) */
async function freeDevice(
    context: ModelContext,
    { kind, id }: ExportRequest["device"],
    target: NvmetTree,
    locked: boolean,
): Promise<string> {
    const { kernel, tree } = context;
    const volume = kind === "volume" ? tree.volumes.get(id) : undefined;
    const known = volume ?? (kind === "cache" ? tree.caches.get(id) : undefined);
    if (known === undefined) {
        throw new ModelError("NotFound", `There is no ${kind} ${id}.`);
    }
    const path = known.device;
    if (!locked && known.users.length === 0 && volume?.readOnly !== true) {
        return path;
    }
    const { users, readOnly } = await lookNow(context, await kernel.resolveDevice(path), target);
    if (users.length > 0) {
        throw busy(id, users);
    }
    if (readOnly) {
        throw new ModelError("Failed", `${id} is read-only, and the kernel exports only what can be written (EACCES).`);
    }
    return path;
}

function choosePorts(request: ExportRequest, tree: NvmetTree): number[] {
    if (request.ports === undefined) {
        return tree.ports.filter((port) => ["tcp", "rdma", "loop"].includes(port.transport)).map((port) => port.id);
    }
    return [...new Set(request.ports)].map((id) => needPort(tree, id).id);
}

/** Finds a port by its number. @throws ModelError NotFound naming the ports that there are */
export function needPort(tree: NvmetTree, id: number): NvmetTree["ports"][number] {
    const port = tree.ports.find((one) => one.id === id);
    if (port === undefined) {
        const known = tree.ports.map((one) => one.id).join(", ");
        throw new ModelError("NotFound", `There is no port ${id}; there are ${known === "" ? "none" : known}.`);
    }
    return port;
}

/**
 * Refuses an export that would be open to any host by default on a port that others than root of this host reach.
 * @throws ModelError InvalidArgument naming the port
 */
export function refuseOpenPorts(tree: NvmetTree, ports: readonly number[], nqn: string): void {
    const open = tree.ports.find((port) => ports.includes(port.id) && !isLocal(port));
    if (open !== undefined) {
        throw new ModelError(
            "InvalidArgument",
            `${everybodyOn(open)} could read and write ${nqn}: ` +
                "name the hosts that may, or say plainly that any host is allowed (allow-any-host).",
        );
    }
}

/** Keys as a caller gives them. */
export interface KeyRequest {
    key?: string;
    controllerKey?: string;
    hash?: string;
    dhgroup?: string;
    /** Said plainly that no key is made. */
    noKey?: boolean;
}

/**
 * Checks keys. @returns undefined when none were asked for
 * @throws ModelError InvalidArgument, which never repeats a key; NotSupported where the kernel knows none
 */
export function parseKeys(request: KeyRequest, features: NvmetFeatures): HostKeys | undefined {
    const { key, controllerKey, hash, dhgroup, noKey } = request;
    if (key !== undefined && noKey === true) {
        throw new ModelError("InvalidArgument", "Either a key is given or none is wanted (no-key), not both.");
    }
    if (key === undefined) {
        if (controllerKey !== undefined || hash !== undefined || dhgroup !== undefined) {
            throw new ModelError(
                "InvalidArgument",
                "A controller key, hash or group means nothing without the host's key.",
            );
        }
        return undefined;
    }
    const keys = {
        key: checkKey(key, "The key"),
        controllerKey: controllerKey === undefined ? "" : checkKey(controllerKey, "The controller key"),
        hash: parseHash(hash),
        dhgroup: parseGroup(dhgroup),
    };
    if (!features.auth) {
        throw new ModelError(
            "NotSupported",
            "The NVMe target of this kernel knows no DH-HMAC-CHAP (hosts have no dhchap_key), or nvmet is not loaded.",
        );
    }
    return keys;
}

/** Describes an export as it is, in the form in which it is saved. @throws ModelError NotFound */
export function describeExport(tree: NvmetTree, nqn: string): ExportEntry {
    const subsystem = tree.subsystems.find((one) => one.nqn === nqn);
    if (subsystem === undefined) {
        throw new ModelError("NotFound", `There is no export ${nqn}; it was removed meanwhile (ENOENT).`);
    }
    const keyed = new Set(tree.hosts.filter((host) => host.hasKey).map((host) => host.nqn));
    const namespace = subsystem.namespaces[0];
    return {
        nqn,
        device: namespace?.devicePath ?? "",
        uuid: namespace?.uuid ?? "",
        serial: subsystem.serial,
        model: subsystem.model,
        enabled: namespace?.enabled ?? false,
        allowAnyHost: subsystem.allowAnyHost,
        hosts: subsystem.hosts,
        authenticated: subsystem.hosts.filter((host) => keyed.has(host)),
        ports: tree.ports.filter((port) => port.subsystems.includes(nqn)).map((port) => port.id),
    };
}
