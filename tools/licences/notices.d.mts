// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Bundled } from "./bundled.mjs";
export function notices(what: string, packages: Bundled[]): string;
export function holders(text: string): string[];
