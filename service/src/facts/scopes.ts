// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What a token, or everybody, may do over HTTP; each word includes those before it. */
export const SCOPES = ["read", "operate", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** Whether a word is a scope. */
export function isScope(word: unknown): word is Scope {
    return (SCOPES as readonly unknown[]).includes(word);
}
