// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Generates what is written about the interface and the command from the tables that they work by:
 * docs/dbus.md from the interface specifications, the manual page and the shell completions from the CLI's commands.
 *
 * Usage: npx tsx tools/docs/generate.ts [--check]
 */
import { writeOrCheck } from "../write.js";
import { documents } from "./documents.js";

writeOrCheck(await documents(), "the interface and the commands");
