// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** The layers of service/src: a folder may import only from those named here (and from itself, and from facts/). */
const layers = {
    facts: [],
    system: [],
    kernel: ["system"],
    model: ["kernel", "system"],
    bus: ["system"],
    daemon: ["bus", "model", "kernel", "generated", "system"],
    client: ["bus", "generated", "system"],
    upstream: ["client"],
    cli: ["client", "generated", "upstream"],
    rest: ["client", "generated", "upstream", "system"],
};

const forbid = Object.entries(layers).map(([layer, allowed]) => ({
    files: [`service/src/${layer}/**/*.ts`],
    rules: {
        "no-restricted-imports": [
            "error",
            {
                patterns: [
                    {
                        group: Object.keys(layers)
                            .concat("generated")
                            .filter((other) => other !== layer && other !== "facts" && !allowed.includes(other))
                            .map((other) => `**/${other}/**`),
                        message: `service/src/${layer} may import only: ${allowed.join(", ") || "nothing of the other layers"}.`,
                    },
                ],
            },
        ],
    },
}));

/** Longer functions do several things: what cannot be read on one screen is to be split. Blank lines and comments do not count. */
const lengths = Object.entries({ "service/src": 70, "cockpit-plugin/src": 80 }).map(([folder, max]) => ({
    files: [`${folder}/**/*.ts`, `${folder}/**/*.tsx`],
    rules: { "max-lines-per-function": ["error", { max, skipBlankLines: true, skipComments: true }] },
}));

/** The time of day jumps. */
const clocks =
    "Wait and measure by performance.now(); a stamp for people or other machines is wallClock() of service/src/clock.ts.";

export default tseslint.config(
    {
        ignores: [
            "dist/",
            "out/",
            ".cache/",
            "node_modules/",
            "service/src/generated/",
            "cockpit-plugin/src/generated/",
        ],
    },
    js.configs.recommended,
    ...tseslint.configs.recommendedTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        rules: {
            "@typescript-eslint/no-floating-promises": "error",
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            "@typescript-eslint/consistent-type-imports": "error",
            "@typescript-eslint/require-await": "off",
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
            eqeqeq: "error",
            curly: ["error", "multi-line"],
        },
    },
    {
        files: ["test/**/*.ts"],
        rules: {
            "@typescript-eslint/no-floating-promises": ["error", { allowForKnownSafeCalls: ["describe", "it"] }],
            "no-restricted-syntax": [
                "error",
                {
                    selector: "CallExpression[callee.property.name='timeout'][callee.object.name!='AbortSignal']",
                    message: "A busy machine takes its time: the limit of the level (.mocharc*.json) is the only one.",
                },
            ],
        },
    },
    { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
    {
        files: ["**/*.mjs"],
        languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    },
    {
        files: ["**/*.ts", "**/*.tsx", "**/*.mjs"],
        ignores: ["service/src/clock.ts"],
        rules: {
            "no-restricted-properties": ["error", { object: "Date", property: "now", message: clocks }],
            "no-restricted-syntax": [
                "error",
                { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clocks },
                { selector: "CallExpression[callee.name='Date']", message: clocks },
            ],
        },
    },
    ...forbid,
    ...lengths,
);
