// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Longest NQN, in bytes (NVM Express Base Specification, "NVMe Qualified Names"). */
export const LONGEST_NQN = 223;

const DISCOVERY = "nqn.2014-08.org.nvmexpress.discovery";
const UUID_PREFIX = "nqn.2014-08.org.nvmexpress:uuid:";
const BY_DATE = /^nqn\.[0-9]{4}-(0[1-9]|1[0-2])\.[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*:.+$/u;
const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;
const FORBIDDEN = /[\s/\\\p{Cc}\p{Cs}\u{FFFD}]/u;

/** Why a text is no NQN of a host or a subsystem; empty when it is one. */
export type NqnProblem = "" | "empty" | "long" | "characters" | "discovery" | "uuid" | "form";

/** Checks an NQN by the rules that the service has, so that a mistake is seen while it is typed. */
export function nqnProblem(nqn: string): NqnProblem {
    if (nqn === "") return "empty";
    if (new TextEncoder().encode(nqn).length > LONGEST_NQN) return "long";
    if (FORBIDDEN.test(nqn)) return "characters";
    if (nqn === DISCOVERY) return "discovery";
    if (nqn.startsWith(UUID_PREFIX)) return UUID.test(nqn.slice(UUID_PREFIX.length)) ? "" : "uuid";
    return BY_DATE.test(nqn) ? "" : "form";
}

/** Lines of a text that hold something, each once. */
export function lines(text: string): string[] {
    const all = text.split("\n").map((line) => line.trim());
    return [...new Set(all.filter((line) => line !== ""))];
}
