// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ModelFixture } from "./fixture.js";

/** The end of the machine: the kernel forgets all that is made of RAM, and the runtime directory goes. */
export async function reboot(one: ModelFixture): Promise<void> {
    const { sim } = one.kernel;
    const { nvmet, mappings, ramDisks } = await one.kernel.snapshot();
    for (const port of nvmet.ports) {
        port.subsystems.forEach((nqn) => sim.otherNvmetRemove({ kind: "port-link", port: port.id, nqn }));
        sim.otherNvmetRemove({ kind: "port", id: port.id });
    }
    for (const { nqn, hosts, namespaces } of nvmet.subsystems) {
        for (const { id } of namespaces) {
            sim.otherNvmetWrite({ kind: "namespace", nqn, id }, "enable", "0");
            sim.otherNvmetRemove({ kind: "namespace", nqn, id });
        }
        hosts.forEach((host) => sim.otherNvmetRemove({ kind: "allowed-host", nqn, host }));
        sim.otherNvmetRemove({ kind: "subsystem", nqn });
    }
    nvmet.hosts.forEach(({ nqn }) => sim.otherNvmetRemove({ kind: "host", host: nqn }));
    mappings.toReversed().forEach(({ name }) => sim.otherRemoveMapping(name));
    ramDisks.forEach(({ number }) => sim.otherDetach(number));
    one.ownership.owned = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };
    one.intents.open.clear();
}
