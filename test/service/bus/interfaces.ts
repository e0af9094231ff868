// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { ArgSpec, InterfaceSpec } from "../../../service/src/bus/index.js";

/** What the test service serves. */
export const ROOT = "/org/rapiddisk/Manager";
export const NAME = "org.rapiddisk.Manager";

const arg = (name: string, type: string): ArgSpec => ({ name, type, doc: `The ${name}.` });
const method = (inArgs: ArgSpec[], out: ArgSpec[] = []) => ({ in: inArgs, out, doc: "For tests." });
const property = (
    type: string,
    emits: "true" | "const" | "false" | "invalidates",
    access: "read" | "readwrite" = "read",
) => ({ type, emits, access, doc: "For tests." });

const everyType = ["y", "b", "n", "q", "i", "u", "x", "t", "d", "s", "o", "g", "as", "ay", "a{sv}", "(sa(ut))"].map(
    (type, index) => arg(`value${index}`, type),
);

/** On the root object. */
export const testInterface: InterfaceSpec = {
    name: "org.rapiddisk.Test",
    doc: 'For <tests> & "nothing" else.',
    methods: {
        Empty: method([]),
        Echo: method([arg("text", "s")], [arg("text", "s")]),
        Options: method([arg("options", "a{sv}")], [arg("keys", "as")]),
        Sleep: method([arg("milliseconds", "u")]),
        Guarded: method([arg("options", "a{sv}")], [arg("answer", "s")]),
        Crash: method([]),
        Change: method([arg("text", "s")]),
        Types: method(everyType, everyType),
        Statistics: method([], [arg("statistics", "a{sv}")]),
    },
    properties: {
        Label: property("s", "true"),
        Constant: property("u", "const"),
        Counter: property("u", "false"),
        Slow: property("s", "false"),
        Stored: property("s", "true", "readwrite"),
    },
    signals: {},
};

/** On each item: as many properties as a volume has. */
export const itemInterface: InterfaceSpec = {
    name: "org.rapiddisk.Test.Item",
    doc: "For tests.",
    methods: {},
    properties: {
        Name: property("s", "const"),
        Number: property("u", "const"),
        Device: property("s", "const"),
        Size: property("t", "true"),
        Used: property("t", "false"),
        ReadOnly: property("b", "true"),
        Errors: property("t", "false"),
        InUse: property("b", "true"),
        Users: property("as", "true"),
        Persistent: property("b", "invalidates"),
    },
    signals: {},
};
