// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Settings of dependency-cruiser: no file may import, over whatever detour, what imports it. Imports of types alone do not count,
 * since nothing of them is left at run time. Which folder may import which is ESLint's (eslint.config.mjs).
 */
export default {
    forbidden: [
        {
            name: "no-cycle",
            comment: "Move what both files need into a third one.",
            severity: "error",
            from: {},
            to: { circular: true },
        },
        {
            name: "not-found",
            comment: "An import that is not followed could hide a cycle.",
            severity: "error",
            from: {},
            to: { couldNotResolve: true, pathNot: "^cockpit$" },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        exclude: { path: "^(dist|out)/" },
        tsConfig: { fileName: "tsconfig.json" },
    },
};
