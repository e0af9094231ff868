// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { createRequire } from "node:module";
import { Variant } from "../../../service/src/bus/index.js";
import { parseSingle, type Type } from "../../../service/src/bus/wire/signature.js";

const require = createRequire(import.meta.url);
const marshal = require("dbus-next/lib/marshall.js") as (signature: string, data: unknown[]) => Buffer;

/** Bytes that dbus-next's marshaller makes of a value. */
export function marshalByDbusNext(signature: string, value: unknown): Buffer {
    return marshal(signature, [foreign(parseSingle(signature) as Type, value)]);
}

/** A value in the notation of that marshaller: variants as [signature, value], dictionaries as lists of pairs. */
function foreign(type: Type, value: unknown): unknown {
    if (value instanceof Variant) {
        return [value.signature, foreign(parseSingle(value.signature) as Type, value.value)];
    }
    if (type.code === "(") {
        return (value as unknown[]).map((item, index) => foreign(type.children[index] as Type, item));
    }
    if (type.code !== "a") return value;
    const element = type.children[0] as Type;
    if (element.code !== "{") return Array.from(value as unknown[], (item) => foreign(element, item));
    const [keyType, valueType] = element.children as [Type, Type];
    return [...(value as Map<unknown, unknown>)].map(([key, item]) => [
        foreign(keyType, key),
        foreign(valueType, item),
    ]);
}
