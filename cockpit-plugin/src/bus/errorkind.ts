// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { ERROR_PREFIX, STANDARD_ERROR } from "./names.js";

/** What went wrong, as far as a person can do something about it. */
export type ErrorKind =
    | "Failed"
    | "InvalidArgument"
    | "UnknownOption"
    | "NotFound"
    | "AlreadyExists"
    | "Busy"
    | "NotSupported"
    | "NoMemory"
    | "NotAuthorized"
    | "Cancelled"
    | "TimedOut"
    | "LimitsExceeded"
    | "NoReply"
    | "Stopped"
    | "NotInstalled"
    | "OtherVersion"
    | "Disconnected";

const own: readonly ErrorKind[] = [
    "Failed",
    "InvalidArgument",
    "UnknownOption",
    "NotFound",
    "AlreadyExists",
    "Busy",
    "NotSupported",
    "NoMemory",
    "NotAuthorized",
    "Cancelled",
    "TimedOut",
    "LimitsExceeded",
];

const standard: Readonly<Record<string, ErrorKind>> = {
    InteractiveAuthorizationRequired: "NotAuthorized",
    AccessDenied: "NotAuthorized",
    AuthFailed: "NotAuthorized",
    NoReply: "NoReply",
    Timeout: "NoReply",
    TimedOut: "NoReply",
    ServiceUnknown: "NotInstalled",
    NameHasNoOwner: "Stopped",
    "Spawn.ServiceNotFound": "NotInstalled",
    Disconnected: "Disconnected",
    NoServer: "Disconnected",
    UnknownObject: "NotFound",
    UnknownMethod: "OtherVersion",
    UnknownInterface: "OtherVersion",
    UnknownProperty: "OtherVersion",
    InvalidArgs: "InvalidArgument",
    InvalidSignature: "OtherVersion",
    LimitsExceeded: "LimitsExceeded",
    NoMemory: "NoMemory",
};

const channel: Readonly<Record<string, ErrorKind>> = {
    "access-denied": "NotAuthorized",
    "authentication-failed": "NotAuthorized",
    "not-found": "NotInstalled",
    timeout: "NoReply",
};

/**
 * What an error of a call means, by its name and never by its text.
 * @param name the D-Bus error's name
 * @param problem the bridge's word for what is wrong with the connection
 */
export function errorKind(name: string | undefined, problem: string | null | undefined): ErrorKind {
    if (name?.startsWith(`${ERROR_PREFIX}.`)) {
        return own.find((kind) => kind === name.slice(ERROR_PREFIX.length + 1)) ?? "Failed";
    }
    if (name?.startsWith(`${STANDARD_ERROR}.`)) {
        const word = name.slice(STANDARD_ERROR.length + 1);
        return standard[word] ?? (word.startsWith("Spawn.") ? "Stopped" : "Failed");
    }
    if (problem) return channel[problem] ?? "Disconnected";
    return "Failed";
}
