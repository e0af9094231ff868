// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { shellQuote } from "../facts/shell.js";
import { SERVICE } from "../facts/busnames.js";
import type { BusRequest, Variant } from "../client/index.js";
import { SECRET_OPTIONS } from "../client/index.js";
import type { FollowUp } from "./commands/command.js";

/**
 * Writes the busctl(1) command line that sends the same message and waits as long for the reply: busctl's default of 25 s for
 * a read; without limit for a change, which may take long or wait for a password.
 */
export function busctlLine(request: BusRequest): string {
    const words = request.signature === "" ? [] : [request.signature, ...argumentWords(request)];
    const options = words.some((word) => word.startsWith("-")) ? ["--"] : [];
    return [
        "busctl",
        ...(request.authorized ? ["--timeout=infinity"] : []),
        "call",
        ...options,
        SERVICE,
        request.path,
        request.interface,
        request.member,
        ...words.map(shellQuote),
    ].join(" ");
}

/** Writes a follow-up; as a comment where a shell could not run it as it stands, since that depends on an answer. */
export function followUpLine({ request, when }: FollowUp): string {
    return when === undefined ? busctlLine(request) : `# ${when}: ${busctlLine(request)}`;
}

function argumentWords(request: BusRequest): string[] {
    return splitSignature(request.signature).flatMap((type, index) => words(type, request.args[index]));
}

/** Splits a signature into its complete types; structures do not occur in what the service takes. */
export function splitSignature(signature: string): string[] {
    return signature.match(/a*(?:\{.[^}]*\}|[^a{}])/g) ?? [];
}

/** Writes a value in busctl's notation: arrays and dictionaries begin with their count, variants with their signature. */
function words(type: string, value: unknown): string[] {
    if (type.startsWith("a{")) {
        const dictionary = [...(value as ReadonlyMap<unknown, unknown>)];
        const [key, item] = [type[2]!, type.slice(3, -1)];
        return [
            String(dictionary.length),
            ...dictionary.flatMap(([k, v]) => [
                ...words(key, k),
                ...(SECRET_OPTIONS.has(String(k)) ? ["s", "KEY"] : words(item, v)),
            ]),
        ];
    }
    if (type.startsWith("a")) {
        const items = value as readonly unknown[];
        return [String(items.length), ...items.flatMap((item) => words(type.slice(1), item))];
    }
    if (type === "v") {
        const { signature, value: inner } = value as Variant;
        return [signature, ...splitSignature(signature).flatMap((one) => words(one, inner))];
    }
    return [String(value)];
}
