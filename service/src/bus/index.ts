// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * D-Bus for a service that survives hostile callers, and for its clients.
 *
 * - `connectService({ root, errorPrefix, address?, limits?, log? })` connects to serve objects ({@link ConnectedService}):
 *   add objects, then `own()` the name. Signals are on the wire before any reply sent after them.
 * - `createAuthority(service, { errorPrefix, log? })` asks polkit who may, for callers of that service.
 * - `connectClient(address?)` connects to call others and to listen to signals.
 * - `encodeArray()` encodes an array once that is sent again and again.
 */
export * from "./api.js";
export { createAuthority, type AuthorityOptions } from "./authority.js";
export { connectClient } from "./client.js";
export { connectService, type ConnectedService, type ServiceOptions } from "./service/service.js";
export { defaultLimits, type Limits } from "./service/limits.js";
export { encodeArray } from "./wire/encoded.js";
export { isPath } from "./wire/names.js";
