// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Longest NQN, in bytes (NVM Express Base Specification, "NVMe Qualified Names"). */
export const LONGEST_NQN = 223;

/** Longest NQN that a Linux host takes, for its own and for that of an export: it keeps them in 223 bytes with a zero at the end. */
export const LONGEST_LINUX_NQN = 222;

/** How names begin that the kernel port gives to objects of its own, which no reading shows. */
export const RESERVED_NQN = "rapiddisk-probe-";

const DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
/** Control characters, line and paragraph separators, and what is left of bytes that were no text. */
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FFFD}]/u;
/** Keys of hosts (nvme-cli's gen-dhchap-key and gen-tls-key): one in the place of a name would be shown to everybody. */
const KEYS = /(DHHC-1|NVMeTLSkey-1):/;

/** Why a text is not a valid NQN of an export or a host. */
export type NqnFault = "key" | "empty" | "long" | "characters" | "path" | "reserved" | "discovery";

/** Counts the bytes of a text as the kernel takes it. */
export function nqnBytes(nqn: string): number {
    return new TextEncoder().encode(nqn).length;
}

/**
 * Checks an NQN of an export or a host by what the kernel's target takes: one component of a path, of 1 to 223 bytes. The forms of
 * the specification (nqn.2014-08.org.example:name) are advice and not checked: hosts may be named freely, and are.
 * @param what whom it names: a host may have the name of the discovery service, an export may not
 * @returns what is wrong; undefined when nothing is
 */
export function nqnFault(nqn: string, what: "export" | "host"): NqnFault | undefined {
    if (KEYS.test(nqn)) return "key";
    if (nqn === "") return "empty";
    if (nqnBytes(nqn) > LONGEST_NQN) return "long";
    if (FORBIDDEN.test(nqn)) return "characters";
    if (nqn.includes("/") || nqn === "." || nqn === "..") return "path";
    if (nqn.startsWith(RESERVED_NQN)) return "reserved";
    return what === "export" && nqn === DISCOVERY ? "discovery" : undefined;
}
