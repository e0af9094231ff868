// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * PatternFly's tables, menus and dialogs can explain cut-off texts in bubbles, whose placement is a tenth of the script. The page
 * cuts off no text, so where a bubble would be is only what it would explain.
 */
export const noBubbles = {
    name: "no-bubbles",
    setup(builder) {
        builder.onLoad(
            { filter: /react-core\/dist\/.*\/(Tooltip\/Tooltip|Popover\/Popover)\.(js|mjs)$/ },
            ({ path }) => {
                const name = path.includes("Tooltip") ? "Tooltip" : "Popover";
                return {
                    contents: `export const ${name} = ({ children }) => children ?? null; ${enums[name]}`,
                    loader: "js",
                };
            },
        );
    },
};

/** What the modules have besides their component. */
const enums = {
    Tooltip: `export const TooltipPosition = {};`,
    Popover: `export const PopoverPosition = {}; export const PopoverContext = {};`,
};
