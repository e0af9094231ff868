// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The version of the programs: that of package.json, which the build puts in here. Belongs to no layer. */
export const VERSION = process.env.RAPIDDISK_VERSION ?? "(development)";
