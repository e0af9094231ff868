// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundled } from "./bundled.mjs";
import { notices } from "./notices.mjs";
import { sbom } from "./sbom.mjs";

const root = new URL("../..", import.meta.url).pathname;
const read = (name) => JSON.parse(readFileSync(join(root, name), "utf8"));

/**
 * Writes what has to be shipped with a bundle: `THIRD-PARTY.txt`, the notices, and `sbom.cdx.json`, the bill of materials.
 * @param {string} out directory, which is made
 * @param {{name: string, what: string}} product the package's name, and the bundle as a reader calls it
 * @param {import("esbuild").Metafile} metafile
 * @throws {Error} when something is bundled that has no known licence
 */
export function writeLicences(out, { name, what }, metafile) {
    const packages = bundled(metafile);
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "THIRD-PARTY.txt"), notices(what, packages));
    const product = { name, version: read("package.json").version, licence: "LGPL-2.1-or-later" };
    writeFileSync(join(out, "sbom.cdx.json"), sbom(product, packages, read("package-lock.json")));
}
