// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One option as met on the command line. */
export interface Met {
    letter: string;
    /** Its argument, when the option takes one. */
    argument?: string;
}

/** What getopt found: the options in their order, or the complaint at which it stopped. */
export interface Parsed {
    options: Met[];
    /** Set when an option is unknown or lacks its argument; in getopt(3)'s words, without the program name. */
    complaint?: string;
}

/**
 * Splits a command line as getopt(3) of the C library does for short options: clusters (-jl), arguments attached
 * (-a64) or in the next word (-a 64, whatever that word begins with), words that are no options passed over, and
 * nothing read after `--`. Source: POSIX XBD 12.2 and getopt(3).
 * @param words the command line without the program name
 * @param shape the letters; one that takes an argument is followed by a colon, as in getopt's optstring
 */
export function getopt(words: readonly string[], shape: string): Parsed {
    const options: Met[] = [];
    for (let index = 0; index < words.length; index++) {
        const word = words[index]!;
        if (word === "--") {
            break;
        }
        if (!word.startsWith("-") || word === "-") {
            continue;
        }
        for (let at = 1; at < word.length; at++) {
            const letter = word[at]!;
            const place = letter === ":" ? -1 : shape.indexOf(letter);
            if (place < 0) {
                return { options, complaint: `invalid option -- '${letter}'` };
            }
            if (shape[place + 1] !== ":") {
                options.push({ letter });
                continue;
            }
            const attached = word.slice(at + 1);
            const argument = attached !== "" ? attached : words[++index];
            if (argument === undefined) {
                return { options, complaint: `option requires an argument -- '${letter}'` };
            }
            options.push({ letter, argument });
            break;
        }
    }
    return { options };
}
