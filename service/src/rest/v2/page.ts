// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Documented } from "./openapi.js";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#151515;background:#fff}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid #d2d2d2}
code{font:14px ui-monospace,monospace;overflow-wrap:anywhere}
@media(prefers-color-scheme:dark){body{color:#e0e0e0;background:#151515}th,td{border-color:#444}a{color:#73bcf7}}`;

function escape(text: string): string {
    const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
    return text.replace(/[&<>"]/g, (character) => entities[character]!);
}

/** Makes the page at /: every route, for a person. */
export function page(routes: readonly Documented[], version: string): string {
    const section = (title: string, tag: string): string => {
        const rows = routes
            .filter(({ tags }) => tags.includes(tag))
            .map(
                ({ method, path, summary, scope }) =>
                    `<tr><td><code>${method}</code><td><code>${escape(path)}</code><td>${scope}<td>${escape(summary)}`,
            );
        return `<h2>${title}</h2><table><tr><th>Method<th>Path<th>Scope<th>What it does${rows.join("")}</table>`;
    };
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>RapidDisk Manager</title>
<meta name="viewport" content="width=device-width"><style>${STYLE}</style></head><body>
<h1>RapidDisk Manager ${escape(version)}</h1>
<p>RAM disks, RAM caches and NVMe exports over HTTP. Reading from this host needs nothing; for the rest send
<code>Authorization: Bearer TOKEN</code> with a token that <code>rapiddisk token create NAME --scope SCOPE</code> made.
The whole description is in <a href="openapi.json">/openapi.json</a>, metrics for Prometheus are in <a href="metrics">/metrics</a>.</p>
${section("Resources", "v2")}${section("The URLs of rapiddisk 9", "v1")}${section("About", "about")}</body></html>
`;
}
