// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, ROOT } from "../../facts/busnames.js";
import { choicesOf, getProperties, listPorts, options, optionsFor, request } from "../../client/index.js";
import type { Command, Operand } from "./command.js";
import { creating, forEach, IF_EXISTS, IF_NOT_EXISTS, readMade, single } from "./command.js";
import { shownName } from "./objects.js";
import { PORT_NUMBERS, portPath, portTable, portWords } from "./targetviews.js";
import { jsonObject, propertyList } from "./views.js";
import { isGiven, OFF, parseNumber, PERSIST, persistenceSentence } from "./volume.js";

const PORT: Operand = { name: "PORT", doc: "Number or object path of a port.", completes: "ports" };

/** Commands about ports of the NVMe target. */
export const PORT_COMMANDS: readonly Command[] = [
    {
        words: ["port", "list"],
        summary: "List NVMe target ports.",
        operands: [],
        options: {},
        plan: () =>
            single(listPorts(), (ports) => ({
                value: ports.map(jsonObject),
                text: (style) => portTable(ports, style),
            })),
    },
    {
        words: ["port", "create"],
        summary: "Create an NVMe target port: an address where hosts connect.",
        details: "Nothing can be reached through it before an export is put on it.",
        operands: [
            { name: "TRANSPORT", doc: "tcp, rdma or loop (this very host).", completes: ["tcp", "rdma", "loop"] },
            { name: "ADDRESS", doc: "IP address or name of an interface; none for loop.", optional: true },
        ],
        options: {
            id: { value: "NUMBER", doc: "Number of the port; the lowest free one when not given." },
            service: { value: "NUMBER", doc: "TCP or RDMA port number; 4420 when not given." },
            family: {
                value: "FAMILY",
                doc: "Which address of an interface: ipv4 or ipv6.",
                completes: choicesOf("Manager.CreatePort", "family"),
            },
            tls: { doc: "Hosts must speak TLS (tcp only)." },
            persist: PERSIST,
            "if-not-exists": { doc: `${IF_NOT_EXISTS.doc} A port with that number or that address counts.` },
        },
        examples: ["rapiddisk port create tcp 192.0.2.10", "rapiddisk port create loop"],
        plan({ operands, options: given }) {
            const chosen = optionsFor("Manager.CreatePort", {
                service: given.service,
                family: given.family,
                tls: isGiven(given.tls),
                persist: isGiven(given.persist),
            });
            const id = given.id === undefined ? 0 : parseNumber(given.id, "--id", PORT_NUMBERS);
            const call = request(INTERFACE.manager, ROOT, "CreatePort", id, operands[0]!, operands[1] ?? "", chosen);
            const plan = creating(call, given["if-not-exists"], async (path, reader) => {
                const port = await reader.read(getProperties(INTERFACE.port, path));
                return {
                    value: jsonObject({ path, ...port }),
                    text: () => `Created port ${port.Id}: ${portWords(port)}\n`,
                };
            });
            return { ...plan, followUps: [readMade(INTERFACE.port)] };
        },
    },
    {
        words: ["port", "show"],
        summary: "Show every property of a port.",
        operands: [PORT],
        options: {},
        plan({ operands }) {
            const path = portPath(operands[0]!);
            return single(getProperties(INTERFACE.port, path), (port) => ({
                value: jsonObject({ path, ...port }),
                text: (style) => propertyList({ ...port, Exports: port.Exports.map(shownName) }, style),
            }));
        },
    },
    {
        words: ["port", "persist"],
        summary: "Make ports again at each boot.",
        operands: [{ ...PORT, many: true }],
        options: { off: OFF },
        plan({ operands, options: { off } }) {
            const paths = [...new Set(operands.map(portPath))];
            return forEach(
                paths.map(shownName),
                paths.map((path) => request(INTERFACE.port, path, "SetPersistent", off === undefined, options())),
                (name) => persistenceSentence(`Port ${name}`, off === undefined),
            );
        },
    },
    {
        words: ["port", "remove"],
        summary: "Remove ports. Refused while an export uses one.",
        operands: [{ ...PORT, many: true }],
        options: { "if-exists": IF_EXISTS },
        plan({ operands, options: given }) {
            const paths = [...new Set(operands.map(portPath))];
            return forEach(
                paths.map(shownName),
                paths.map((path) => request(INTERFACE.port, path, "Remove", options())),
                (name) => `Removed port ${name}.`,
                given["if-exists"],
            );
        },
    },
];
