// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
export function extract(root: string): { texts: Map<string, { many: string; places: string[] }>; faults: string[] };
