// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Reading the whole target in one pass. */
import { basename } from "node:path";
import { exists, inodeOf, readLine, readLink, readNames, readText, Slices } from "../files.js";
import type { Paths } from "../paths.js";
import { interfaceOf, localAddresses } from "./network.js";
import {
    NO_TARGET,
    PROBE_PREFIX,
    type NvmetHost,
    type NvmetNamespace,
    type NvmetPart,
    type NvmetPort,
    type NvmetSubsystem,
    type NvmetTransport,
    type NvmetTree,
} from "./types.js";

const NUMBER = /^(0|[1-9][0-9]*)$/;
/** What the kernel prints for a value that was never set. */
const UNSET = "(null)";

const numbers = (directory: string): number[] =>
    readNames(directory)
        .filter((name) => NUMBER.test(name))
        .map(Number)
        .sort((a, b) => a - b);

/** Reads what links in a directory point to, by name; the name of a link itself says nothing. */
const targets = (directory: string): string[] =>
    readNames(directory)
        .map((name) => readLink(`${directory}/${name}`))
        .flatMap((target) => (target === undefined ? [] : [basename(target)]));

/** Gives an object as it was read before, when it is certain that nothing in it changed since; else reads it. */
export type Recall = <T>(object: string, read: () => T) => T;

/**
 * Reads everything there is. Objects that come or go meanwhile are there or not; none of it throws.
 * @param part reads the contents of one subsystem and of its hosts only, and takes those of others from an earlier reading
 * @param recall what need not be read again, by path below the target
 */
export async function readTree(
    paths: Paths,
    part?: NvmetPart,
    recall: Recall = (_object, read) => read(),
): Promise<NvmetTree> {
    if (!exists(paths.nvmetSubsystems)) return NO_TARGET;
    const slices = new Slices();
    const tree: NvmetTree = { present: true, subsystems: [], ports: [], hosts: [] };
    const subsystems = new Map(part?.since.subsystems.map((one) => [one.nqn, one]));
    for (const nqn of readNames(paths.nvmetSubsystems).sort()) {
        await slices.pause();
        const known = nqn === part?.nqn ? undefined : subsystems.get(nqn);
        const read = (): NvmetSubsystem => readSubsystem(`${paths.nvmetSubsystems}/${nqn}`, nqn);
        tree.subsystems.push(known ?? recall(`subsystems/${nqn}`, read));
    }
    const ports = numbers(paths.nvmetPorts);
    const addresses = ports.length === 0 ? [] : localAddresses();
    for (const id of ports) {
        const port = recall(`ports/${id}`, () => readPort(`${paths.nvmetPorts}/${id}`, id));
        if (port.address.startsWith(PROBE_PREFIX)) continue;
        tree.ports.push({ ...port, interface: interfaceOf(addresses, port.address) });
    }
    const hosts = new Map(part?.since.hosts.map((one) => [one.nqn, one]));
    const reread = new Set(tree.subsystems.find(({ nqn }) => nqn === part?.nqn)?.hosts);
    for (const nqn of readNames(paths.nvmetHosts).sort()) {
        if (nqn.startsWith(PROBE_PREFIX)) continue;
        await slices.pause();
        const known = reread.has(nqn) ? undefined : hosts.get(nqn);
        tree.hosts.push(known ?? recall(`hosts/${nqn}`, () => readHost(`${paths.nvmetHosts}/${nqn}`, nqn)));
    }
    return tree;
}

function readSubsystem(directory: string, nqn: string): NvmetSubsystem {
    return {
        nqn,
        inode: inodeOf(directory) ?? 0,
        allowAnyHost: readLine(`${directory}/attr_allow_any_host`) === "1",
        serial: readLine(`${directory}/attr_serial`),
        model: readLine(`${directory}/attr_model`),
        hosts: targets(`${directory}/allowed_hosts`).sort(),
        namespaces: numbers(`${directory}/namespaces`).map((id) => readNamespace(`${directory}/namespaces/${id}`, id)),
    };
}

function readNamespace(directory: string, id: number): NvmetNamespace {
    const path = readLine(`${directory}/device_path`);
    return {
        id,
        devicePath: path === UNSET ? "" : path,
        uuid: readLine(`${directory}/device_uuid`),
        nguid: readLine(`${directory}/device_nguid`),
        enabled: readLine(`${directory}/enable`) === "1",
    };
}

/** The interface is not known yet: it goes by the host's addresses, which change without the port. */
function readPort(directory: string, id: number): NvmetPort {
    return {
        id,
        transport: readLine(`${directory}/addr_trtype`) as NvmetTransport,
        family: readLine(`${directory}/addr_adrfam`),
        address: readLine(`${directory}/addr_traddr`),
        service: readLine(`${directory}/addr_trsvcid`),
        interface: "",
        tls: readLine(`${directory}/addr_tsas`) === "tls1.3",
        subsystems: targets(`${directory}/subsystems`).sort(),
        inode: inodeOf(directory) ?? 0,
    };
}

function readHost(directory: string, nqn: string): NvmetHost {
    const set = (attribute: string): boolean =>
        (readText(`${directory}/${attribute}`) ?? "").replace(/[\0\s]/g, "") !== "";
    return { nqn, hasKey: set("dhchap_key"), hasControllerKey: set("dhchap_ctrl_key"), inode: inodeOf(directory) ?? 0 };
}
