// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { Manager } from "./objects.js";

/** Kernel modules that the service uses and that are not loaded, by name. */
export function missingModules(manager: Manager | null): string[] {
    return Object.entries(manager?.Modules ?? {})
        .filter(([, loaded]) => !loaded)
        .map(([name]) => name);
}

/** Whether a module is of the NVMe target: volumes and caches go without it, and not every host has all of them. */
export const forTarget = (module: string): boolean => module.startsWith("nvme");
