// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ERROR_PREFIX } from "../facts/busnames.js";
import { STANDARD_ERROR } from "../facts/dbus.js";
import { BusError, NO_BUS } from "../client/index.js";
import { printable } from "./output/text.js";
import { UsageError } from "./units.js";

/** Exit statuses of the commands in words; the old notation has its own. */
export const EXIT = {
    done: 0,
    failed: 1,
    usage: 2,
    notFound: 3,
    busy: 4,
    notAuthorized: 5,
    noMemory: 6,
    noService: 7,
    exists: 8,
} as const;

/** The error by which the service says that a person would have to be asked. */
export const ASK_NEEDED = `${STANDARD_ERROR}.InteractiveAuthorizationRequired`;

/** The error of a call that was not answered in time, or whose service went. */
export const NO_REPLY = `${STANDARD_ERROR}.NoReply`;

/** The bus's error for an object path where nothing is. */
export const NO_OBJECT = `${STANDARD_ERROR}.UnknownObject`;

const STATUS: Readonly<Record<string, number>> = {
    [`${ERROR_PREFIX}.InvalidArgument`]: EXIT.usage,
    [`${ERROR_PREFIX}.UnknownOption`]: EXIT.usage,
    [`${ERROR_PREFIX}.NotFound`]: EXIT.notFound,
    [NO_OBJECT]: EXIT.notFound,
    [`${ERROR_PREFIX}.AlreadyExists`]: EXIT.exists,
    [`${ERROR_PREFIX}.Busy`]: EXIT.busy,
    [`${ERROR_PREFIX}.NotAuthorized`]: EXIT.notAuthorized,
    [ASK_NEEDED]: EXIT.notAuthorized,
    [`${STANDARD_ERROR}.AccessDenied`]: EXIT.notAuthorized,
    [`${ERROR_PREFIX}.NoMemory`]: EXIT.noMemory,
    [NO_BUS]: EXIT.noService,
    [`${STANDARD_ERROR}.ServiceUnknown`]: EXIT.noService,
    [`${STANDARD_ERROR}.NameHasNoOwner`]: EXIT.noService,
    [`${STANDARD_ERROR}.Spawn.ServiceNotFound`]: EXIT.noService,
    [`${STANDARD_ERROR}.Disconnected`]: EXIT.noService,
    [NO_REPLY]: EXIT.noService,
    [`${STANDARD_ERROR}.Timeout`]: EXIT.noService,
    [`${STANDARD_ERROR}.TimedOut`]: EXIT.noService,
};

/** What is said and with which status the program ends. */
export interface Failure {
    status: number;
    /** D-Bus error name; "usage" when the command line was wrong. */
    name: string;
    /** One sentence or more for a person. */
    message: string;
}

/** Whether an error says that the object is not (or no longer) there. */
export function isGone(error: unknown): boolean {
    return error instanceof BusError && STATUS[error.errorName] === EXIT.notFound;
}

/** Whether an error says that the object is there already. */
export function isTaken(error: unknown): boolean {
    return error instanceof BusError && STATUS[error.errorName] === EXIT.exists;
}

/** Puts any error into words. What is not meant for people becomes a plain statement with its text. */
export function explainFailure(error: unknown): Failure {
    if (error instanceof UsageError) {
        return { status: EXIT.usage, name: "usage", message: printable(error.message) };
    }
    if (!(error instanceof BusError)) {
        const text = error instanceof Error ? error.message : String(error);
        return { status: EXIT.failed, name: `${ERROR_PREFIX}.Failed`, message: printable(text) };
    }
    const status = STATUS[error.errorName] ?? EXIT.failed;
    return { status, name: error.errorName, message: printable(words(error)) };
}

function words(error: BusError): string {
    switch (error.errorName) {
        case `${STANDARD_ERROR}.ServiceUnknown`:
        case `${STANDARD_ERROR}.NameHasNoOwner`:
        case `${STANDARD_ERROR}.Spawn.ServiceNotFound`:
            return "The RapidDisk service is not there; start it with: systemctl start rapiddiskd.service";
        case NO_REPLY:
        case `${STANDARD_ERROR}.Timeout`:
        case `${STANDARD_ERROR}.TimedOut`:
            return (
                `The service did not answer. (${error.message}) Whether a change was made is not known: look at what is there, ` +
                "and at: journalctl -u rapiddiskd"
            );
        case ASK_NEEDED:
            return `${error.message} Run it as root, or on a terminal where a password can be asked for.`;
        default:
            return error.message;
    }
}
