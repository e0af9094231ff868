// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Generates service/src/generated/ and cockpit-plugin/src/generated/ from dbus/*.xml, the one source of truth of the interface.
 *
 * Usage: npx tsx tools/generate.ts [--check]
 */
import { join } from "node:path";
import { generate } from "./generate/generate.js";
import { root, writeOrCheck } from "./write.js";

writeOrCheck([...generate(join(root, "dbus"))], "dbus/*.xml");
