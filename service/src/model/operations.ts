// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Pieces of work, as jobs and notes of unfinished work name them. */
export const OPERATIONS = [
    ...(["volume-create", "volume-resize", "volume-lock", "volume-erase", "volume-persist", "volume-remove"] as const),
    ...(["cache-create", "cache-flush", "cache-mode", "cache-persist", "cache-remove", "cache-resize"] as const),
    ...(["port-create", "port-persist", "port-remove"] as const),
    ...(["export-create", "export-enable", "export-revalidate", "export-persist", "export-remove"] as const),
    ...(["export-allow-host", "export-deny-host", "export-any-host", "export-host-keys"] as const),
    ...(["export-add-port", "export-remove-port"] as const),
] as const;
export type Operation = (typeof OPERATIONS)[number];
