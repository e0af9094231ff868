// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** All promises of the kernel port. */
import { devicePromises } from "./devices.js";
import { mappingPromises } from "./mappings.js";
import { nvmetPromises } from "./nvmet.js";
import { ramDiskPromises } from "./ramdisks.js";
import type { Promised } from "./fixture.js";

export const promises: readonly Promised[] = [
    ...ramDiskPromises,
    ...mappingPromises,
    ...devicePromises,
    ...nvmetPromises,
];
