// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { readFileSync } from "node:fs";
import type { Amount, MemorySettings } from "../model/admission.js";
import { DEFAULT_MEMORY } from "../model/admission.js";
import { settingLines } from "../system/settings.js";

const UNITS: Record<string, number> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/**
 * Reads the settings file: lines `name = value`, `#` begins a comment. A missing file means defaults; a line that
 * cannot be understood is told and skipped, so that a slip of the pen does not keep the service from starting.
 * @param warn hears of each line that was skipped
 */
export function readConfig(path: string, warn: (line: string) => void): MemorySettings {
    let text: string;
    try {
        text = readFileSync(path, "utf8");
    } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") {
            warn(`${path} could not be read (${(error as NodeJS.ErrnoException).code}); defaults are used.`);
        }
        return DEFAULT_MEMORY;
    }
    return parseConfig(text, (line) => warn(`${path}: ${line}`));
}

/** The same, from text. */
export function parseConfig(text: string, warn: (line: string) => void): MemorySettings {
    const settings: MemorySettings = { ...DEFAULT_MEMORY };
    for (const { line, name, value, problem } of settingLines(text)) {
        if (problem !== undefined) {
            warn(`line ${line}: ${problem} It was skipped.`);
            continue;
        }
        const key = name === "memory-limit" ? "limit" : name === "memory-reserve" ? "reserve" : undefined;
        const amount = parseAmount(value);
        if (key === undefined) {
            warn(`line ${line}: the setting ${JSON.stringify(name)} is unknown and was skipped.`);
        } else if (amount === undefined) {
            warn(`line ${line}: ${name} must be a size such as 512M or a part such as 80%; the default is used.`);
        } else {
            settings[key] = amount;
        }
    }
    return settings;
}

function parseAmount(text: string): Amount | undefined {
    const percent = /^(\d{1,3})\s*%$/.exec(text)?.[1];
    if (percent !== undefined) {
        return Number(percent) <= 100 ? { percent: Number(percent) } : undefined;
    }
    const size = /^(\d{1,15})\s*([KMGT]?)(?:iB|B)?$/.exec(text);
    const bytes = Number(size?.[1]) * (UNITS[size?.[2] ?? ""] ?? NaN);
    return Number.isSafeInteger(bytes) ? { bytes } : undefined;
}
