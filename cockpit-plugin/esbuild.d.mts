// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Metafile } from "esbuild";
export function buildPage(out: string): Promise<Metafile>;
