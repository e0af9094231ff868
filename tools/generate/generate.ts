// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { signaturesText } from "./page.js";
import { specsText } from "./specs.js";
import { typesText } from "./types.js";
import { readInterfaces } from "./xml.js";

/**
 * Generates every file that comes from the interface: types and specifications for the service, signatures for the page.
 * @param directory where the introspection XML files (org.*.xml) are
 * @returns file names from the top of the project and their whole text; the same input gives the same bytes
 * @throws Error naming the file and what is wrong with it
 */
export function generate(directory: string): Map<string, string> {
    const interfaces = readdirSync(directory)
        .filter((name) => name.endsWith(".xml"))
        .sort()
        .flatMap((name) => readInterfaces(readFileSync(join(directory, name), "utf8"), name))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map([
        ["service/src/generated/specs.ts", specsText(interfaces)],
        ["service/src/generated/types.ts", typesText(interfaces)],
        ["cockpit-plugin/src/generated/signatures.ts", signaturesText(interfaces)],
    ]);
}
