// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type {
    UpstreamCache,
    UpstreamPort,
    UpstreamResource,
    UpstreamTarget,
    UpstreamVolume,
} from "../../upstream/json.js";
import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../../statisticnames.js";
import { printable } from "../output/text.js";
import { toMebibytes } from "../../upstream/sizes.js";

const MODE_WORDS: Readonly<Record<string, string>> = {
    "write-through": "WRITE THROUGH",
    "write-around": "WRITE AROUND",
    writeback: "WRITEBACK",
};

/** Lines above every answer in text: name and version, copyright, a blank line. */
export function banner(version: string): string {
    return `rapiddisk ${version}\nCopyright (C) 2026 The RapidDisk Manager authors\n\n`;
}

/** Writes the text of -l. Scripts look for `RapidDisk Device N: rdN`, for `Cache: rdN` and for the tabs between the fields. */
export function listText(volumes: readonly UpstreamVolume[], caches: readonly UpstreamCache[]): string {
    const disks = volumes.map(
        ({ device, size, usage, status }, index) =>
            ` RapidDisk Device ${index + 1}: ${device}\tSize (KB): ${size / 1024n}\tUsage (KB): ${usage / 1024n}` +
            `\tStatus: ${status[0]!.toUpperCase()}${status.slice(1)}\n`,
    );
    const mappings = caches.map(({ device, cache, source, mode }, index) => {
        const kind = mode === "writeback" ? "dm-writecache Target   " : "RapidDisk-Cache Target ";
        return ` ${kind}${index + 1}: ${device}\tCache: ${cache}  Target: ${source} (${MODE_WORDS[mode] ?? mode})\n`;
    });
    return (
        `List of RapidDisk device(s):\n\n${disks.join("")}\n` +
        `List of RapidDisk-Cache mapping(s):\n\n${mappings.join("") || "  None\n"}\n`
    );
}

/**
 * Text of -s: statistics without labels in one line. For the modes of rapiddisk-cache two columns follow that are always 0.
 */
export function statisticsText(mode: string, statistics: ReadonlyMap<string, bigint>): string {
    const names: readonly string[] = mode === "writeback" ? WRITEBACK_STATISTICS : THROUGH_STATISTICS;
    const values = names.map((name) => statistics.get(name) ?? 0n);
    return `${(mode === "writeback" ? values : [...values, 0n, 0n]).join(" ")}\n`;
}

/** Writes the text of -q: memory in bytes, then the block devices, numbered, sizes in MiB. */
export function resourcesText(total: bigint, free: bigint, devices: readonly UpstreamResource[]): string {
    const blocks = devices.map(
        ({ device, size, vendor, model }, index) =>
            ` Block Device ${index + 1}:\n\tDevice: ${device}\n\tSize (MB): ${toMebibytes(size)}\n` +
            `\tVendor: ${vendor}\n\tModel: ${model}\n`,
    );
    return (
        `List of memory usage:\n\n Memory total: ${total}\n Memory free: ${free}\n` +
        `\nList of block device(s):\n\n${blocks.join("")}\n`
    );
}

/** Writes the text of -h. */
export const HELP = `Usage: rapiddisk [options]

 Options (the last one that does something wins):

  -a SIZE     attach a new RAM disk; MiB unless one of B KB KiB MB MiB GB GiB follows the number
  -b DEVICE   block device, for -m
  -c SIZE     new size, for -r
  -d RDISK    detach a RAM disk, for example rd0
  -f RDISK    erase the contents of a RAM disk
  -g          no banner
  -h          this help
  -j          answer in JSON; no banner
  -L RDISK    lock a RAM disk: make it read-only
  -l          list RAM disks and cache mappings
  -m RDISK    map a RAM disk as a cache, with -b and -p
  -p POLICY   wt (write-through, the default), wa (write-around) or wb (write-back), for -m
  -q          list memory and block devices
  -r RDISK    resize a RAM disk, with -c
  -s MAPPING  statistics of a cache mapping, for example rc-wt_sdb
  -U RDISK    unlock a RAM disk
  -u MAPPING  remove a cache mapping
  -v          version

 Over NVMe (RDISK or MAPPING with -b, the number of an NVMe port with -P):

  -e          export, with -b; -P: through this port only (else every port); -H: for this host only (else any)
  -H NQN      a host, for -e and -x
  -i IFACE    create a port on the IPv4 address of an interface, with -P; -t
  -N          list ports
  -n          list exports
  -P PORT     number of a port
  -R          tell hosts of a new size, with -b
  -t TYPE     tcp (the default), rdma or loop, for -i
  -X          delete a port, with -P
  -x          unexport, with -b; -P: from this port only; -H: for this host only

 The same and more, in words, for every user that may: see rapiddisk --help
`;

const NONE = "\tNone.\n\n";

/** Writes the text of -N. */
export function portsText(ports: readonly UpstreamPort[]): string {
    const lines = ports.map(
        ({ port, address, protocol }, index) => `\t${index + 1}: Port: ${port} - ${address} (${protocol})\n`,
    );
    return `Exported NVMe Ports\n\n${lines.join("") || NONE}`;
}

/** Writes the text of -n: a line for each export, with a blank before two of its tabs, and below it one for each host and port. */
export function targetsText(targets: readonly UpstreamTarget[]): string {
    const blocks = targets.map(
        ({ nqn, namespace, device, enabled, hosts, ports }, index) =>
            `\t${index + 1}: NQN: ${printable(nqn)} \tNamespace: ${namespace}\tDevice: ${device} \tEnabled: ${enabled ? "True" : "False"}\n` +
            hosts.map((host) => `\t\tAllowed host: ${printable(host)}\n`).join("") +
            ports
                .map(
                    ({ port, address, protocol }) => `\t\tLinked port: ${port}\tIP address: ${address} (${protocol})\n`,
                )
                .join(""),
    );
    return `NVMe Target Exports\n\n${blocks.join("") || NONE}`;
}
