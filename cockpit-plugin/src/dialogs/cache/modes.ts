// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { MODES, modeOfWord } from "../../../../service/src/facts/modes.js";
import { _, format } from "../../lib/gettext.js";
import { modeName } from "../../state/words.js";
import type { Choice } from "../base/choice.js";

/** Says in one sentence what a cache does in a mode. */
export function modeHelp(mode: string): string {
    switch (mode) {
        case "write-through":
            return _(
                "Reads and writes are kept in RAM, and each write is on the origin before it counts as done: nothing can be lost.",
            );
        case "write-around":
            return _(
                "Only what was read is kept in RAM, and writes go past it to the origin: nothing can be lost, and long writes push nothing out.",
            );
        case "writeback":
            return _(
                "A write counts as done once it is in RAM and reaches the origin later: fast, but lost when the host goes down before.",
            );
        default:
            return _("The cache is switched off: everything goes to the origin, and the device stays in place.");
    }
}

/** Gives the kernel module that a mode needs; empty when it needs none. */
function moduleOf(word: string): string {
    const mode = modeOfWord(word);
    return mode === undefined ? "" : MODES[mode].module;
}

/** Lists the modes to choose from. @param features what the host can do now, as the service names it */
export function modeChoices(modes: readonly string[], features: readonly string[]): Choice[] {
    return modes.map((mode) => ({
        value: mode,
        label: modeName(mode),
        help: modeHelp(mode),
        excuse:
            mode === "pass-through" || features.includes(`cache-${mode}`)
                ? ""
                : format(_("This host cannot do that: the kernel module $0 is not installed."), moduleOf(mode)),
    }));
}
