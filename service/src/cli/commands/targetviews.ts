// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { commandLine, shellQuote } from "../../facts/shell.js";
import { ROOT } from "../../facts/busnames.js";
import type { ListedExport, ListedPort } from "../../client/index.js";
import { objectPath } from "../../client/index.js";
import type { TextColumn, OutputStyle } from "../output/table.js";
import { renderTable } from "../output/table.js";
import { printable } from "../output/text.js";
import { UsageError } from "../units.js";
import { shownName } from "./objects.js";
import { usersCell, yesNo } from "./views.js";

/** Numbers that nvmet gives ports. */
export const PORT_NUMBERS = [1, 65_535] as const;

/** Finds the object path of the port that a person named by its number. @throws UsageError */
export function portPath(typed: string): string {
    if (typed.startsWith(`${ROOT}/ports/`)) {
        return typed;
    }
    if (!/^[1-9][0-9]{0,4}$/.test(typed) || Number(typed) > PORT_NUMBERS[1]) {
        throw new UsageError(`"${typed}" is not the number of a port; it must be ${PORT_NUMBERS.join(" to ")}.`);
    }
    return objectPath("ports", typed);
}

type PortWords = Pick<ListedPort, "Transport" | "Address" | "Service">;

/** Names a port in words: tcp 192.0.2.10:4420. */
export function portWords({ Transport, Address, Service }: PortWords): string {
    const address = Address.includes(":") ? `[${Address}]` : Address;
    return Address === "" ? Transport || "-" : `${Transport} ${address}:${Service}`;
}

const PORT_COLUMNS: readonly TextColumn[] = [
    { title: "PORT", align: "right" },
    { title: "ADDRESS" },
    { title: "INTERFACE" },
    { title: "AT BOOT" },
    { title: "EXPORTS", flexible: true },
];

/** Makes the table of ports. */
export function portTable(ports: readonly ListedPort[], style: OutputStyle): string {
    if (ports.length === 0) {
        return "No ports.\n";
    }
    const rows = ports.map((port) => [
        String(port.Id),
        portWords(port),
        port.Interface || "-",
        yesNo(port.Persistent),
        usersCell(port.Exports.map(shownName)),
    ]);
    return renderTable(PORT_COLUMNS, rows, style);
}

const EXPORT_COLUMNS: readonly TextColumn[] = [
    { title: "EXPORT", flexible: true },
    { title: "DEVICE" },
    { title: "ON" },
    { title: "PORTS" },
    { title: "AT BOOT" },
    { title: "HOSTS", flexible: true },
];

/** Lists the hosts that may connect, and marks those that need no key. */
function hostsCell({ AllowedHosts: allowed, AuthenticatedHosts: keyed }: ListedExport): string {
    return allowed.map((host) => (keyed.includes(host) ? host : `${host} (no key)`)).join(", ");
}

/** Makes the table of exports. */
export function exportTable(exports: readonly ListedExport[], style: OutputStyle): string {
    if (exports.length === 0) {
        return "No exports.\n";
    }
    const rows = exports.map((one) => [
        one.Nqn,
        one.Device || "-",
        yesNo(one.Enabled),
        one.Ports.map(shownName).join(",") || "-",
        yesNo(one.Persistent),
        one.AllowAnyHost ? "any" : hostsCell(one) || "nobody",
    ]);
    return renderTable(EXPORT_COLUMNS, rows, style);
}

/**
 * Where a host connects: the words of nvme(1) that say so. An address that means all of them is for a person to fill in, and
 * so is the interface of a link-local one: it is that host's own.
 */
function whereWords({ Transport, Address, Service }: PortWords): string[] {
    const wildcard = Address === "0.0.0.0" || Address === "::";
    const address = wildcard ? "ADDRESS-OF-THIS-HOST" : Address.replace(/%.*$/, "%INTERFACE-OF-THE-OTHER-HOST");
    return ["-t", Transport, ...(Address === "" ? [] : ["-a", address, "-s", Service])];
}

/** Writes the commands of nvme-cli for the other side, for a shell: discover and connect, for each port and each host that may. */
export function hostCommands(one: ListedExport, ports: readonly ListedPort[]): string[] {
    const hosts = one.AllowAnyHost ? [undefined] : one.AllowedHosts;
    return ports
        .filter((port) => one.Ports.includes(port.path))
        .flatMap((port) =>
            hosts.flatMap((host) => {
                const where = whereWords(port);
                const who = host === undefined ? [] : ["-q", host];
                const proof =
                    host !== undefined && one.AuthenticatedHosts.includes(host) ? ["--dhchap-secret", "KEY"] : [];
                const tls = port.Tls ? ["--tls"] : [];
                return [
                    ["nvme", "discover", ...where, ...who, ...tls],
                    ["nvme", "connect", ...where, "-n", one.Nqn, ...who, ...proof, ...tls],
                ].map(commandLine);
            }),
        );
}

/** Tells a person what to do on the other side: the commands, and what is still missing before they attach a disk. */
export function otherSideText(one: ListedExport, commands: readonly string[]): string {
    const name = shellQuote(one.Nqn);
    const missing = [
        ...(one.Ports.length === 0 ? [`It is on no port: rapiddisk export add-port ${name} PORT`] : []),
        ...(one.AllowAnyHost || one.AllowedHosts.length > 0
            ? []
            : [`Nobody may connect yet: rapiddisk export allow ${name} HOST`]),
        ...(one.Enabled ? [] : [`It is switched off: rapiddisk export enable ${name}`]),
    ];
    const lines =
        commands.length === 0 ? missing : [...missing, "On the other side:", ...commands.map((line) => `  ${line}`)];
    return lines.length === 0 ? "" : `\n${lines.map((line) => `${printable(line)}\n`).join("")}`;
}
