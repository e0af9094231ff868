// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { readFileSync } from "node:fs";
import { choicesOf, type OptionValues } from "../../client/index.js";
import { generateKey } from "../../hostkey.js";
import { UsageError } from "../units.js";
import type { Input, Option } from "./command.js";

/** Options of commands that give a host its keys. A key itself is never a word of a command line. */
export const KEY_OPTIONS: Readonly<Record<string, Option>> = {
    "generate-key": { doc: "Make a key for the host and print it, this once." },
    "key-file": {
        value: "FILE",
        doc: "Read the host's key (DHHC-1:...) from a file; - is standard input.",
        completes: "files",
    },
    mutual: { doc: "Make a key for this side too, which the host then demands, and print it." },
    "controller-key-file": {
        value: "FILE",
        doc: "Read this side's key from a file; - is standard input (the line after the host's key).",
        completes: "files",
    },
    hash: {
        value: "HASH",
        doc: "sha256 (when not given), sha384 or sha512.",
        completes: choicesOf("Export.AllowHost", "hash"),
    },
    dhgroup: {
        value: "GROUP",
        doc: "Diffie-Hellman group; null (none) when not given.",
        completes: choicesOf("Export.AllowHost", "dhgroup"),
    },
};

/** Keys for the bus, and those that were made here and must be shown. */
export interface ChosenKeys {
    values: OptionValues<"Export.AllowHost">;
    made: { key?: string; controllerKey?: string };
}

const LARGEST = 64 * 1024;

/** Reads or makes the keys that a command line asks for. @throws UsageError, which never holds a key */
export function chooseKeys(given: Input["options"]): ChosenKeys {
    const both = (one: string, other: string): boolean => given[one] !== undefined && given[other] !== undefined;
    if (both("generate-key", "key-file") || both("mutual", "controller-key-file")) {
        throw new UsageError("A key is either made or read from a file.");
    }
    const lines = new Map<string, string[]>();
    const next = (file: string): string => {
        const left = lines.get(file) ?? readLines(file);
        lines.set(file, left);
        const line = left.shift();
        if (line === undefined) {
            throw new UsageError(`There is no key (or none left) in ${file === "-" ? "standard input" : file}.`);
        }
        return line;
    };
    const key = chosen(given["generate-key"], given["key-file"], next);
    const controllerKey = chosen(given.mutual, given["controller-key-file"], next);
    return {
        values: { key, "controller-key": controllerKey, hash: given.hash, dhgroup: given.dhgroup },
        made: {
            ...(given["generate-key"] === undefined || key === undefined ? {} : { key }),
            ...(given.mutual === undefined || controllerKey === undefined ? {} : { controllerKey }),
        },
    };
}

function chosen(
    make: string | undefined,
    file: string | undefined,
    next: (file: string) => string,
): string | undefined {
    if (make !== undefined) {
        return generateKey();
    }
    return file === undefined ? undefined : next(file);
}

/** Lines of a file that hold something. */
function readLines(file: string): string[] {
    if (file.startsWith("DHHC-1:")) {
        throw new UsageError(
            "That is a key. Other users see the words of a command; put it into a file, or give - and type it.",
        );
    }
    let text: string;
    try {
        text = readFileSync(file === "-" ? 0 : file, "utf8");
    } catch (error) {
        throw new UsageError(
            `${file === "-" ? "Standard input" : file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`,
        );
    }
    if (text.length > LARGEST) {
        throw new UsageError(`${file} is too large to hold keys.`);
    }
    return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
}

/** Shows the keys that were made. */
export function madeText({ key, controllerKey }: ChosenKeys["made"]): string {
    return (
        (key === undefined ? "" : `Key: ${key}\n`) +
        (controllerKey === undefined ? "" : `Controller key: ${controllerKey}\n`)
    );
}
