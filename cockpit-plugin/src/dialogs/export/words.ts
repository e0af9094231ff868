// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { LONGEST_NQN, nqnFault, RESERVED_NQN } from "../../../../service/src/facts/nqn.js";
import { _, format } from "../../lib/gettext.js";
import { keyProblem } from "../../lib/hostkey.js";

/** What is wrong with an NQN, in words; empty when nothing is. @param what whom it names */
export function nqnWords(nqn: string, what: "export" | "host"): string {
    switch (nqnFault(nqn, what)) {
        case undefined:
            return "";
        case "empty":
            return _("Type an NQN, for example nqn.2014-08.org.example:host1.");
        case "long":
            return format(_("An NQN has at most $0 bytes."), LONGEST_NQN);
        case "characters":
        case "path":
            return format(_("$0 holds a slash, a control character or something else that an NQN may not have."), nqn);
        case "reserved":
            return format(_("Names that begin with $0 are reserved. Choose another one."), RESERVED_NQN);
        case "discovery":
            return _("This is the name of the discovery service, which nothing else may have.");
        case "key":
            return _("This is a key. What is asked for is a name, the NQN.");
    }
}

/** What is wrong with a typed key, in words, which never hold any of it; empty when nothing is. */
export function keyWords(key: string): string {
    switch (keyProblem(key)) {
        case "":
            return "";
        case "empty":
            return _("Paste a key as nvme gen-dhchap-key prints it, or let one be made.");
        case "form":
            return _("This is not a key: a key begins with DHHC-1: and ends with a colon. Copy the whole line.");
        case "length":
            return _("The key has the wrong length for its kind. Copy the whole line.");
        case "checksum":
            return _("The key has a wrong checksum: a character was lost or changed. Copy it again.");
    }
}

/** What is wrong with a serial number or a model name; empty when nothing is, or when there is none. @param most characters */
export function plainWords(text: string, most: number): string {
    return text === "" || (text.length <= most && /^[!-~]([ -~]*[!-~])?$/.test(text))
        ? ""
        : format(_("It has at most $0 letters, digits and signs of ASCII, and no blank at its ends."), most);
}
