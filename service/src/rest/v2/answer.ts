// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The answer to a change. */
export interface HttpAnswer {
    status: number;
    headers: Readonly<Record<string, string>>;
    /** JSON; empty for none. */
    text: string;
}
