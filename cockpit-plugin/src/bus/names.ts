// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Names on the bus, as the service writes them. */
export { BUS, BUS_PATH, OBJECT_MANAGER, PROPERTIES, STANDARD_ERROR } from "../../../service/src/facts/dbus.js";
export { ERROR_PREFIX, ROOT, SERVICE } from "../../../service/src/facts/busnames.js";

/** The service's unit in systemd. */
export const UNIT = "rapiddiskd.service";
