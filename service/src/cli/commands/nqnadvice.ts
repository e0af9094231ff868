// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { LONGEST_LINUX_NQN, nqnBytes } from "../../facts/nqn.js";
import { printable } from "../output/text.js";

/** NVM Express Base Specification, "NVMe Qualified Names". */
const BY_DATE = /^nqn\.[0-9]{4}-(0[1-9]|1[0-2])\.[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*:\S+$/u;
const UUID_PREFIX = "nqn.2014-08.org.nvmexpress:uuid:";
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/**
 * Tells of each name that does not have one of the specification's two forms, or is too long for Linux hosts. The kernel's
 * target takes it all the same, and so does the service: a mistake in typing is worth a line, a name that somebody chose is not
 * worth a refusal.
 * @returns sentences for people, in the order of the names; none for names that hosts expect
 */
export function nqnAdvice(names: readonly string[]): string[] {
    return names.flatMap((name) => {
        const usual = name.startsWith(UUID_PREFIX) ? UUID.test(name.slice(UUID_PREFIX.length)) : BY_DATE.test(name);
        const bytes = nqnBytes(name);
        return [
            ...(usual
                ? []
                : [
                      `"${printable(name)}" does not look like nqn.2014-08.org.example:name or ${UUID_PREFIX}UUID; ` +
                          "it is taken as it stands, and the other side must use exactly this name.",
                  ]),
            ...(bytes <= LONGEST_LINUX_NQN
                ? []
                : [
                      `"${printable(name)}" has ${bytes} bytes, and Linux hosts take names of at most ${LONGEST_LINUX_NQN}: ` +
                          "no Linux host can connect by it.",
                  ]),
        ];
    });
}
