// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import type { ListedExport, BusRequest } from "../../client/index.js";
import {
    getProperties,
    listExports,
    listPorts,
    nameOfPath,
    objectPath,
    options,
    optionsFor,
    record,
    request,
} from "../../client/index.js";
import type { Plain } from "../../client/json.js";
import { printable } from "../output/text.js";
import { UsageError } from "../units.js";
import type { Command, Operand, Plan, PlanReader } from "./command.js";
import { ANSWERED, creating, IF_EXISTS, IF_NOT_EXISTS, IS_ANSWERED, readMade, single } from "./command.js";
import { NO_KEY, openHosts, openText, takeKeys, takeKeysOf, takenText } from "./hostkeys.js";
import { chooseKeys, KEY_OPTIONS, madeText } from "./keys.js";
import { nqnAdvice } from "./nqnadvice.js";
import { forEachOf, shownName } from "./objects.js";
import { exportTable, hostCommands, otherSideText, PORT_NUMBERS, portPath } from "./targetviews.js";
import { jsonObject, propertyList } from "./views.js";
import { isGiven, OFF, parseNumber, PERSIST, persistenceSentence } from "./volume.js";

const EXPORT: Operand = {
    name: "EXPORT",
    doc: "NQN or object path of an export, or the name or path of the device that it exports.",
    completes: "exports",
};
const HOST: Operand = { name: "HOST", doc: "NQN of a host." };
const PORT: Operand = { name: "PORT", doc: "Number of a port.", completes: "ports" };

/** Finds the object path of the export that a person named. @throws UsageError when a device has none or several */
async function findExport(typed: string, reader: PlanReader): Promise<string> {
    if (typed.startsWith(`${ROOT}/exports/`)) {
        return typed;
    }
    if (typed.startsWith("nqn.")) {
        return objectPath("exports", typed);
    }
    const exports = await reader.read(listExports());
    const meant = exports.filter((one) =>
        [one.Nqn, one.Device, one.Device.replace(/^\/dev\/(mapper\/)?/, "")].includes(typed),
    );
    if (meant.length === 1) {
        return meant[0]!.path;
    }
    if (meant.length > 1) {
        throw new UsageError(
            `"${typed}" means several exports: ${meant.map((one) => one.Nqn).join(", ")}. Name one by its object path.`,
        );
    }
    // Not found is the service's to say.
    return objectPath("exports", typed);
}

async function findExports(typed: readonly string[], reader: PlanReader): Promise<string[]> {
    return [...new Set(await Promise.all(typed.map((one) => findExport(one, reader))))];
}

/** Reads a list after an option: words with commas between them. @throws UsageError for none: an empty variable is not "all" */
function listOf(text: string | undefined, option: string): string[] | undefined {
    const words = text
        ?.split(",")
        .map((word) => word.trim())
        .filter((word) => word !== "");
    if (words?.length === 0) {
        throw new UsageError(`--${option} names nothing; leave it out when that is meant.`);
    }
    return words;
}

/** A command that does one thing to each of several exports. */
const onEach = forEachOf("export", { ...EXPORT, many: true }, findExports);

/** Makes a plan of one request whose only answer is that it is done. */
function saying(call: BusRequest, value: { [key: string]: Plain }, text: string): Plan {
    return single(call, () => ({ value, text: () => `${printable(text)}\n` }));
}

const create: Command = {
    words: ["export", "create"],
    summary: "Export a volume or a cache mapping over NVMe.",
    details:
        "Without --host any host may connect; that is refused while a port is of another transport than loop, a loopback address included, unless --allow-any-host says " +
        "so plainly. With --closed nobody may yet, until export allow. A host that is named gets a key on tcp and rdma ports, where " +
        "the kernel has them and it has none yet: the key is printed, this once.",
    operands: [{ name: "DEVICE", doc: "Name or path of a volume or cache mapping.", completes: "names" }],
    options: {
        nqn: { value: "NQN", doc: "NVMe qualified name; nqn.2021-06.org.rapiddisk:HOSTNAME-DEVICE when not given." },
        port: {
            value: "PORTS",
            doc: "Numbers of ports, commas between them; every port when not given.",
            completes: "ports",
        },
        host: { value: "HOSTS", doc: "NQNs of the hosts that may connect, commas between them." },
        "allow-any-host": { doc: "Any host may connect, wherever the ports are reached from." },
        closed: { doc: "Nobody may connect yet." },
        "no-key": NO_KEY,
        serial: { value: "SERIAL", doc: "Serial number; otherwise made of the device's identity." },
        model: { value: "MODEL", doc: "Model name; RapidDisk when not given." },
        persist: PERSIST,
        "if-not-exists": IF_NOT_EXISTS,
    },
    examples: ["rapiddisk export create rd0 --port 1 --host nqn.2014-08.org.example:web1"],
    plan({ operands, options: given }) {
        if (given.closed !== undefined && (given.host !== undefined || given["allow-any-host"] !== undefined)) {
            throw new UsageError("--closed means nobody: it goes with neither --host nor --allow-any-host.");
        }
        const any = given["allow-any-host"] !== undefined ? true : given.closed !== undefined ? false : undefined;
        const hosts = listOf(given.host, "host");
        const advice = nqnAdvice([...(given.nqn === undefined ? [] : [given.nqn]), ...(hosts ?? [])]);
        const chosen = optionsFor("Manager.CreateExport", {
            nqn: given.nqn,
            ports: listOf(given.port, "port"),
            hosts,
            "allow-any-host": any,
            "no-key": isGiven(given["no-key"]),
            serial: given.serial,
            model: given.model,
            persist: isGiven(given.persist),
        });
        const call = request(INTERFACE.manager, ROOT, "CreateExport", operands[0]!, chosen);
        const plan = creating(call, given["if-not-exists"], async (path, reader) => {
            const one = await reader.read(getProperties(INTERFACE.export, path));
            const keys = await takeKeys(reader, path, one, one.AllowedHosts);
            const open = openHosts(one, await reader.read(listPorts()));
            const where = one.Ports.length === 0 ? "no port" : `port ${one.Ports.map(shownName).join(", ")}`;
            return {
                value: { ...jsonObject({ path, ...one }), keys: Object.fromEntries(keys) },
                text: () =>
                    printable(`Exported ${one.Device} as ${one.Nqn} on ${where}`) +
                    (one.Persistent ? "\nIt is made again at each boot, with its ports.\n" : "\n") +
                    takenText(keys, one.AuthenticatedHosts) +
                    openText(open),
            };
        });
        return {
            ...plan,
            advice,
            followUps: [
                readMade(INTERFACE.export),
                {
                    request: takeKeysOf(ANSWERED, hosts ?? []),
                    when: `If hosts were given keys, for those, where ${IS_ANSWERED}`,
                },
                { request: listPorts() },
            ],
        };
    },
};

const show: Command = {
    words: ["export", "show"],
    summary: "Show an export, who is connected, and the nvme commands for the other side.",
    operands: [EXPORT],
    options: {},
    async plan({ operands }, reader) {
        const path = await findExport(operands[0]!, reader);
        return {
            requests: [
                getProperties(INTERFACE.export, path),
                listPorts(),
                request(INTERFACE.export, path, "GetConnections", options()),
            ],
            outcome(answers) {
                const one = { path, ...(answers[0] as object) } as ListedExport;
                const ports = answers[1] as Parameters<typeof hostCommands>[1];
                const commands = hostCommands(one, ports);
                const connections = (answers[2] as unknown[]).map((row) =>
                    record<{ port: number; transport: string; known: boolean; exclusive: boolean; hosts: string[] }>(
                        row,
                    ),
                );
                const connected = connections.map(({ port, known, exclusive, hosts }) => {
                    const who = !known ? "unknown" : hosts.length === 0 ? "nobody" : hosts.join(", ");
                    return `port ${port}: ${who}${known && !exclusive && hosts.length > 0 ? " (to any export on it)" : ""}`;
                });
                const shown = {
                    ...(answers[0] as object),
                    Backing: shownName(one.Backing),
                    Ports: one.Ports.map(shownName),
                    Connected: connected,
                };
                return {
                    value: { ...jsonObject(one), connections: connections.map(jsonObject), commands },
                    text: (style) =>
                        propertyList(shown, style) + openText(openHosts(one, ports)) + otherSideText(one, commands),
                };
            },
        };
    },
};

const allow: Command = {
    words: ["export", "allow"],
    summary: "Let a host connect to an export, or any host (--any).",
    details:
        "An export that any host may use is narrowed to the host that is named. On an export that is on a tcp or rdma port the host " +
        "gets a key, where the kernel has them, and the key is printed, this once. Keys belong to the host, on every export: " +
        "one that has a key keeps it, and export rekey changes it; one that another export allows without a key is refused.",
    operands: [EXPORT, { ...HOST, optional: true }],
    options: {
        ...KEY_OPTIONS,
        "no-key": NO_KEY,
        any: { doc: "Any host may connect, which drops the list of hosts." },
    },
    async plan({ operands, options: given }, reader) {
        const path = await findExport(operands[0]!, reader);
        const name = nameOfPath(path);
        const host = operands[1];
        if ((host === undefined) === (given.any === undefined)) {
            throw new UsageError("Name either a host or --any.");
        }
        const keys = chooseKeys(given);
        const noKey = isGiven(given["no-key"]);
        const hasKey = Object.values(keys.values).some((value) => value !== undefined);
        if (hasKey && noKey === true) {
            throw new UsageError("Either the host gets a key or --no-key is given, not both.");
        }
        if (host === undefined) {
            if (hasKey || noKey === true) {
                throw new UsageError("Keys are for a host; they mean nothing with --any.");
            }
            const call = request(INTERFACE.export, path, "SetAllowAnyHost", true, options());
            return saying(call, { nqn: name, allow_any_host: true }, `Any host may connect to ${name}.`);
        }
        const chosen = optionsFor("Export.AllowHost", { ...keys.values, "no-key": noKey });
        const call = request(INTERFACE.export, path, "AllowHost", host, chosen);
        const said = `${host} may connect to ${name}.`;
        if (hasKey) {
            return { ...keysOutcome(call, host, keys.made, said), advice: nqnAdvice([host]) };
        }
        const plan = single(call, async (_, inquirer) => {
            const one = await inquirer.read(getProperties(INTERFACE.export, path));
            const taken = await takeKeys(inquirer, path, one, [host]);
            const open = openHosts(one, await inquirer.read(listPorts())).filter((other) => other === host);
            return {
                value: { host, ...(taken.size === 0 ? {} : { key: taken.get(host)! }) },
                text: () =>
                    `${printable(said)}\n` +
                    takenText(
                        taken,
                        one.AuthenticatedHosts.filter((other) => other === host),
                    ) +
                    openText(open),
            };
        });
        return {
            ...plan,
            advice: nqnAdvice([host]),
            followUps: [
                { request: getProperties(INTERFACE.export, path) },
                { request: takeKeysOf(path, [host]), when: "If the host has a key" },
                { request: listPorts() },
            ],
        };
    },
};

function keysOutcome(
    call: BusRequest,
    host: string,
    made: { key?: string; controllerKey?: string },
    text: string,
): Plan {
    return single(call, () => ({
        value: {
            host,
            ...(made.key === undefined ? {} : { key: made.key }),
            ...(made.controllerKey === undefined ? {} : { controller_key: made.controllerKey }),
        },
        text: () => `${printable(text)}\n${madeText(made)}`,
    }));
}

const deny: Command = {
    words: ["export", "deny"],
    summary: "Let a host connect no more and disconnect it, or everybody who is not named (--any).",
    operands: [EXPORT, { ...HOST, optional: true }],
    options: { any: { doc: "No more any host: only those that are named." } },
    async plan({ operands, options: given }, reader) {
        const path = await findExport(operands[0]!, reader);
        const name = nameOfPath(path);
        const host = operands[1];
        if ((host === undefined) === (given.any === undefined)) {
            throw new UsageError("Name either a host or --any.");
        }
        if (host === undefined) {
            const call = request(INTERFACE.export, path, "SetAllowAnyHost", false, options());
            return saying(
                call,
                { nqn: name, allow_any_host: false },
                `Only hosts that are named may connect to ${name}.`,
            );
        }
        const call = request(INTERFACE.export, path, "DenyHost", host, options());
        return saying(call, { nqn: name, host }, `${host} may no more connect to ${name}.`);
    },
};

const rekey: Command = {
    words: ["export", "rekey"],
    summary: "Give an allowed host other keys, or take them away (--off).",
    details: "Keys belong to the host, on every export. A host that is connected stays so until it connects again.",
    operands: [EXPORT, HOST],
    options: { ...KEY_OPTIONS, off: { doc: "The host needs no key any more." } },
    async plan({ operands, options: given }, reader) {
        const path = await findExport(operands[0]!, reader);
        const host = operands[1]!;
        const keys = chooseKeys(given);
        const off = given.off !== undefined;
        if (off === (keys.values.key !== undefined)) {
            throw new UsageError("Give a key (--generate-key or --key-file) or --off.");
        }
        const chosen = optionsFor("Export.SetHostKeys", off ? { clear: true } : keys.values);
        const call = request(INTERFACE.export, path, "SetHostKeys", host, chosen);
        return keysOutcome(call, host, keys.made, off ? `${host} needs no key any more.` : `${host} has other keys.`);
    },
};

function portCommand(word: "add-port" | "remove-port", table: Pick<Command, "summary" | "options">): Command {
    return {
        words: ["export", word],
        ...table,
        operands: [EXPORT, PORT],
        async plan({ operands, options: given }, reader) {
            const path = await findExport(operands[0]!, reader);
            const id = parseNumber(nameOfPath(portPath(operands[1]!)), "PORT", PORT_NUMBERS);
            const chosen = optionsFor("Export.AddPort", { "allow-any-host": isGiven(given["allow-any-host"]) });
            const adding = word === "add-port";
            const call: BusRequest = adding
                ? request(INTERFACE.export, path, "AddPort", id, chosen)
                : request(INTERFACE.export, path, "RemovePort", id, options());
            const name = nameOfPath(path);
            const plan = single(call, async (_, inquirer) => {
                const one = adding ? await inquirer.read(getProperties(INTERFACE.export, path)) : undefined;
                const open = one === undefined ? [] : openHosts(one, await inquirer.read(listPorts()));
                const end = one?.Persistent === true ? ", and is made there again at each boot" : "";
                const text = `${name} is ${adding ? "now" : "no more"} on port ${id}${end}.`;
                return { value: { nqn: name, port: id }, text: () => `${printable(text)}\n${openText(open)}` };
            });
            const followUps = [getProperties(INTERFACE.export, path), listPorts()].map((each) => ({ request: each }));
            return adding ? { ...plan, followUps } : plan;
        },
    };
}

/** Commands about NVMe exports. */
export const EXPORT_COMMANDS: readonly Command[] = [
    {
        words: ["export", "list"],
        summary: "List NVMe exports.",
        operands: [],
        options: {},
        plan: () =>
            single(listExports(), (exports) => ({
                value: exports.map(jsonObject),
                text: (style) => exportTable(exports, style),
            })),
    },
    create,
    show,
    allow,
    deny,
    rekey,
    portCommand("add-port", {
        summary: "Make an export reachable through one more port.",
        options: { "allow-any-host": { doc: "Say plainly that any host may come in through it." } },
    }),
    portCommand("remove-port", {
        summary: "Take an export off a port; its hosts there are disconnected.",
        options: {},
    }),
    onEach(
        "enable",
        { summary: "Switch exports on." },
        (path) => request(INTERFACE.export, path, "SetEnabled", true, options()),
        (name) => `${name} is switched on.`,
    ),
    onEach(
        "disable",
        { summary: "Switch exports off: their hosts lose the device at once." },
        (path) => request(INTERFACE.export, path, "SetEnabled", false, options()),
        (name) => `${name} is switched off.`,
    ),
    onEach(
        "persist",
        { summary: "Make exports again at each boot, with the ports that they are on.", options: { off: OFF } },
        (path, { off }) => request(INTERFACE.export, path, "SetPersistent", off === undefined, options()),
        (name, { off }) =>
            off === undefined
                ? `${name} is made again at each boot, with its ports, if what it exports is.`
                : persistenceSentence(name, false),
    ),
    onEach(
        "revalidate",
        { summary: "Tell connected hosts when the size of the device has changed." },
        (path) => request(INTERFACE.export, path, "Revalidate", options()),
        (name) => `The hosts of ${name} were told.`,
    ),
    onEach(
        "remove",
        {
            summary: "Take exports apart; the devices stay.",
            details: "Hosts lose the device at once.",
            options: { "if-exists": IF_EXISTS },
        },
        (path) => request(INTERFACE.export, path, "Remove", options()),
        (name) => `Removed ${name}.`,
    ),
    {
        words: ["export", "stats"],
        summary: "Show the I/O statistics of an exported device.",
        operands: [EXPORT],
        options: {},
        async plan({ operands }, reader) {
            const path = await findExport(operands[0]!, reader);
            return single(request(INTERFACE.export, path, "GetStatistics", options()), (statistics) => {
                const values = record<Record<string, bigint>>(statistics);
                return {
                    value: jsonObject({ nqn: nameOfPath(path), ...values }),
                    text: (style) => propertyList(values, style),
                };
            });
        },
    },
];
