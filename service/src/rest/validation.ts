// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { Ajv, type AnySchemaObject, type ValidateFunction } from "ajv";

/** A function that says whether data is valid, and what is wrong with it. */
interface Validator {
    (data: unknown): boolean;
    errors: ValidateFunction["errors"];
}

/** How Fastify wants to be given what makes them. */
interface Factories {
    buildValidator(): (route: { schema: unknown }) => Validator;
    buildSerializer(): () => (data: unknown) => string;
}

/**
 * Has Fastify validate with Ajv as we want it: nothing is coerced, removed or filled in. Each schema is compiled when a
 * request first meets it: all of them at the start would take longer than everything else that the start does.
 */
export function compilers(): Factories {
    let ajv: Ajv | undefined;
    const compile = (schema: unknown): ValidateFunction => {
        // The schemas are our own, and the tests compile every one of them: they need not be validated at each start.
        ajv ??= new Ajv({
            meta: false,
            validateSchema: false,
            addUsedSchema: false,
            allowUnionTypes: true,
            verbose: true,
            formats: { "uri-reference": true },
        });
        return ajv.compile(schema as AnySchemaObject);
    };
    return {
        buildValidator: () => (route) => {
            let compiled: ValidateFunction | undefined;
            const validate: Validator = Object.assign(
                (data: unknown): boolean => {
                    compiled ??= compile(route.schema);
                    const isValid = compiled(data);
                    validate.errors = compiled.errors;
                    return isValid;
                },
                { errors: undefined },
            );
            return validate;
        },
        buildSerializer: () => () => (data) => JSON.stringify(data),
    };
}
