// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { InterfaceSpec } from "../../service/src/bus/api.js";
import { shortName } from "./names.js";
import { comment, methodsWithOptions } from "./types.js";

/** Text of specs.ts: one InterfaceSpec constant an interface. */
export function specsText(interfaces: readonly InterfaceSpec[]): string {
    const lines = [
        "// SPDX-License-Identifier: LGPL-2.1-or-later",
        "// Copyright (C) 2026 The RapidDisk Manager authors",
        "// Generated from dbus/*.xml by tools/generate.ts: do not edit.",
        'import { optionsOf, type InterfaceSpec, type OptionSpec, type OptionSpecs } from "../bus/api.js";',
        'import type { CommonOptions, OptionsOf } from "./types.js";',
    ];
    for (const spec of interfaces) {
        lines.push("", `/** ${spec.name}: ${comment(spec.doc)} */`);
        lines.push(`export const ${constantName(spec)} = ${JSON.stringify(spec, null, 4)} satisfies InterfaceSpec;`);
    }
    lines.push("", "/** Every interface by its name. */");
    lines.push("export const interfaces: Readonly<Record<string, InterfaceSpec>> = {");
    for (const spec of interfaces) lines.push(`    ${JSON.stringify(spec.name)}: ${constantName(spec)},`);
    lines.push("};", "", ...optionTables(interfaces), "");
    return lines.join("\n");
}

/** Tables of options: those of each method, and those that all share. */
function optionTables(interfaces: readonly InterfaceSpec[]): string[] {
    const lines = ["/** Options of every method with options, by the short name of its interface and its own name. */"];
    lines.push("export const methodOptions: Readonly<Record<keyof OptionsOf, OptionSpecs>> = {");
    for (const { spec, member, name } of methodsWithOptions(interfaces)) {
        lines.push(`    ${JSON.stringify(name)}: optionsOf(${constantName(spec)}.methods.${member}),`);
    }
    lines.push("};", "", "/** Options that each of them takes besides. */");
    lines.push("export const commonOptions: Readonly<Record<keyof CommonOptions, OptionSpec>> = {");
    for (const spec of interfaces) {
        if (spec.commonOptions !== undefined) lines.push(`    ...${constantName(spec)}.commonOptions,`);
    }
    return [...lines, "};"];
}

function constantName(spec: InterfaceSpec): string {
    const short = shortName(spec.name);
    return `${short.charAt(0).toLowerCase()}${short.slice(1)}Interface`;
}
