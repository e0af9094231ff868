// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The entry point of the kernel layer: the port and its two implementations. */
export * from "./port.js";
export { createRealKernel, type RealKernelOptions } from "./real.js";
export { createSimKernel, type SimKernel, type SimOptions } from "./sim/index.js";
export { SimControl, type SimDiskSpec } from "./sim/control.js";
export type { ChangingVerb, FaultMoment, SimStep } from "./sim/steps.js";
