// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** An answer that is ready to be sent, and can be sent again. */
export interface HttpAnswer {
    status: number;
    headers: Readonly<Record<string, string>>;
    /** JSON; empty for none. */
    text: string;
    /** JSON in the place of the text the first time that it is sent: it holds what is shown only once, and is not kept. */
    once?: string;
    /** What it would be now, where that changes. @throws HttpError when that is not known */
    now?: () => HttpAnswer;
}
