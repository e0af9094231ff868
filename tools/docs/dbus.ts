// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import {
    optionsOf,
    type ArgSpec,
    type InterfaceSpec,
    type MethodSpec,
    type OptionSpecs,
} from "../../service/src/bus/api.js";

/** What EmitsChangedSignal means, in words. */
const SIGNALLED: Readonly<Record<string, string>> = {
    true: "yes",
    const: "never changes",
    false: "no: read when asked",
    invalidates: "without its value",
};

/** The reference part of docs/dbus.md: every interface with its properties, methods and signals. */
export function dbusReference(interfaces: readonly InterfaceSpec[]): string {
    return interfaces.map(section).join("\n");
}

function section(spec: InterfaceSpec): string {
    const parts = [`### \`${spec.name}\`\n\n${cell(spec.doc)}\n`];
    if (spec.commonOptions !== undefined) {
        parts.push(`Every \`options\` takes besides:\n`, optionTable(spec.commonOptions));
    }
    const properties = Object.entries(spec.properties);
    if (properties.length > 0) {
        parts.push(
            table(
                ["Property", "Type", "Changes are signalled", "Meaning"],
                properties.map(([name, { type, emits, doc }]) => [
                    `\`${name}\``,
                    `\`${type}\``,
                    SIGNALLED[emits]!,
                    doc,
                ]),
            ),
        );
    }
    for (const [name, method] of Object.entries(spec.methods)) {
        parts.push(methodSection(name, method));
    }
    for (const [name, { args, doc }] of Object.entries(spec.signals)) {
        parts.push(`#### Signal \`${name}(${shape(args)})\`\n\n${cell(doc)}\n`, argumentTable(args));
    }
    return parts.join("\n");
}

function methodSection(name: string, method: MethodSpec): string {
    const out = method.out.length > 0 ? ` → ${shape(method.out)}` : "";
    const action = method.action === undefined ? "" : ` Polkit action: \`${method.action}\`.`;
    return (
        `#### \`${name}(${shape(method.in)})${out}\`\n\n${cell(method.doc)}${action}\n\n` +
        argumentTable([...method.in, ...method.out]) +
        (Object.keys(optionsOf(method)).length === 0 ? "" : `\n${optionTable(optionsOf(method))}`)
    );
}

function optionTable(options: OptionSpecs): string {
    const rows = Object.entries(options).map(([key, { type, doc, choices, minimum, maximum, default: preset }]) => {
        const rules = [
            doc,
            ...(choices === undefined ? [] : [`One of ${choices.map((word) => `\`${word}\``).join(", ")}.`]),
            ...(minimum === undefined && maximum === undefined ? [] : [`${minimum ?? 0} to ${maximum ?? 0xffffffff}.`]),
            ...(preset === undefined ? [] : [`Default: ${preset}.`]),
        ];
        return [`\`${key}\``, `\`${type}\``, rules.join(" ")];
    });
    return table(["Option", "Type", "Meaning"], rows);
}

function shape(args: readonly ArgSpec[]): string {
    return args.map(({ type, name }) => `${type} ${name}`).join(", ");
}

function argumentTable(args: readonly ArgSpec[]): string {
    return args.length === 0
        ? ""
        : table(
              ["Argument", "Type", "Meaning"],
              args.map(({ name, type, doc }) => [`\`${name}\``, `\`${type}\``, doc]),
          );
}

function table(titles: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |\n`;
    return `${line(titles)}${line(titles.map(() => "---"))}${rows.map(line).join("")}`;
}

/** Text that can stand in a table cell. */
function cell(text: string): string {
    return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
