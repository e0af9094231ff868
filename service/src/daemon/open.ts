// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { join } from "node:path";
import { createRealKernel, createSimKernel, type KernelPort, type SimKernel } from "../kernel/index.js";
import { Model } from "../model/model.js";
import { defined } from "../system/defined.js";
import { readConfig } from "./config.js";
import { inheritedDescriptor } from "./inherited.js";
import { clearUnfinished, FileStore } from "./files.js";
import { FileIntentLog } from "./intents.js";
import { FileKeyStore, FileOwnershipStore } from "./targetfiles.js";
import { log } from "./log.js";
import type { DaemonOptions } from "./options.js";

/** Makes the model over a kernel, with its files where the command line says. Its process must hold the lock of the runtime directory. */
export function openModel(options: DaemonOptions, kernel: KernelPort): Model {
    const warn = (line: string): void => log("warning", line);
    clearUnfinished([options.stateDir, join(options.stateDir, "keys"), options.runtimeDir]);
    return new Model({
        kernel,
        store: new FileStore(options.stateDir, warn),
        intents: new FileIntentLog(options.runtimeDir),
        ownership: new FileOwnershipStore(options.runtimeDir),
        keys: new FileKeyStore(options.stateDir),
        memory: readConfig(options.config, warn),
        log: warn,
    });
}

/** Opens the kernel that a program works on. */
export type KernelOpener = (options: DaemonOptions) => KernelPort;

/** Opens the kernel that the command line asks for. */
export function openKernel(options: DaemonOptions): KernelPort {
    if (options.sim) {
        return openSimKernel(options);
    }
    const kernelLog = inheritedDescriptor("kmsg");
    return createRealKernel(defined({ kernelLog }));
}

/** Opens the simulated kernel, with its file and its control socket where the command line says. */
export function openSimKernel(options: DaemonOptions): SimKernel {
    return createSimKernel(defined({ stateFile: options.simState, controlSocket: options.simControl }));
}
