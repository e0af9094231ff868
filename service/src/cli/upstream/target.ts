// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import type { ListedExport, ListedPort, BusRequest } from "../../client/index.js";
import { getProperties, listExports, listPorts, nameOfPath, options, request, Variant } from "../../client/index.js";
import { send } from "../../upstream/actions.js";
import { portsObject, targetsObject } from "../../upstream/json.js";
import { listedPorts, listedTargets } from "../../upstream/listing.js";
import { ActionError, STATUS } from "../../upstream/outcome.js";
import type { UpstreamState } from "../../upstream/state.js";
import { openHosts } from "../commands/hostkeys.js";
import type { UpstreamInvocation } from "./options.js";
import type { QueryAnswer } from "./queries.js";
import { portsText, targetsText } from "./texts.js";

const TRANSPORTS: readonly string[] = ["tcp", "rdma", "loop"];
const ANY = { "allow-any-host": new Variant("b", true) };
/** A host has no key in this notation: it connects as it did with rapiddisk 9. */
const NO_KEY = { "no-key": new Variant("b", true) };

/** Reads the number after -P. @throws ActionError */
function portNumber({ port }: UpstreamInvocation): number {
    if (port === undefined) {
        throw new ActionError(STATUS.invalid, "-P PORT is missing: the number of the NVMe port, 1 to 65535.");
    }
    if (!/^[1-9][0-9]{0,4}$/.test(port) || Number(port) > 65535) {
        throw new ActionError(STATUS.invalid, `"${port}" is not the number of an NVMe port; it must be 1 to 65535.`);
    }
    return Number(port);
}

/** Finds the volume or mapping after -b, with its export. @throws ActionError */
async function deviceOf(
    state: UpstreamState,
    { device }: UpstreamInvocation,
): Promise<{ name: string; found: ListedExport | undefined }> {
    if (device === undefined) {
        throw new ActionError(STATUS.invalid, "-b DEVICE is missing: a RAM disk or mapping, for example -b rd0.");
    }
    const name = device.replace(/^\/dev\/(mapper\/)?/, "");
    const known = [...state.volumes, ...state.caches].find((one) => one.Name === name);
    if (known === undefined) {
        throw new ActionError(STATUS.failed, `Error. Device ${name} does not exist.`, "NotFound");
    }
    const exports = await state.manager.send(listExports());
    return { name, found: exports.find((one) => one.Backing === known.path) };
}

async function createPort(state: UpstreamState, invocation: UpstreamInvocation): Promise<string> {
    const id = portNumber(invocation);
    const { name, transport = "tcp" } = invocation;
    if (!TRANSPORTS.includes(transport)) {
        throw new ActionError(STATUS.invalid, `"${transport}" is not a transport; there are tcp, rdma and loop.`);
    }
    const loop = transport === "loop";
    const chosen = options(loop ? {} : { family: new Variant("s", "ipv4") });
    const path = await send(
        state,
        request(INTERFACE.manager, ROOT, "CreatePort", id, transport, loop ? "" : name, chosen),
    );
    if (loop) {
        return `Successfully created port ${id} set for loop.`;
    }
    const { Address: address } = await state.manager.send(getProperties(INTERFACE.port, path));
    return `Successfully created port ${id} set to ${transport} for interface ${name} (with IP address ${address}).`;
}

async function removePort(state: UpstreamState, invocation: UpstreamInvocation): Promise<string> {
    const id = portNumber(invocation);
    const ports = await state.manager.send(listPorts());
    const port = ports.find((one) => one.Id === id);
    if (port === undefined) {
        throw new ActionError(STATUS.failed, `Error. NVMe Target Port ${id} does not exist.`, "NotFound");
    }
    await send(state, request(INTERFACE.port, port.path, "Remove", options()));
    return `NVMe Target port ${id} has been removed.`;
}

async function exportDevice(state: UpstreamState, invocation: UpstreamInvocation): Promise<string> {
    const { name, found } = await deviceOf(state, invocation);
    const id = invocation.port === undefined ? undefined : portNumber(invocation);
    const ports = await state.manager.send(listPorts());
    if (id !== undefined && !ports.some((port) => port.Id === id)) {
        throw new ActionError(STATUS.failed, `Error. Port ${id} does not exist.`, "NotFound");
    }
    const { host } = invocation;
    let nqn = found?.Nqn;
    if (found === undefined) {
        const chosen = options({
            ports: id === undefined ? undefined : new Variant("as", [String(id)]),
            ...(host === undefined ? ANY : { hosts: new Variant("as", [host]), ...NO_KEY }),
        });
        nqn = nameOfPath(await send(state, request(INTERFACE.manager, ROOT, "CreateExport", name, chosen)));
    } else {
        await extend(
            state,
            found,
            ports.filter((port) => id === undefined || port.Id === id),
            host,
        );
    }
    const where = id === undefined ? "all ports" : `port ${id}`;
    return `Block device ${name} has been mapped to ${host ?? "all hosts"} through ${where} as ${nqn}.`;
}

/** Asked again for a device that is exported already: adds the host and the ports that it lacks. */
async function extend(
    state: UpstreamState,
    one: ListedExport,
    ports: readonly ListedPort[],
    host: string | undefined,
): Promise<void> {
    const call = (made: BusRequest): Promise<unknown> => send(state, made);
    if (host === undefined) {
        if (one.AllowedHosts.length > 0) {
            throw new ActionError(
                STATUS.failed,
                `${one.Nqn} is for the hosts ${one.AllowedHosts.join(", ")}; name one with -H.`,
            );
        }
        if (!one.AllowAnyHost) {
            await call(request(INTERFACE.export, one.path, "SetAllowAnyHost", true, options()));
        }
    } else if (!one.AllowedHosts.includes(host)) {
        await call(request(INTERFACE.export, one.path, "AllowHost", host, options(NO_KEY)));
    }
    if (!one.Enabled) {
        await call(request(INTERFACE.export, one.path, "SetEnabled", true, options()));
    }
    for (const port of ports.filter(({ path }) => !one.Ports.includes(path))) {
        const chosen = options(host === undefined ? ANY : {});
        await call(request(INTERFACE.export, one.path, "AddPort", port.Id, chosen));
    }
}

/** What is to be said besides the old texts, on standard error, since scripts take those from standard output. */
export async function targetNote(state: UpstreamState, invocation: UpstreamInvocation): Promise<string | undefined> {
    const { action, host } = invocation;
    if (action !== "e") {
        return undefined;
    }
    const { found } = await deviceOf(state, invocation);
    const ports = await state.manager.send(listPorts());
    if (host === undefined) {
        const isReached = ({ path, Transport }: ListedPort): boolean =>
            found?.Ports.includes(path) === true && Transport !== "loop";
        return found?.AllowAnyHost === true && ports.some(isReached)
            ? `No host was named (-H), so any host may connect to ${found.Nqn}: anyone who reaches the port, at 127.0.0.1 every user ` +
                  `here, can read and write the device. It is narrowed by: rapiddisk export allow ${found.Nqn} HOST`
            : undefined;
    }
    return found !== undefined && openHosts(found, ports).includes(host)
        ? `${host} needs no key, and an NQN does not authenticate a host: anyone who knows it and reaches the port can read ` +
              `and write the device. A key is set by: rapiddisk export rekey ${found.Nqn} ${host} --generate-key`
        : undefined;
}

async function unexportDevice(state: UpstreamState, invocation: UpstreamInvocation): Promise<string> {
    const { name, found } = await deviceOf(state, invocation);
    if (found === undefined) {
        throw new ActionError(STATUS.failed, `${name} is not exported.`, "NotFound");
    }
    const { host } = invocation;
    const id = invocation.port === undefined ? undefined : portNumber(invocation);
    const onPort = found.Ports.find((path) => nameOfPath(path) === String(id));
    if (id !== undefined && onPort === undefined) {
        throw new ActionError(STATUS.failed, `NQN ${found.Nqn} on port ${id} does not exists!`);
    }
    if (host === undefined && found.AllowedHosts.length > 0) {
        throw new ActionError(
            STATUS.failed,
            `${found.Nqn} is for the hosts ${found.AllowedHosts.join(", ")}; name one with -H.`,
        );
    }
    if (host !== undefined && !found.AllowedHosts.includes(host)) {
        throw new ActionError(
            STATUS.failed,
            `Error. Host name '${host}' is not in the list of allowed hosts for this NQN: '${found.Nqn}'`,
        );
    }
    const hostsLeft = found.AllowedHosts.filter((other) => other !== host);
    const portsLeft = id === undefined ? [] : found.Ports.filter((path) => path !== onPort);
    if (host !== undefined && hostsLeft.length + portsLeft.length > 0) {
        await send(state, request(INTERFACE.export, found.path, "DenyHost", host, options()));
    }
    if (hostsLeft.length > 0) {
        const names = hostsLeft.join(" ");
        return `Warning. One or more target(s) is/are still mapped to NQN(s): ${names}. Please remove them first.`;
    }
    if (id !== undefined && portsLeft.length > 0) {
        await send(state, request(INTERFACE.export, found.path, "RemovePort", id, options()));
        return `Warning. The NQN was removed from port ${id}, but is still exported on other ports.`;
    }
    await send(state, request(INTERFACE.export, found.path, "Remove", options()));
    return `Block device ${name} has been removed from the NVMe Target subsystem.`;
}

async function revalidate(state: UpstreamState, invocation: UpstreamInvocation): Promise<string> {
    const { name, found } = await deviceOf(state, invocation);
    if (found === undefined) {
        throw new ActionError(STATUS.failed, `${name} is not exported.`, "NotFound");
    }
    await send(state, request(INTERFACE.export, found.path, "Revalidate", options()));
    return `NVMe Target Namespace size for ${name} revalidated.`;
}

/** Changes of the NVMe target, by their letters. */
export const TARGET_CHANGES: Readonly<
    Record<string, (state: UpstreamState, invocation: UpstreamInvocation) => Promise<string>>
> = {
    i: createPort,
    X: removePort,
    e: exportDevice,
    x: unexportDevice,
    R: revalidate,
};

/** @throws ActionError when the host has no NVMe target */
async function needTarget(state: UpstreamState): Promise<void> {
    const root = await state.manager.send(getProperties(INTERFACE.manager, ROOT));
    if (root.Modules.get("nvmet") !== true) {
        throw new ActionError(
            STATUS.failed,
            "The kernel module nvmet is not loaded. Load it with: rapiddisk modules load",
        );
    }
}

/** Lists of the NVMe target, by their letters. */
export const TARGET_QUERIES: Readonly<Record<string, (state: UpstreamState) => Promise<QueryAnswer>>> = {
    N: async (state) => {
        await needTarget(state);
        const ports = listedPorts(await state.manager.send(listPorts()));
        return { json: portsObject(ports), text: portsText(ports) };
    },
    n: async (state) => {
        await needTarget(state);
        const [exports, ports] = await Promise.all([
            state.manager.send(listExports()),
            state.manager.send(listPorts()),
        ]);
        const targets = listedTargets(exports, ports);
        return { json: targetsObject(targets), text: targetsText(targets) };
    },
};
