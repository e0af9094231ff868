// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** rapiddisk-restore: makes the saved volumes and caches at boot. */
import { runProgram } from "./program.js";
import { runRestore } from "./restore.js";

runProgram("rapiddisk-restore", process.argv.slice(2), (options, waitSeconds) => runRestore(options, waitSeconds));
