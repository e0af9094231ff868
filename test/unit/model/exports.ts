// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What tests about NVMe exports share: names, a key, and a simulated machine with two ports. */
import type { SimKernel } from "../../../service/src/kernel/index.js";

export const NQN = "nqn.2021-06.org.rapiddisk:test-rd0";
export const HOST = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
export const OTHER_HOST = "nqn.2014-08.org.example:other";
/** 32 bytes of 0x2a with their checksum. */
export const KEY = "DHHC-1:00:KioqKioqKioqKioqKioqKioqKioqKioqKioqKioqKiqM5sHn:";

/** 32 bytes of 0x2b with their checksum. */
export const OTHER_KEY = "DHHC-1:00:KysrKysrKysrKysrKysrKysrKysrKysrKysrKysrKyvtLPqc:";

/** What everybody is told who would give an export the serial number of another. */
export const sameSerial = (serial: string, nqn: string): string =>
    `Serial "${serial}" is that of ${nqn} already; hosts tell disks apart by it, so that each export needs its own.`;

/** A machine with the NVMe target loaded and two ports that others made: 1 on the network card, 2 for this host alone. */
export function target({ sim }: SimKernel): void {
    sim.setModule("nvmet", { loaded: true });
    const port = (id: number, values: Record<string, string>): void => {
        sim.otherNvmetCreate({ kind: "port", id });
        for (const [name, value] of Object.entries(values)) {
            sim.otherNvmetWrite({ kind: "port", id }, `addr_${name}`, value);
        }
    };
    port(1, { trtype: "tcp", adrfam: "ipv4", traddr: "192.0.2.10", trsvcid: "4420" });
    port(2, { trtype: "loop" });
}
