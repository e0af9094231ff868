// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetFeatures, NvmetTree } from "../kernel/port.js";
import { isLocal, isLoopbackAddress, portWords } from "./portplan.js";
import type { Problem } from "./problems.js";
import type { Export } from "./types.js";

/** Most hosts that a problem names. */
const MOST = 3;

/**
 * Finds exports of ours that need no more of a host than the name of one that is allowed, which is no secret. Over
 * loop only root of this host connects, and on a port with TLS a host needs a key as well.
 */
export function openToNames(
    { exports, nvmet }: { exports: ReadonlyMap<string, Export>; nvmet: NvmetTree },
    { auth }: Pick<NvmetFeatures, "auth">,
): Problem[] {
    const open = nvmet.ports.filter((port) => !isLocal(port) && port.transport !== "" && !port.tls);
    return [...exports.values()].flatMap((one) => {
        const port = open.find(({ id }) => one.ports.includes(id));
        const hosts = one.allowedHosts.filter((host) => !one.authenticatedHosts.includes(host));
        if (port === undefined || hosts.length === 0 || one.allowAnyHost || !one.managed) {
            return [];
        }
        return [
            {
                kind: isLoopbackAddress(port.address) ? "export-open-name-loopback" : "export-open-name",
                ...{ object: one.nqn, type: "export", port: port.id, address: portWords(port), keys: auth },
                ...{ hosts: hosts.slice(0, MOST).join(", "), more: Math.max(0, hosts.length - MOST) },
            },
        ];
    });
}
