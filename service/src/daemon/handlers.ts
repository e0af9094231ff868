// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ACTION_PREFIX, ERROR_PREFIX } from "../facts/busnames.js";
import { BusError, type Authority, type Call, type MethodHandler } from "../bus/index.js";
import type { CommonOptions, OptionsOf } from "../generated/types.js";
import { ModelError } from "../model/errors.js";
import type { Model } from "../model/model.js";
import type { Authorize, Permission } from "../model/types.js";
import { readOptions } from "./arguments.js";
import type { BridgePort } from "./bridgeport.js";
import { audit, DONE } from "./log.js";
import { idOfPath } from "./names.js";

/** Longest name of an object: an NQN, in characters. */
const LONGEST_NAME = 223;

/** What every interface of the daemon works with. */
export interface HandlerContext {
    model: Model;
    authority: Authority;
    bridgePort: BridgePort;
}

/** Turns an error of the model into what the caller gets; anything else passes on and becomes an internal error. */
export function toBusError(error: unknown): unknown {
    return error instanceof ModelError ? new BusError(`${ERROR_PREFIX}.${error.kind}`, error.message) : error;
}

/** Makes the handler of a method that only reads. */
export function reading(work: (args: readonly unknown[], call: Call) => Promise<unknown[]>): MethodHandler {
    return async (args, call) => {
        try {
            return await work(args, call);
        } catch (error) {
            throw toBusError(error);
        }
    };
}

/**
 * A method that changes something: finds out who calls before anything else, asks polkit with `authorize`, and leaves a line in
 * the journal however it ends. A caller whose uid cannot be had, since it has left, is refused: nothing is done for somebody
 * whom the journal could not name.
 * @param operation word for the journal
 * @param method short name of the interface, a dot and the name of the method: what dbus/*.xml says of its options holds;
 *        the last argument is always the options
 * @param work gets the arguments without the options, the options, and the function `authorize` to hand to the model; returns the out
 *        arguments, the name of the object for the journal, and what came of it where that is not all that was asked for
 */
export function changing<M extends keyof OptionsOf>(
    context: HandlerContext,
    operation: string,
    method: M,
    work: (
        args: readonly unknown[],
        options: OptionsOf[M] & CommonOptions,
        authorize: Authorize,
    ) => Promise<{ object: string; out?: unknown[]; result?: string | undefined }>,
): MethodHandler {
    return async (args, call) => {
        const uid = await uidOf(call);
        let object = idOfPath(call.path)?.id ?? namedIn(args);
        try {
            const options = readOptions(args[args.length - 1], method);
            const silent = options["auth.no_user_interaction"] === true;
            const ask = async (permissions: readonly Permission[]): Promise<void> => {
                for (const { action, details } of permissions) {
                    object = nameIn(details) ?? object;
                    await context.authority.check(
                        call,
                        `${ACTION_PREFIX}.${action}`,
                        details,
                        silent ? false : undefined,
                    );
                }
            };
            const authorize: Authorize = Object.assign(ask, { cookie: options.cookie, asker: call.sender });
            const result = await work(args.slice(0, -1), options, authorize);
            audit(uid, call.sender, operation, result.object, result.result ?? DONE);
            return result.out ?? [];
        } catch (error) {
            const told = toBusError(error);
            const result = told instanceof BusError ? `${told.errorName}: ${told.message}` : "internal error";
            audit(uid, call.sender, operation, object, result);
            throw told;
        }
    };
}

/** What a call names before anything of it is checked, for the journal. */
function namedIn([first]: readonly unknown[]): string {
    return typeof first === "string" && first !== "" ? first.slice(0, LONGEST_NAME) : "-";
}

/** Names what a permission is about, for the journal. */
function nameIn(details: Readonly<Record<string, string>>): string | undefined {
    const keys = ["export.nqn", "port.id", "cache.name", "volume.name", "object.name"];
    return keys.map((key) => details[key]).find((value) => value !== undefined);
}

/** @throws BusError NotAuthorized when the bus does not know the caller any more */
async function uidOf(call: Call): Promise<number> {
    try {
        return await call.uid();
    } catch {
        const message = "You are not authorized: the bus does not say who you are.";
        throw new BusError(`${ERROR_PREFIX}.NotAuthorized`, message);
    }
}
