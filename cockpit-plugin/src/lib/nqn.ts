// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Longest NQN, in bytes (NVM Express Base Specification, "NVMe Qualified Names"). */
export const LONGEST_NQN = 223;

const DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
const FORBIDDEN = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FFFD}/]/u;
const KEYS = /(DHHC-1|NVMeTLSkey-1):/;

/** Why a text is no NQN of a host or a subsystem; empty when it is one. */
export type NqnProblem = "" | "empty" | "long" | "characters" | "discovery" | "key";

/**
 * Checks an NQN by the rules that the service has, so that a mistake is seen while it is typed: what the kernel takes is right.
 * @param what whom it names: a host may have the discovery service's name
 */
export function nqnProblem(nqn: string, what: "export" | "host"): NqnProblem {
    if (nqn === "") return "empty";
    if (KEYS.test(nqn)) return "key";
    if (new TextEncoder().encode(nqn).length > LONGEST_NQN) return "long";
    if (FORBIDDEN.test(nqn) || nqn === "." || nqn === "..") return "characters";
    return what === "export" && nqn === DISCOVERY ? "discovery" : "";
}

/** Lines of a text that hold something, each once. */
export function lines(text: string): string[] {
    const all = text.split("\n").map((line) => line.trim());
    return [...new Set(all.filter((line) => line !== ""))];
}
