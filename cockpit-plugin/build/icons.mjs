// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { readFile } from "node:fs/promises";

/** Each icon of PatternFly comes in two drawings; the second is for products of Red Hat. Without it, the first is used. */
export const oneDrawing = {
    name: "one-drawing",
    setup(builder) {
        builder.onLoad({ filter: /react-icons\/dist\/.*-icon\.(js|mjs)$/ }, async ({ path }) => ({
            contents: (await readFile(path, "utf8")).replace(/^\s*rhUiIcon: \{.*\},?$/m, ""),
            loader: "js",
        }));
    },
};
