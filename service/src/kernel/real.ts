// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { KernelPort } from "./port.js";
export interface RealKernelOptions {
    root?: string;
}
export function createRealKernel(_options: RealKernelOptions = {}): KernelPort {
    throw new Error("not there yet");
}
