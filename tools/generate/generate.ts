// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { specsText } from "./specs.js";
import { typesText } from "./types.js";
import { readInterfaces } from "./xml.js";

/**
 * Generates every file of service/src/generated/.
 * @param directory where the introspection XML files (org.*.xml) are
 * @returns file names and their whole text; the same input gives the same bytes
 * @throws Error naming the file and what is wrong with it
 */
export function generate(directory: string): Map<string, string> {
    const interfaces = readdirSync(directory)
        .filter((name) => name.endsWith(".xml"))
        .sort()
        .flatMap((name) => readInterfaces(readFileSync(join(directory, name), "utf8"), name))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    return new Map([
        ["specs.ts", specsText(interfaces)],
        ["types.ts", typesText(interfaces)],
    ]);
}

/** The short name of an interface in code: org.rapiddisk.Manager.Volume is "Volume". */
export function shortName(interfaceName: string): string {
    return interfaceName.slice(interfaceName.lastIndexOf(".") + 1);
}
