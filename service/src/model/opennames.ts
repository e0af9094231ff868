// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetFeatures, NvmetTree } from "../kernel/port.js";
import { everybodyOn, isLocal } from "./portplan.js";
import type { Export } from "./types.js";

/** Most hosts that a sentence names. */
const MOST = 3;

/**
 * Exports of ours that need no more of a host than the name of one that is allowed, which is no secret: a sentence each. Over
 * loop only root of this host connects, and on a port with TLS a host needs a key as well.
 */
export function openToNames(
    { exports, nvmet }: { exports: ReadonlyMap<string, Export>; nvmet: NvmetTree },
    { auth }: Pick<NvmetFeatures, "auth">,
): string[] {
    const open = nvmet.ports.filter((port) => !isLocal(port) && port.transport !== "" && !port.tls);
    return [...exports.values()].flatMap((one) => {
        const port = open.find(({ id }) => one.ports.includes(id));
        const hosts = one.allowedHosts.filter((host) => !one.authenticatedHosts.includes(host));
        if (port === undefined || hosts.length === 0 || one.allowAnyHost || !one.managed) {
            return [];
        }
        const more = hosts.length > MOST ? ` and ${hosts.length - MOST} more` : "";
        const names = `${hosts.slice(0, MOST).join(", ")}${more}`;
        const remedy = auth
            ? "give each of them a key, or deny it."
            : "this kernel's NVMe target has no keys, so only a port with TLS, or a network of its own, keeps others out.";
        return [
            `${everybodyOn(port)} and gives the name of a host can read and write ${one.nqn}: names are no secret, and ` +
                `${names} may connect without a key; ${remedy}`,
        ];
    });
}
