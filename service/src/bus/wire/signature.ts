// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One complete type of a D-Bus signature. */
export interface Type {
    /** First character: a basic type, `v`, `a`, `(` or `{` (the latter only inside an array). */
    readonly code: string;
    /** The element of an array, the members of a struct, key and value of a dictionary entry. */
    readonly children: readonly Type[];
    /** Byte boundary that a value starts on: 1, 2, 4 or 8. */
    readonly alignment: number;
    /** The type as text. */
    readonly signature: string;
}

const BASIC = new Map<string, number>([
    ["y", 1],
    ["b", 4],
    ["n", 2],
    ["q", 2],
    ["i", 4],
    ["u", 4],
    ["x", 8],
    ["t", 8],
    ["d", 8],
    ["s", 4],
    ["o", 4],
    ["g", 1],
    ["h", 4],
]);

/** Longest signature, in bytes (D-Bus specification, "Valid Signatures"). */
const MAX_LENGTH = 255;
/** Deepest nesting of arrays, and of structs and dictionary entries (D-Bus specification, "Valid Signatures"). */
const MAX_DEPTH = 32;
/** Callers choose the signatures inside variants, so what is remembered of them is bounded. */
const MAX_REMEMBERED = 512;

const remembered = new Map<string, readonly Type[]>();

/**
 * Parses a signature into its complete types.
 * @returns undefined when it is not valid: unknown characters, an incomplete container, too long or nested too deeply
 */
export function parseSignature(signature: string): readonly Type[] | undefined {
    const known = remembered.get(signature);
    if (known !== undefined) return known;
    if (signature.length > MAX_LENGTH) return undefined;
    const types: Type[] = [];
    for (let at = 0; at < signature.length;) {
        const type = parseOne(signature, at, 0, 0);
        if (type === undefined) return undefined;
        types.push(type);
        at += type.signature.length;
    }
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(signature, types);
    return types;
}

/** Parses a signature that must hold exactly one complete type; undefined when it does not. */
export function parseSingle(signature: string): Type | undefined {
    const types = parseSignature(signature);
    return types?.length === 1 ? types[0] : undefined;
}

function parseOne(text: string, at: number, arrays: number, structs: number): Type | undefined {
    const code = text.charAt(at);
    const basic = BASIC.get(code);
    if (basic !== undefined) return { code, children: [], alignment: basic, signature: code };
    if (code === "v") return { code, children: [], alignment: 1, signature: code };
    if (code === "a") return parseArray(text, at, arrays + 1, structs);
    if (code === "(") return parseStruct(text, at, arrays, structs + 1);
    return undefined;
}

function parseArray(text: string, at: number, arrays: number, structs: number): Type | undefined {
    if (arrays > MAX_DEPTH) return undefined;
    const element =
        text.charAt(at + 1) === "{"
            ? parseEntry(text, at + 1, arrays, structs + 1)
            : parseOne(text, at + 1, arrays, structs);
    if (element === undefined) return undefined;
    return { code: "a", children: [element], alignment: 4, signature: `a${element.signature}` };
}

function parseEntry(text: string, at: number, arrays: number, structs: number): Type | undefined {
    if (structs > MAX_DEPTH || !BASIC.has(text.charAt(at + 1))) return undefined;
    const key = parseOne(text, at + 1, arrays, structs);
    const value = parseOne(text, at + 2, arrays, structs);
    if (key === undefined || value === undefined) return undefined;
    const signature = `{${key.signature}${value.signature}}`;
    if (text.charAt(at + signature.length - 1) !== "}") return undefined;
    return { code: "{", children: [key, value], alignment: 8, signature };
}

function parseStruct(text: string, at: number, arrays: number, structs: number): Type | undefined {
    if (structs > MAX_DEPTH) return undefined;
    const children: Type[] = [];
    let next = at + 1;
    while (text.charAt(next) !== ")") {
        const child = parseOne(text, next, arrays, structs);
        if (child === undefined) return undefined;
        children.push(child);
        next += child.signature.length;
    }
    if (children.length === 0) return undefined;
    return { code: "(", children, alignment: 8, signature: text.slice(at, next + 1) };
}
