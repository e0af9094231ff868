// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { InterfaceSpec } from "../../service/src/bus/api.js";
import { methodsWithOptions } from "./types.js";

/**
 * The text of cockpit-plugin/src/generated/signatures.ts: what each method takes, so that the page's calls say their types
 * themselves and the browser need not ask for introspection data first.
 * @param interfaces every interface
 */
export function signaturesText(interfaces: InterfaceSpec[]): string {
    const table = Object.fromEntries(
        interfaces.map((each) => [
            each.name,
            Object.fromEntries(
                Object.entries(each.methods).map(([name, method]) => [
                    name,
                    method.in.map((argument) => argument.type).join(""),
                ]),
            ),
        ]),
    );
    return `// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
// Generated from dbus/*.xml by tools/generate.ts: do not edit.

/** D-Bus signature of the arguments of every method, by interface. */
export const signatures = ${JSON.stringify(table, null, 4)} as const;

/** Options of every method with options, as "KEY:TYPE", by interface. */
export interface OptionTypes {
${optionTypes(interfaces)}}
`;
}

function optionTypes(interfaces: InterfaceSpec[]): string {
    return interfaces
        .map((each) => {
            const methods = methodsWithOptions([each]).map(({ member, options }) => {
                const names = Object.entries(options).map(([key, { type }]) => JSON.stringify(`${key}:${type}`));
                return `        ${member}: ${names.length === 0 ? "never" : names.join(" | ")};\n`;
            });
            return `    ${JSON.stringify(each.name)}: {\n${methods.join("")}    };\n`;
        })
        .join("");
}
