// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Things for the page to show: on the simulated kernel, made through the service as a person would. */
import type { Host } from "./host.js";

const GIB = 2 ** 30;
const MANAGER = ["org.rapiddisk.Manager", "/org/rapiddisk/Manager", "org.rapiddisk.Manager"];

/** Calls a method of the service's root object. @param args signature and values, as busctl wants them */
export function callManager(host: Host, method: string, ...args: string[]): Promise<string> {
    return host.run(["busctl", "call", ...MANAGER, method, ...args]);
}

/** Disks, memory and network of a small server. Needs nothing but a started service. */
export async function furnish(host: Host): Promise<void> {
    await host.kernel("setMemory", { total: 64 * GIB, available: 41 * GIB });
    const disk = (name: string, size: number, vendor: string, model: string, more = {}) =>
        host.kernel("addDisk", { name, size, vendor, model, byId: [`wwn-0x5000-${name}`], ...more });
    await disk("sda", 240 * GIB, "ATA", "INTEL SSDSC2KB24", { partitions: [GIB, 200 * GIB] });
    await disk("sdb", 2000 * GIB, "ATA", "ST2000NM0055");
    await disk("sdc", 4000 * GIB, "SEAGATE", "ST4000NM0025");
    await disk("sdd", 1000 * GIB, "ATA", "WDC WD10EZEX", { partitions: [500 * GIB, 400 * GIB] });
    await disk("sr0", GIB, "QEMU", "DVD-ROM", { readOnly: true, removable: true });
    await host.kernel("mount", "sda1", "/boot");
    await host.kernel("mount", "sda2", "/");
    for (const name of ["dm_writecache", "nvmet", "nvmet_tcp"]) await host.kernel("setModule", name, { loaded: true });
}

/** The host that the samples allow to use their export, and that is connected to it. */
export const CLIENT = "nqn.2014-08.org.nvmexpress:uuid:7a6f0f3c-2b1d-4f6e-9d55-0c4f5e1b2a33";

/**
 * A few objects of every kind: rd0 (mounted, saved), rd1 and rd2 (hold the blocks of two caches), rd3 (exported, with a host
 * connected), rd4 (locked, empty), rd7 and an export (made outside), ports 1 and 2.
 */
export async function fill(host: Host): Promise<void> {
    await furnish(host);
    const volume = (gib: number, persist = false) =>
        callManager(host, "CreateVolume", "ta{sv}", String(gib * GIB), "1", "persist", "b", String(persist));
    for (const [gib, persist] of [[4, true], [2, true], [1], [2, true], [1]] as const) await volume(gib, persist);
    await host.kernel("write", 0, 0, 3 * GIB);
    await host.kernel("mount", "rd0", "/srv/scratch");
    await host.kernel("write", 3, 0, GIB / 2);
    await callManager(host, "CreateCache", "sssa{sv}", "rd1", "/dev/sdb", "write-through", "1", "persist", "b", "true");
    await callManager(host, "CreateCache", "sssa{sv}", "rd2", "/dev/sdd1", "write-around", "0");
    await host.kernel("mount", "dm-0", "/srv/data");
    await host.kernel(
        "setStatus",
        "rc-wt_sdb",
        [90000, 12000, 81000, 9000, 3000, 9000, 12000, 0, 0, 9000, 12000, 81000, 9000],
    );
    await callManager(host, "CreatePort", "ussa{sv}", "1", "tcp", "192.0.2.10", "0");
    await callManager(host, "CreatePort", "ussa{sv}", "2", "tcp", "127.0.0.1", "1", "service", "s", "4421");
    await callManager(host, "CreateExport", "sa{sv}", "rd3", "2", "hosts", "as", "1", CLIENT, "persist", "b", "true");
    const [nqn] = await exportNames(host);
    await host.kernel("setSessions", {
        controllers: [{ nqn, port: 1, host: CLIENT }],
        tcp: [{ address: "192.0.2.10", port: 4420, peer: "192.0.2.77" }],
    });
    await host.kernel("otherAttach", 7, GIB / 4);
    await host.run(["busctl", "call", "org.rapiddisk.Manager", "/org/rapiddisk/Manager/volumes/rd4", ...lock]);
}

const lock = ["org.rapiddisk.Manager.Volume", "SetReadOnly", "ba{sv}", "true", "0"];

/** NQNs of the exports. */
async function exportNames(host: Host): Promise<string[]> {
    const tree = await callManager(host, "ListExports");
    return [...tree.matchAll(/"Nqn" s "([^"]+)"/g)].map(([, nqn]) => nqn ?? "");
}

/** Very many volumes, made outside in one go. @param count up to 1000 */
export async function crowd(host: Host, count: number): Promise<void> {
    await host.kernel("setMemory", { total: 64 * GIB, available: 41 * GIB });
    for (let number = 0; number < count; number++) {
        await host.kernel("otherAttach", number, (1 + (number % 16)) * 2 ** 20);
    }
}
