// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a sentence of the service's Problems is about. */
export interface Problem {
    readonly what: keyof typeof FORMS | "other";
    /** The object; empty where the sentence is of no known form. */
    readonly name: string;
    /** The port, where the sentence names one beside the object. */
    readonly port: string;
}

/** How sentences begin, or what they hold. */
const FORMS = {
    missing: /^(.+?) is saved but not there[,;]/,
    port: /^(.+?) is not on port (\d+), where it is saved/,
    locked: /^(.+?) is saved as locked, but can be written/,
    origin: /^.+?, the origin of (.+?), is gone:/,
    failing: /^.+?, the origin of (.+?), reported \d+ I\/O errors? since /,
    stopped: /^(.+?) stopped at an I\/O error /,
    different: /^(.+?) is (?:another (?:volume|cache)\b|.*\bbut saved is\b)/,
} as const;

/** Finds out what a sentence of Problems is about, so that it can be said in the reader's language. */
export function readProblem(sentence: string): Problem {
    for (const [what, form] of Object.entries(FORMS) as [keyof typeof FORMS, RegExp][]) {
        const match = form.exec(sentence);
        if (match) return { what, name: match[1] ?? "", port: match[2] ?? "" };
    }
    return { what: "other", name: "", port: "" };
}
