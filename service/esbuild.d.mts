// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Metafile } from "esbuild";
export const programs: Record<string, string>;
export function buildPrograms(sources: Record<string, string>, out?: string): Promise<Metafile>;
