// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Bundles the page into dist/cockpit/: what a browser gets, compressed, as Cockpit serves it.
import { build } from "esbuild";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const here = new URL(".", import.meta.url).pathname;

/** Cockpit's own script is on every page already and fits the host's bridge: `import "cockpit"` is that. */
const hostCockpit = {
    name: "host-cockpit",
    setup(builder) {
        builder.onResolve({ filter: /^cockpit$/ }, () => ({ path: "cockpit", namespace: "host-cockpit" }));
        builder.onLoad({ filter: /.*/, namespace: "host-cockpit" }, () => ({
            contents: "export default window.cockpit;",
        }));
    },
};

/** PatternFly's fonts are served by the host, too. */
const hostFonts = {
    name: "host-fonts",
    setup(builder) {
        builder.onResolve({ filter: /\.svg$/ }, ({ path }) => ({ path, external: true }));
        builder.onResolve({ filter: /\.woff2?$/ }, ({ path }) => ({
            path: path.replace(/^.*assets\/fonts\//, "../../static/fonts/"),
            external: true,
        }));
    },
};

/**
 * Builds the page.
 * @param {string} out directory, which is emptied first
 */
export async function buildPage(out) {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const result = await build({
        entryPoints: [{ in: `${here}src/index.tsx`, out: "index" }],
        outdir: out,
        bundle: true,
        write: false,
        metafile: true,
        format: "iife",
        target: "es2022",
        minify: true,
        jsx: "automatic",
        legalComments: "none",
        logLevel: "warning",
        tsconfig: `${here}tsconfig.json`,
        alias: { react: "preact/compat", "react-dom": "preact/compat", "react/jsx-runtime": "preact/jsx-runtime" },
        define: { "process.env.NODE_ENV": '"production"' },
        plugins: [hostCockpit, hostFonts],
    });
    for (const { path, contents } of result.outputFiles) writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
    for (const file of ["index.html", "manifest.json"]) cpSync(`${here}${file}`, `${out}/${file}`);
    return result.metafile;
}
