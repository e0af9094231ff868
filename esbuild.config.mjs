// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Bundles each program into one file under dist/, so that an installed system needs Node and nothing from npm.
import { build } from "esbuild";
import { existsSync } from "node:fs";
import { buildPage } from "./cockpit-plugin/esbuild.mjs";

const programs = {
    rapiddiskd: "service/src/daemon/main.ts",
    "rapiddisk-restore": "service/src/daemon/restore.ts",
    rapiddisk: "service/src/cli/main.ts",
    "rapiddisk-rest": "service/src/rest/main.ts",
    "test/contract-kernel": "test/contract/kernel/main.ts",
    "test/contract-dbus": "test/contract/dbus/main.ts",
};

// Fastify asks for these only where it is told to log, to write JSON by schemas or to test itself, which the bridge never does.
const unused = ["pino", "light-my-request", "@fastify/ajv-compiler", "@fastify/fast-json-stringify-compiler"];

await build({
    entryPoints: Object.entries(programs)
        .filter(([, source]) => existsSync(source))
        .map(([out, source]) => ({ in: source, out })),
    outdir: "dist",
    outExtension: { ".js": ".cjs" },
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    minifySyntax: true,
    minifyWhitespace: true,
    keepNames: false,
    legalComments: "none",
    external: unused,
    logLevel: "warning",
    define: { "process.env.RAPIDDISK_VERSION": JSON.stringify(process.env.npm_package_version ?? "10.0.0") },
});

await buildPage("dist/cockpit");
