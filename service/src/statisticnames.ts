// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Names of a cache's statistics, in the order of the numbers in the kernel's status line. The model reads the line by them,
 * the old JSON prints by them: in both the order counts, so there is one list for either end. Belongs to no layer.
 */

/** Of a write-through or write-around cache (docs/kernel-cache.md). */
export const THROUGH_STATISTICS = [
    "reads",
    "writes",
    "cache_hits",
    "replacement",
    "write_replacement",
    "read_invalidates",
    "write_invalidates",
    "uncached_reads",
    "uncached_writes",
    "disk_reads",
    "disk_writes",
    "cache_reads",
    "cache_writes",
] as const;

/** Of a writeback cache (Documentation/admin-guide/device-mapper/writecache.rst); kernels before 5.15 print four only. */
export const WRITEBACK_STATISTICS = [
    "errors",
    "num_blocks",
    "num_free_blocks",
    "num_wb_blocks",
    "num_read_req",
    "num_read_cache_hits",
    "num_write_req",
    "num_write_uncommitted_blk_hits",
    "num_write_committed_blk_hits",
    "num_write_cache_bypass",
    "num_write_cache_alloc",
    "num_write_freelist_blocked",
    "num_flush_req",
    "num_discard_req",
] as const;
