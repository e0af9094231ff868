// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Bundles the page into dist/cockpit/: what a browser gets, compressed, as Cockpit serves it.
import { build, transform } from "esbuild";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { hostCockpit, hostFonts } from "./build/host.mjs";
import { shrinkStyles } from "./build/styles.mjs";
import { translations } from "./build/translations.mjs";
import { noBubbles } from "./build/unused.mjs";

const here = new URL(".", import.meta.url).pathname;
const target = "es2022";

/** Bundles script and styles of the page, in full, and writes nothing. */
export async function bundlePage() {
    const { outputFiles, metafile } = await build({
        entryPoints: [{ in: `${here}src/index.tsx`, out: "index" }],
        outdir: here,
        bundle: true,
        write: false,
        metafile: true,
        format: "iife",
        target,
        minify: true,
        jsx: "automatic",
        legalComments: "none",
        logLevel: "warning",
        tsconfig: `${here}tsconfig.json`,
        alias: { react: "preact/compat", "react-dom": "preact/compat", "react/jsx-runtime": "preact/jsx-runtime" },
        define: { "process.env.NODE_ENV": '"production"' },
        plugins: [hostCockpit, hostFonts, noBubbles],
    });
    const named = (ending) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? "";
    return { script: named(".js"), styles: named(".css"), metafile };
}

/**
 * Builds the page.
 * @param {string} out directory, which is emptied once everything is made
 * @returns esbuild's account of what went into it
 */
export async function buildPage(out) {
    const { script, styles, metafile } = await bundlePage();
    const html = readFileSync(`${here}index.html`, "utf8");
    const { code } = await transform(await shrinkStyles(styles, script, html), { loader: "css", minify: true, target });
    const files = [
        { name: "index.js", contents: script },
        { name: "index.css", contents: code },
        ...translations(`${here}po`),
    ];
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    for (const { name, contents } of files) {
        writeFileSync(join(out, `${name}.gz`), gzipSync(contents, { level: 9 }));
    }
    for (const file of ["index.html", "manifest.json"]) copyFileSync(`${here}${file}`, join(out, file));
    return metafile;
}
