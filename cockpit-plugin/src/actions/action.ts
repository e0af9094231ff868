// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Dialog } from "../dialogs/host.js";

/** Something that a person can do, described once for rows, details pages and toolbars. */
export interface Action {
    /** Short, stable, for tests and keys, for example "resize". */
    readonly id: string;
    /** What a menu says: an imperative, translated. */
    readonly title: string;
    /** Whether it destroys something. */
    readonly danger?: boolean;
    /** Why it cannot be done now, in one sentence; empty when it can. */
    readonly excuse: string;
    /** The dialog to show. It gets a function that closes it. */
    readonly dialog: Dialog;
}
