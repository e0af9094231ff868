// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

export { bundle, TURNS } from "./bundle.js";
export { startBus, type TestBus } from "./bus.js";
export { type BusKind, DEFAULT_BUS, onEachBus } from "./kinds.js";
export { cpuTime, residentMemory, resetPeak } from "./memory.js";
export { needsRoot } from "./needs.js";
export { freePort } from "./ports.js";
export { nobody, outputLine, type RunResult } from "./process.js";
export { type Stall, StallMeter } from "./stall.js";
