// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What the commands about exports say of hosts and their keys: those that the service made, and who needs none. */
import { INTERFACE } from "../../facts/busnames.js";
import type { ListedExport, ListedPort } from "../../client/index.js";
import { options, request } from "../../client/index.js";
import { printable } from "../output/text.js";
import type { Option, PlanReader } from "./command.js";

/** The option with which the service makes no key. */
export const NO_KEY: Option = {
    doc:
        "Make no key for a host that has none. Its NQN does not authenticate it: every user here can read it, and any machine " +
        "that presents it and reaches a port can connect.",
};

/** The parts of an export that say who may connect. */
type ExportAccess = Pick<ListedExport, "AllowAnyHost" | "AllowedHosts" | "AuthenticatedHosts" | "Ports">;

/** Finds the allowed hosts that need only their name, which is not secret, on a port that others than root here reach. */
export function openHosts(
    one: ExportAccess,
    ports: readonly Pick<ListedPort, "path" | "Transport" | "Tls">[],
): string[] {
    const isOpen = ports.some(({ path, Transport, Tls }) => one.Ports.includes(path) && Transport !== "loop" && !Tls);
    return isOpen && !one.AllowAnyHost ? one.AllowedHosts.filter((host) => !one.AuthenticatedHosts.includes(host)) : [];
}

/** Writes a line for each host that needs only its name. */
export function openText(hosts: readonly string[]): string {
    return hosts
        .map(
            (host) =>
                `${printable(host)} may connect without a key. An NQN does not authenticate a host: anyone who knows it and ` +
                "reaches a port can read and write the device.\n",
        )
        .join("");
}

/** Asks for keys that the service made for hosts of an export. */
export function takeKeysOf(path: string, hosts: readonly string[]) {
    return request(INTERFACE.export, path, "TakeHostKeys", [...hosts], options());
}

/**
 * Takes the keys that the service made for hosts of an export just now, each of which it gives out once.
 * @param hosts that were named; those without a key are not asked for
 */
export async function takeKeys(
    reader: PlanReader,
    path: string,
    { AuthenticatedHosts: keyed }: Pick<ListedExport, "AuthenticatedHosts">,
    hosts: readonly string[],
): Promise<ReadonlyMap<string, string>> {
    const wanted = hosts.filter((host) => keyed.includes(host));
    return wanted.length === 0 ? new Map() : await reader.read(takeKeysOf(path, wanted));
}

/** Shows the keys that the service made, and tells of hosts that keep theirs. @param keyed hosts that must prove one */
export function takenText(keys: ReadonlyMap<string, string>, keyed: readonly string[]): string {
    const kept = keyed
        .filter((host) => !keys.has(host))
        .map((host) => `${printable(host)} keeps the key that it has.\n`);
    const made = [...keys].map(([host, key]) => `Key of ${printable(host)}: ${key}\n`);
    const use =
        made.length === 0
            ? ""
            : "It is shown this once. The host gives it to nvme connect with --dhchap-secret, and is refused without it.\n";
    return kept.join("") + made.join("") + use;
}
