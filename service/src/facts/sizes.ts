// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Bytes of a sector, in which the kernel counts (SECTOR_SIZE); sizes of volumes are multiples of it. */
export const SECTOR = 512;

/** Smallest size of a volume, in bytes. */
export const SMALLEST_VOLUME = 4096;

/** Binary units, each 1024 times the one before it. */
export const BINARY_UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;
