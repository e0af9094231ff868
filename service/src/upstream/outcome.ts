// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { BusError } from "../client/index.js";
import { ERROR_PREFIX } from "../facts/busnames.js";

/** Exit statuses of rapiddisk 7 to 9: the negative errno of its return value, as one byte. */
export const STATUS = {
    success: 0,
    flushRefused: 1,
    invalid: 234,
    busy: 240,
    notRoot: 243,
    noMemory: 244,
    inputOutput: 251,
    notFound: 254,
    failed: 255,
} as const;

/** Why an action was refused or failed: exit status, the complaint, and the last part of the D-Bus error name for it. */
export class ActionError extends Error {
    override name = "ActionError";
    constructor(
        readonly status: number,
        message: string,
        readonly kind = status === STATUS.notFound
            ? "NotFound"
            : status === STATUS.invalid
              ? "InvalidArgument"
              : "Failed",
    ) {
        super(message);
    }
}

/** Statuses for some errors, by the last part of their names; what tells two of one name apart is in the message. */
export type SpecialStatuses = Readonly<Record<string, number | ((message: string) => number)>>;

/** Gives the exit status for an error of the service, by the last part of its name; actions differ in some. */
export function statusOf({ errorName, message }: BusError, special: SpecialStatuses = {}): number {
    const kind = errorName.startsWith(`${ERROR_PREFIX}.`) ? errorName.slice(ERROR_PREFIX.length + 1) : "";
    if (Object.hasOwn(special, kind)) {
        const status = special[kind]!;
        return typeof status === "number" ? status : status(message);
    }
    return kind === "NoMemory" ? STATUS.noMemory : STATUS.failed;
}
