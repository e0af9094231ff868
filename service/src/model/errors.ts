// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { KernelError } from "../kernel/port.js";

/** Why something was refused or failed. Front ends turn a kind into their own kind of error name. */
export type ErrorKind =
    | "Failed"
    | "InvalidArgument"
    | "NotFound"
    | "AlreadyExists"
    | "Busy"
    | "NotSupported"
    | "NoMemory"
    | "Cancelled"
    | "TimedOut"
    | "LimitsExceeded";

/** A refusal or failure, told in one sentence for a person: the object, what was wrong, what would be right. */
export class ModelError extends Error {
    override name = "ModelError";
    constructor(
        readonly kind: ErrorKind,
        message: string,
    ) {
        super(message);
    }
}

const KINDS: Record<string, ErrorKind> = {
    EBUSY: "Busy",
    EEXIST: "AlreadyExists",
    ENODEV: "NotFound",
    ENOENT: "NotFound",
    ENXIO: "NotFound",
    ENOTBLK: "InvalidArgument",
    ENOTEMPTY: "Busy",
    ENOMEM: "NoMemory",
    ENOSPC: "NoMemory",
    EFBIG: "NoMemory",
    EDQUOT: "LimitsExceeded",
    EOPNOTSUPP: "NotSupported",
    ENOTSUP: "NotSupported",
    ENOSYS: "NotSupported",
    ETIMEDOUT: "TimedOut",
    ECANCELED: "Cancelled",
    EADDRINUSE: "Busy",
    EADDRNOTAVAIL: "NotFound",
    EUSERS: "LimitsExceeded",
    EMFILE: "LimitsExceeded",
    ENFILE: "LimitsExceeded",
};

/**
 * Turns what the kernel said into a {@link ModelError}; errors that are ModelErrors already pass unchanged.
 * @param error what was thrown
 * @param object what it was about, to begin the sentence with when the kernel's own does not name it
 */
export function toModelError(error: unknown, object: string): ModelError {
    if (error instanceof ModelError) {
        return error;
    }
    if (error instanceof KernelError) {
        const about = error.message.includes(object) ? error.message : `${object}: ${error.message}`;
        const text = about.includes(error.errno) ? about : `${about.replace(/\.$/, "")} (${error.errno}).`;
        return new ModelError(KINDS[error.errno] ?? "Failed", text);
    }
    throw error;
}

/** Gives the errno name of a kernel error, else undefined. */
export function errnoOf(error: unknown): string | undefined {
    return error instanceof KernelError ? error.errno : undefined;
}
