// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** JSON is the same for every iface. */
export { jsonName, renderJson, type Plain } from "../../client/json.js";
