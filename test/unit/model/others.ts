// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What others do to saved objects between two starts of the service, for tests. */
import type { SimKernel } from "../../../service/src/kernel/index.js";
import type { Model } from "../../../service/src/model/model.js";
import { modelFixture, GIB, type ModelFixture } from "./fixture.js";
import { HOST, NQN } from "./exports.js";

/** A volume, as CreateExport names it. */
export const device = (id: string) => ({ kind: "volume" as const, id });

/** Two disks, one with a name that stays the same, and the NVMe target. */
export function hardware({ sim }: SimKernel): void {
    sim.addDisk({ name: "sdb", size: GIB, byId: ["virtio-blue"] });
    sim.addDisk({ name: "sdc", size: GIB });
    sim.setModule("nvmet", { loaded: true });
}

/** Takes away the export of NQN on port 1 to HOST, as others would. */
export function removeExport({ sim }: SimKernel): void {
    sim.otherNvmetRemove({ kind: "port-link", port: 1, nqn: NQN });
    sim.otherNvmetWrite({ kind: "namespace", nqn: NQN, id: 1 }, "enable", "0");
    sim.otherNvmetRemove({ kind: "namespace", nqn: NQN, id: 1 });
    sim.otherNvmetRemove({ kind: "allowed-host", nqn: NQN, host: HOST });
    sim.otherNvmetRemove({ kind: "subsystem", nqn: NQN });
}

/** A machine with something saved by a first service, and another service over it. @param gone what went in between */
export async function after(
    make: (model: Model) => Promise<void>,
    gone: (kernel: SimKernel) => void,
): Promise<[ModelFixture, Model]> {
    const one = await modelFixture(hardware);
    await make(one.model);
    one.model.close();
    gone(one.kernel);
    return [one, await one.restart()];
}
