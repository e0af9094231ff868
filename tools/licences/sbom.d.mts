// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Bundled } from "./bundled.mjs";
export function sbom(
    product: { name: string; version: string; licence: string },
    packages: Bundled[],
    lock: { packages: Record<string, object> },
): string;
