// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isolated, listed } from "../lib/bidi.js";
import { N_, _, format } from "../lib/gettext.js";
import { readProblem, type Problem } from "./problemline.js";
import { readUser, type User } from "./userline.js";

const modes: Readonly<Record<string, string>> = {
    "write-through": N_("Write-through"),
    "write-around": N_("Write-around"),
    writeback: N_("Writeback"),
    "pass-through": N_("Switched off (pass-through)"),
};

/** A cache's mode for people; a word that is not known stays as it is. */
export function modeName(mode: string): string {
    const text = modes[mode];
    return text === undefined ? mode : _(text);
}

const cacheStates: Readonly<Record<string, string>> = {
    ok: N_("Works"),
    "origin-errors": N_("I/O errors of the origin"),
    "origin-gone": N_("Origin gone"),
    stopped: N_("Stopped by an I/O error"),
};

/** Whether a cache does its work, for people; a word that is not known stays as it is. */
export function cacheStateName(state: string): string {
    const text = cacheStates[state];
    return text === undefined ? state : _(text);
}

const operations: Readonly<Record<string, string>> = {
    "cache-create": N_("Creating a cache"),
    "cache-flush": N_("Writing cached data to the disk"),
    "cache-remove": N_("Removing a cache"),
    "cache-resize": N_("Changing the size of a cache"),
    "volume-create": N_("Creating a volume"),
    "volume-erase": N_("Erasing a volume"),
    "volume-lock": N_("Locking or unlocking a volume"),
    "volume-persist": N_("Saving a volume for each boot"),
    "volume-remove": N_("Removing a volume"),
    "volume-resize": N_("Changing the size of a volume"),
};

/** What a job does, for people; a word that is not known stays as it is. */
export function operationName(operation: string): string {
    const text = operations[operation];
    return text === undefined ? operation : _(text);
}

const uses: Readonly<Record<User["what"], string>> = {
    mount: N_("mounted on $0"),
    journal: N_("journal or log of the filesystem on $0"),
    btrfs: N_("part of a mounted btrfs filesystem"),
    swap: N_("swap"),
    loop: N_("backing file of $0"),
    off: N_("exported as $0 (switched off)"),
    export: N_("exported as $0"),
    scsi: N_("exported by the SCSI target as $0"),
    cache: N_("cache of $0"),
    origin: N_("origin of $0"),
    holder: N_("held by $0"),
    other: "$0",
};

/** What uses a device, for people. @param line of Users, as the service tells it */
export function userWords(line: string): string {
    const { what, name, partition, through } = readUser(line);
    const use = format(what === "other" ? uses.other : _(uses[what]), name);
    const stacked = through.reduce((text, one) => format(_("$0 (through $1)"), text, one), use);
    return partition === "" ? stacked : `${isolated(partition)}: ${stacked}`;
}

/** The same for several, in one line. */
export const usersWords = (lines: readonly string[]): string => listed(lines.map(userWords));

const problems: Readonly<Record<Problem["what"], string>> = {
    missing: N_("$0 is saved, but is not there."),
    port: N_("$0 is saved for port $1, but is not on it."),
    locked: N_("$0 is saved as locked, but can be written to."),
    different: N_("$0 is another one than is saved under its name."),
    origin: N_("The disk behind $0 is gone."),
    failing: N_("The disk behind $0 reported I/O errors."),
    stopped: N_("$0 stopped at an I/O error."),
    other: N_("The service reports a problem."),
};

/** What is wrong, in short, for people. @param sentence of Problems, as the service tells it */
export function problemWords(sentence: string): string {
    const { what, name, port } = readProblem(sentence);
    return format(_(problems[what]), name, port);
}
