// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What other folders may use of this one. */
export { BusError, optionsOf, Variant } from "../bus/api.js";
export type { ArgSpec, InterfaceSpec, MethodSpec, OptionSpec, OptionSpecs } from "../bus/api.js";
export { jsonName, renderJson, type Plain } from "./json.js";
export { connect, ManagerClient, NO_BUS } from "./manager.js";
export type { SendOptions } from "./manager.js";
export { nameOfPath, objectPath } from "./names.js";
export {
    choicesOf,
    getManagedObjects,
    getProperties,
    listCaches,
    listExports,
    listJobs,
    listPorts,
    listResources,
    listVolumes,
    options,
    optionsFor,
    rangeOf,
    record,
    request,
    SECRET_OPTIONS,
} from "./request.js";
export type {
    ListedCache,
    ListedExport,
    ListedJob,
    ListedPort,
    ListedVolume,
    OptionValues,
    BusRequest,
    ListedResource,
} from "./request.js";
