// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

export { startBus, type TestBus } from "./bus.js";
export { nobody, type RunResult } from "./process.js";
export { needsRoot } from "./needs.js";
