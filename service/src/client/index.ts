// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What other rooms may use of this one. */
export { BusError, Variant } from "../bus/api.js";
export { jsonName, renderJson, type Plain } from "./json.js";
export { connect, Manager, NO_BUS } from "./manager.js";
export type { SendOptions } from "./manager.js";
export { INTERFACE, nameOfPath, objectPath, ROOT, SERVICE } from "./names.js";
export type { Kind } from "./names.js";
export { getProperties, listCaches, listJobs, listResources, listVolumes, options, request } from "./request.js";
export type { ListedCache, ListedJob, ListedVolume, Request, Resource } from "./request.js";
