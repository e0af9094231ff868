// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** rapiddiskd: the service on the system bus. */
import { runProgram } from "./program.js";
import { runDaemon } from "./run.js";

runProgram("rapiddiskd", process.argv.slice(2), (options) => runDaemon(options));
