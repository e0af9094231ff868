// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// What the host has already is not sent again.

/** Cockpit's own script is on every page already and fits the host's bridge: `import "cockpit"` is that. */
export const hostCockpit = {
    name: "host-cockpit",
    setup(builder) {
        builder.onResolve({ filter: /^cockpit$/ }, () => ({ path: "cockpit", namespace: "host-cockpit" }));
        builder.onLoad({ filter: /.*/, namespace: "host-cockpit" }, () => ({
            contents: "export default window.cockpit;",
        }));
    },
};

/** PatternFly's fonts are served by the host, too. */
export const hostFonts = {
    name: "host-fonts",
    setup(builder) {
        builder.onResolve({ filter: /\.svg$/ }, ({ path }) => ({ path, external: true }));
        builder.onResolve({ filter: /\.woff2?$/ }, ({ path }) => ({
            path: path.replace(/^.*assets\/fonts\//, "../../static/fonts/"),
            external: true,
        }));
    },
};
