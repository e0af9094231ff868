// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { STANDARD_ERROR } from "../facts/dbus.js";
import { BusError } from "./api.js";

/** Standard errors (D-Bus specification, "Standard Interfaces", and the reference implementation's list). */
type Standard =
    | "UnknownObject"
    | "UnknownInterface"
    | "UnknownMethod"
    | "UnknownProperty"
    | "PropertyReadOnly"
    | "InvalidArgs"
    | "NoReply"
    | "Disconnected"
    | "FileNotFound"
    | "InteractiveAuthorizationRequired";

/** Makes a standard error. */
export function standardError(name: Standard, message: string): BusError {
    return new BusError(`${STANDARD_ERROR}.${name}`, message);
}

/** Makes text from elsewhere fit to stand in a message: control characters gone, at most `length` characters. */
export function clipped(text: string, length = 100): string {
    // eslint-disable-next-line no-control-regex
    const clean = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
    return clean.length <= length ? clean : `${clean.slice(0, length)}…`;
}
