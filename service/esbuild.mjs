// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Bundles each program into one file, so that an installed system needs Node and nothing from npm.
import { build } from "esbuild";
import { readFileSync } from "node:fs";

const here = new URL("..", import.meta.url).pathname;
const { version } = JSON.parse(readFileSync(`${here}package.json`, "utf8"));

/** The programs that are installed, by name: what each begins with. */
export const programs = {
    rapiddiskd: "service/src/daemon/main.ts",
    "rapiddisk-restore": "service/src/daemon/restoremain.ts",
    rapiddisk: "service/src/cli/main.ts",
    "rapiddisk-rest": "service/src/rest/main.ts",
};

// Fastify asks for these only where it is told to log, to write JSON by schemas or to test itself, which the bridge never does.
const unused = ["pino", "light-my-request", "@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"];

/**
 * Builds programs.
 * @param {Record<string, string>} sources what each begins with, from the top of the tree, by name
 * @param {string} [out] directory; without it nothing is written
 * @returns esbuild's account of what went into them
 */
export async function buildPrograms(sources, out) {
    const { metafile } = await build({
        absWorkingDir: here,
        entryPoints: Object.entries(sources).map(([name, source]) => ({ in: source, out: name })),
        outdir: out ?? "dist",
        write: out !== undefined,
        metafile: true,
        outExtension: { ".js": ".cjs" },
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        minifySyntax: true,
        minifyWhitespace: true,
        keepNames: false,
        legalComments: "none", // they are in THIRD-PARTY.txt
        external: unused,
        logLevel: "warning",
        define: { "process.env.RAPIDDISK_VERSION": JSON.stringify(version) },
    });
    return metafile;
}
