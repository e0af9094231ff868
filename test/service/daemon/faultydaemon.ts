// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** rapiddiskd as it is installed, over a simulated kernel with faults (`--sim-fault`, see `faults.ts`). */
import { runProgram } from "../../../service/src/daemon/program.js";
import { runDaemon } from "../../../service/src/daemon/run.js";
import { takeFaults } from "./faults.js";

const { rest, open } = takeFaults(process.argv.slice(2));
runProgram("rapiddiskd", rest, (options) => runDaemon(options, open));
