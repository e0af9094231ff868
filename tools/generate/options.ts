// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { OptionSpec } from "../../service/src/bus/api.js";

const TYPES = ["b", "u", "s", "as"] as const;

/**
 * Reads options out of annotations: PREFIX and the key say the type, PREFIX, the key, a dot and a capitalized word say a fact.
 * @param annotations names and values, in the order of the file
 * @param prefix of {@link ANNOTATION}: `option` or `commonOption`
 * @param where the element, for errors
 * @throws Error when a fact is unknown, comes before the type, or contradicts the type or another fact
 */
export function readOptions(
    annotations: readonly (readonly [name: string, value: string])[],
    prefix: string,
    where: string,
): Record<string, OptionSpec> {
    const options: Record<string, OptionSpec> = {};
    for (const [name, value] of annotations) {
        if (!name.startsWith(prefix)) {
            continue;
        }
        const match = /^([a-z][a-z0-9_-]*(?:\.[a-z][a-z0-9_-]*)*)(?:\.([A-Z][A-Za-z]*))?$/.exec(
            name.slice(prefix.length),
        );
        if (match?.[1] === undefined) {
            throw new Error(`${where}: ${name} is not ${prefix}KEY or ${prefix}KEY.Fact`);
        }
        const [, key, fact] = match;
        if (fact === undefined) {
            if (options[key] !== undefined) {
                throw new Error(`${where}: option ${key} is described twice`);
            }
            options[key] = { type: typeOf(value, `${where}: option ${key}`), doc: "" };
        } else if (options[key] === undefined) {
            throw new Error(`${where}: ${name} comes before ${prefix}${key}, which says the type`);
        } else {
            addFact(options[key], fact, value, `${where}: option ${key}`);
        }
    }
    for (const [key, option] of Object.entries(options)) {
        check(option, `${where}: option ${key}`);
    }
    return options;
}

function typeOf(value: string, where: string): OptionSpec["type"] {
    const type = TYPES.find((known) => known === value);
    if (type === undefined) {
        throw new Error(`${where}: type "${value}" should be one of ${TYPES.join(", ")}`);
    }
    return type;
}

function addFact(option: OptionSpec, fact: string, value: string, where: string): void {
    switch (fact) {
        case "Doc":
            option.doc = value;
            return;
        case "Default":
            option.default = value;
            return;
        case "Choices":
            option.choices = value.split(" ");
            return;
        case "Minimum":
            option.minimum = Number(value);
            return;
        case "Maximum":
            option.maximum = Number(value);
            return;
        case "Secret":
            option.secret = value === "true";
            return;
        default:
            throw new Error(`${where}: ${fact} should be one of Doc, Default, Choices, Minimum, Maximum, Secret`);
    }
}

function check({ type, doc, choices, minimum, maximum, default: preset }: OptionSpec, where: string): void {
    if (doc === "") {
        throw new Error(`${where}: has no Doc`);
    }
    if (choices !== undefined && type !== "s" && type !== "as") {
        throw new Error(`${where}: Choices are for the types s and as`);
    }
    if (type === "s" && choices !== undefined && preset !== undefined && !choices.includes(preset)) {
        throw new Error(`${where}: the Default is not among the Choices`);
    }
    for (const limit of [minimum, maximum]) {
        if (limit !== undefined && (type !== "u" || !Number.isInteger(limit) || limit < 0 || limit > 0xffffffff)) {
            throw new Error(`${where}: Minimum and Maximum are whole numbers and for the type u`);
        }
    }
}
