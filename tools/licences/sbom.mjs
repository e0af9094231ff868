// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// The bill of materials in CycloneDX. `npm sbom` is not used: it lists the whole production set, also what is never bundled or is in
// the other package, and of two versions of one package (ajv, fast-uri) one only, not always the one that is bundled; Debian's npm
// (9) does not have it; and it writes the time, so that no build could be reproduced.
import { Buffer } from "node:buffer";

/**
 * Writes a bill of materials: exactly what was bundled. It has no time and no serial number: the same sources give the same file.
 * @param {{name: string, version: string, licence: string}} product what is shipped; `licence` is an SPDX expression
 * @param {ReturnType<typeof import("./bundled.mjs").bundled>} packages what is in it
 * @param {{packages: Record<string, object>}} lock package-lock.json, for checksums and what needs what
 * @returns {string} JSON, CycloneDX 1.6
 */
export function sbom(product, packages, lock) {
    const root = `${product.name}@${product.version}`;
    const references = new Map(packages.map((one) => [one.folder ?? one.name, reference(one)]));
    const needs = (folder) => {
        const { dependencies = {}, peerDependencies = {} } = lock.packages[folder] ?? {};
        return Object.keys({ ...dependencies, ...peerDependencies })
            .map((name) => references.get(resolve(folder, name, lock)))
            .filter((one) => one !== undefined)
            .sort();
    };
    const nested = [...references].map(([folder, ref]) => ({ ref, dependsOn: needs(folder) }));
    const needed = new Set(nested.flatMap(({ dependsOn }) => dependsOn));
    const top = [...references.values()].filter((ref) => !needed.has(ref));
    const bill = {
        $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bomFormat: "CycloneDX",
        specVersion: "1.6",
        version: 1,
        metadata: {
            lifecycles: [{ phase: "build" }],
            component: {
                "bom-ref": root,
                type: "application",
                name: product.name,
                version: product.version,
                licenses: [{ expression: product.licence }],
            },
        },
        components: packages.map((one) => component(one, lock.packages[one.folder])),
        dependencies: [{ ref: root, dependsOn: [...new Set([...needs(""), ...top])].sort() }, ...nested],
    };
    return `${JSON.stringify(bill, null, 2)}\n`;
}

/** Where Node would find a package that one in `folder` asks for. */
function resolve(folder, name, lock) {
    for (let at = folder; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
        const candidate = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
        if (candidate in lock.packages || at === "") return candidate;
    }
}

function reference({ name, version }) {
    return `${name}@${version}`;
}

function component(one, locked) {
    const common = {
        "bom-ref": reference(one),
        type: "library",
        name: one.name,
        version: one.version,
        licenses: [{ license: { id: one.licence } }],
    };
    if (one.folder === undefined) return common;
    if (locked?.version !== one.version) {
        throw new Error(`${one.name} ${one.version} is installed, not what package-lock.json says: run npm ci.`);
    }
    const [algorithm, digest] = locked.integrity.split("-");
    return {
        ...common,
        purl: `pkg:npm/${one.name.replace("@", "%40")}@${one.version}`,
        hashes: [{ alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(digest, "base64").toString("hex") }],
    };
}
