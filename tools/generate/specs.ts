// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { InterfaceSpec } from "../../service/src/bus/api.js";
import { shortName } from "./generate.js";
import { comment } from "./types.js";

/** Text of specs.ts: one InterfaceSpec constant an interface. */
export function specsText(interfaces: readonly InterfaceSpec[]): string {
    const lines = [
        "// SPDX-License-Identifier: LGPL-2.1-or-later",
        "// Copyright (C) 2026 The RapidDisk Manager authors",
        "// Generated from dbus/*.xml by tools/generate.ts: do not edit.",
        'import type { InterfaceSpec } from "../bus/api.js";',
    ];
    for (const spec of interfaces) {
        lines.push("", `/** ${spec.name}: ${comment(spec.doc)} */`);
        lines.push(`export const ${constantName(spec)} = ${JSON.stringify(spec, null, 4)} satisfies InterfaceSpec;`);
    }
    lines.push("", "/** Every interface by its name. */");
    lines.push("export const interfaces: Readonly<Record<string, InterfaceSpec>> = {");
    for (const spec of interfaces) lines.push(`    ${JSON.stringify(spec.name)}: ${constantName(spec)},`);
    lines.push("};", "");
    return lines.join("\n");
}

function constantName(spec: InterfaceSpec): string {
    const short = shortName(spec.name);
    return `${short.charAt(0).toLowerCase()}${short.slice(1)}Interface`;
}
