// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { INTERFACE, type ObjectKind, ROOT } from "../../facts/busnames.js";
import type { BusRequest } from "../../client/index.js";
import { nameOfPath, objectPath, request } from "../../client/index.js";
import { isGone } from "../failure.js";
import type { Command, Input, Operand, PlanReader } from "./command.js";
import { forEach } from "./command.js";

const PREFIX = { volumes: "/dev/", caches: "/dev/mapper/" } as const;

/**
 * Object path of the volume or cache mapping that a person named.
 * @param typed its name, its device path, its object path, or any link to its device (which the service then resolves)
 */
export async function findObject(kind: "volumes" | "caches", typed: string, reader: PlanReader): Promise<string> {
    if (typed.startsWith(`${ROOT}/${kind}/`)) {
        return typed;
    }
    const name = typed.startsWith(PREFIX[kind]) ? typed.slice(PREFIX[kind].length) : typed;
    return name.includes("/")
        ? await reader.read(request(INTERFACE.manager, ROOT, "Resolve", typed))
        : objectPath(kind, name);
}

/** Finds the object paths of several names, in their order, each once. */
export async function findObjects(
    kind: "volumes" | "caches",
    typed: readonly string[],
    reader: PlanReader,
): Promise<string[]> {
    const paths = await Promise.all(typed.map((one) => findObject(kind, one, reader)));
    return [...new Set(paths)];
}

/** Finds the kind of object that a path is of. */
export function kindOfPath(path: string): ObjectKind {
    return path.slice(ROOT.length + 1).split("/", 1)[0] as ObjectKind;
}

/** Gives the name to show for an object path; a dash for "/", which stands for no object. */
export function shownName(path: string): string {
    return path === "/" ? "-" : nameOfPath(path);
}

/** Object paths of those that can be found; a path that means nothing stands for itself, for the message. */
async function findEach(
    names: readonly string[],
    reader: PlanReader,
    find: (names: readonly string[], reader: PlanReader) => Promise<string[]>,
): Promise<string[]> {
    const found = names.map((name) =>
        find([name], reader).catch((error: unknown) => {
            if (isGone(error)) {
                return [objectPath("volumes", name)];
            }
            throw error;
        }),
    );
    return [...new Set((await Promise.all(found)).flat())];
}

/**
 * Commands that do one thing to each of several objects of a kind.
 * @param kind the command's first word
 * @param operand what names the objects
 * @param find the object paths of what was named
 * @returns makes the command of a second word: `call` is the request for one object, `done` what is said when it succeeded
 */
export function forEachOf(
    kind: string,
    operand: Operand,
    find: (names: readonly string[], reader: PlanReader) => Promise<string[]>,
) {
    return (
        word: string,
        table: Pick<Command, "summary" | "details" | "examples"> & { options?: Command["options"] },
        call: (path: string, given: Input["options"]) => BusRequest,
        done: (name: string, given: Input["options"]) => string,
    ): Command => ({
        words: [kind, word],
        options: {},
        ...table,
        operands: [operand],
        async plan({ operands, options: given }, reader) {
            const lenient = given["if-exists"];
            const paths = lenient === undefined ? await find(operands, reader) : await findEach(operands, reader, find);
            return forEach(
                paths.map(shownName),
                paths.map((path) => call(path, given)),
                (name) => done(name, given),
                lenient,
            );
        },
    });
}
