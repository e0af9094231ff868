// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Marks a text that is translated where it is shown, with `_`. Apart from gettext.ts, for what runs without Cockpit. */
export const N_ = (text: string): string => text;
