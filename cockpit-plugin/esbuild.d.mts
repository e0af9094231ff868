// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Metafile } from "esbuild";
export function bundlePage(): Promise<{ script: string; styles: string; metafile: Metafile }>;
export function buildPage(out: string): Promise<Metafile>;
