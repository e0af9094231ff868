// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { isolated } from "../lib/bidi.js";
import { bytes, number } from "../lib/bytes.js";
import { N_, _, format } from "../lib/gettext.js";
import { textOf, textsOf, usersOf, type Details, type Detail } from "./details.js";
import { ENTRIES, FAULTS, OPERATIONS, PROBLEMS, USERS } from "./texts.js";

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

/** What a job does, for people; a word that is not known stays as it is. */
export function operationName(operation: string): string {
    const text = OPERATIONS[operation];
    return text === undefined ? operation : _(text);
}

/** What uses a device, for people; in the service's words where the page knows no better ones. */
export function userWords({ kind, text, values }: Detail): string {
    const use = USERS[kind];
    if (use === undefined) return text;
    const said = format(_(use), textOf(values, "name"));
    const stacked = textsOf(values, "through").reduce((words, one) => format(_("$0 (through $1)"), words, one), said);
    const partition = textOf(values, "partition");
    return partition === "" ? stacked : `${isolated(partition)}: ${stacked}`;
}

/** What uses an object, for people, one text each. */
export const usersWords = (it: Parameters<typeof usersOf>[0]): string[] => usersOf(it).map(userWords);

/** Values of problems that are not shown as they are told. */
const shown: Readonly<Record<string, (values: Details) => string>> = {
    object: (values) => (textOf(values, "type") === "port" ? format(_("Port $0"), textOf(values, "object")) : ""),
    size: (values) => size(values, "size"),
    "saved-size": (values) => size(values, "saved-size"),
    used: (values) => size(values, "used"),
    limit: (values) => size(values, "limit"),
    volume: (values) => textOf(values, "volume") || _("another device"),
    device: (values) => textOf(values, "device") || _("no device"),
    operation: (values) => operationName(textOf(values, "operation")),
    found: (values) => address(values, "found"),
    saved: (values) => address(values, "saved"),
    fault: (values) => format(_(FAULTS[textOf(values, "fault")] ?? "$0"), textOf(values, "field")),
    hosts: (values) =>
        Number(values["more"]) > 0
            ? format(_("$0 and $1 more"), textOf(values, "hosts"), textOf(values, "more"))
            : textOf(values, "hosts"),
    remedy: (values) =>
        values["keys"] === true
            ? _("Give each of them a key, or deny it.")
            : _(
                  "The NVMe target of this kernel has no keys, so only a port with TLS, or a network of its own, keeps others out.",
              ),
    entry: (values) =>
        format(_(ENTRIES[textOf(values, "type")] ?? "$0"), textOf(values, "name") || `#${Number(values["index"]) + 1}`),
    holder: (values) => {
        const [program, pid, user] = ["program", "pid", "user"].map((name) => textOf(values, name)) as [
            string,
            string,
            string,
        ];
        return program === ""
            ? format(_("a program of user $0"), user)
            : format(_("$0 (process $1, user $2)"), program, pid, user);
    },
};

/** Exact, since two sizes that differ must not look the same. */
const size = (values: Details, name: string): string =>
    format(_("$0 ($1 bytes)"), bytes(Number(values[name])), number(Number(values[name])));

function address(values: Details, name: string): string {
    const words = textOf(values, name) || _("not set up");
    return values[`${name}-tls`] === true ? format(_("$0 with TLS"), words) : words;
}

/** What is wrong, for people; null where the page has no words for it. */
export function problemWords({ kind, values }: Detail): string | null {
    const [text, ...names] = PROBLEMS[kind] ?? [];
    if (text === undefined) return null;
    return format(_(text), ...names.map((name) => shown[name]?.(values) || textOf(values, name)));
}
