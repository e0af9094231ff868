// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Problems and users as dictionaries, which say in values what the sentence or line beside them says in English. */
import { Variant } from "../bus/index.js";
import { problemSentence, type Problem } from "../model/problems.js";
import { userLine, type User } from "../model/users.js";

/** A dictionary on the bus, `a{sv}`. */
export type VariantMap = Map<string, Variant>;

/** Turns a problem into its values. Numbers are of the type t. @param text its sentence, where it is made already */
export function problemDetails(problem: Problem, text = problemSentence(problem)): VariantMap {
    const { kind, ...values } = problem;
    const details: VariantMap = new Map<string, Variant>([
        ["kind", new Variant("s", kind)],
        ["text", new Variant("s", text)],
    ]);
    for (const [name, value] of Object.entries<string | number | boolean>(values)) {
        // The sentence of a problem that somebody else worded is its text already.
        if (name !== "sentence") {
            details.set(name, variant(value));
        }
    }
    return details;
}

function variant(value: string | number | boolean): Variant {
    if (typeof value === "number") {
        return new Variant("t", BigInt(value));
    }
    return typeof value === "boolean" ? new Variant("b", value) : new Variant("s", value);
}

/** Turns a user into its values. @param text its line, where it is made already */
export function userDetails(user: User, text = userLine(user)): VariantMap {
    return new Map<string, Variant>([
        ["kind", new Variant("s", user.kind)],
        ["text", new Variant("s", text)],
        ["name", new Variant("s", user.name)],
        ["partition", new Variant("s", user.partition)],
        ["through", new Variant("as", user.through)],
    ]);
}

/** Makes the properties that tell what uses an object. */
export function usersProperties(users: readonly User[]): {
    InUse: boolean;
    Users: string[];
    UserDetails: VariantMap[];
} {
    const Users = users.map(userLine);
    return {
        InUse: users.length > 0,
        Users,
        UserDetails: users.map((user, index) => userDetails(user, Users[index])),
    };
}
