// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** rapiddisk-restore as it is installed, over a simulated kernel with faults (`--sim-fault`, see `faults.ts`). */
import { runProgram } from "../../../service/src/daemon/program.js";
import { runRestore } from "../../../service/src/daemon/restore.js";
import { takeFaults } from "./faults.js";

const { rest, open } = takeFaults(process.argv.slice(2));
runProgram("rapiddisk-restore", rest, (options, waitSeconds) => runRestore(options, waitSeconds, open));
