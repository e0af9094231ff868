// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { commandLine } from "../../../service/src/facts/shell.js";
import type { Export, Port } from "./objects.js";

/** What a host that may connect has to type, through one port. */
export interface Way {
    readonly port: Port;
    /** NQN of the host; empty when any may. */
    readonly host: string;
    readonly discover: string;
    readonly connect: string;
    /** Whether the host must prove a key, which it puts in place of KEY. */
    readonly key: boolean;
    /** Whether the port listens on every address, so that one of this host's is to be put in place of ADDRESS. */
    readonly anyAddress: boolean;
}

/**
 * The commands of nvme-cli for hosts that may connect to an export, one pair for each port and each host.
 * @param ports those that there are; only the export's own count
 */
export function waysTo(it: Export, ports: ReadonlyMap<string, Port>): Way[] {
    const hosts = it.AllowAnyHost ? [""] : it.AllowedHosts;
    return it.Ports.flatMap((path) => {
        const port = ports.get(path);
        if (!port) return [];
        const anyAddress = port.Address === "0.0.0.0" || port.Address === "::";
        const address = ["-a", anyAddress ? "ADDRESS" : port.Address, "-s", port.Service];
        const where = ["-t", port.Transport, ...(port.Address === "" ? [] : address)];
        return hosts.map((host) => {
            const who = host === "" ? [] : ["-q", host];
            const key = it.AuthenticatedHosts.includes(host);
            const proof = key ? ["--dhchap-secret", "KEY"] : [];
            const tls = port.Tls ? ["--tls"] : [];
            return {
                port,
                host,
                key,
                anyAddress,
                discover: commandLine(["nvme", "discover", ...where, ...who, ...tls]),
                connect: commandLine(["nvme", "connect", ...where, "-n", it.Nqn, ...who, ...proof, ...tls]),
            };
        });
    });
}
