// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What can be done, for those who draw it. */
export type { Action } from "./action.js";
export { cacheActions } from "./cache.js";
export { exportActions } from "./export.js";
export { jobActions } from "./job.js";
export { overviewActions, moduleActions, savedActions } from "./overview.js";
export { portActions } from "./port.js";
export { volumeActions } from "./volume.js";
