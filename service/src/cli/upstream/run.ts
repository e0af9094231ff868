// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ManagerClient } from "../../client/index.js";
import { BusError, connect } from "../../client/index.js";
import { explainFailure } from "../failure.js";
import { printable } from "../output/text.js";
import type { Environment } from "../environment.js";
import { CHANGES } from "../../upstream/actions.js";
import { render, statusObject } from "../../upstream/json.js";
import type { UpstreamInvocation } from "./options.js";
import { readInvocation } from "./options.js";
import { ActionError, STATUS } from "../../upstream/outcome.js";
import { QUERIES } from "./queries.js";
import type { UpstreamState } from "../../upstream/state.js";
import { readState } from "../../upstream/state.js";
import { TARGET_CHANGES, TARGET_QUERIES, targetNote } from "./target.js";
import { banner, HELP } from "./texts.js";

/**
 * Runs a command line in the notation of rapiddisk 7 to 9: the same texts on the same streams, the same JSON, the same
 * exit statuses, asked over the bus.
 * @param line without the program name
 * @returns exit status
 */
export async function runUpstream(line: readonly string[], environment: Environment): Promise<number> {
    if (environment.uid !== 0) {
        environment.out(
            "The short options of rapiddisk need root. Every user that is allowed to may use the commands in words: " +
                "see rapiddisk --help\n",
        );
        return STATUS.notRoot;
    }
    let state: UpstreamState & { manager: ManagerClient };
    try {
        state = await readState(await (environment.connect ?? connect)());
    } catch (error) {
        environment.err(`${error instanceof ActionError ? error.message : explainFailure(error).message}\n`);
        return STATUS.failed;
    }
    try {
        return await act(readInvocation(line), state, environment);
    } finally {
        await state.manager.close();
    }
}

async function act(invocation: UpstreamInvocation, state: UpstreamState, environment: Environment): Promise<number> {
    const { action, json, complaint } = invocation;
    if (complaint !== undefined) {
        environment.err(`rapiddisk: ${printable(complaint)}\n`);
    }
    if (invocation.banner) {
        environment.out(banner(environment.version));
    }
    if (action === "v") {
        return STATUS.success;
    }
    if (action === "h" || action === "V") {
        environment.out(HELP);
        return action === "h" ? STATUS.success : STATUS.failed;
    }
    try {
        const query = QUERIES[action] ?? TARGET_QUERIES[action];
        if (query) {
            const answer = await query(state, invocation);
            environment.out(json ? `${render(answer.json)}\n` : answer.text);
        } else {
            const message = await change(invocation, state);
            environment.out(json ? `${render(statusObject("Success", message))}\n` : `${message}\n`);
            const note = json ? undefined : await targetNote(state, invocation).catch(() => undefined);
            if (note !== undefined) {
                environment.err(`rapiddisk: note: ${printable(note)}\n`);
            }
        }
        return STATUS.success;
    } catch (error) {
        const refusal = asActionError(error);
        const message = printable(refusal.message);
        // On standard output in text as well: scripts take what happened from there.
        environment.out(json ? `${render(statusObject("Failed", message))}\n` : `${message}\n`);
        return refusal.status;
    }
}

async function change(invocation: UpstreamInvocation, state: UpstreamState): Promise<string> {
    const target = TARGET_CHANGES[invocation.action];
    if (target) {
        return await target(state, invocation);
    }
    const perform = CHANGES[invocation.action];
    if (!perform) {
        throw new ActionError(STATUS.failed, `-${invocation.action} cannot be done.`);
    }
    return await perform(state, invocation);
}

function asActionError(error: unknown): ActionError {
    if (error instanceof ActionError) {
        return error;
    }
    const failure = explainFailure(error);
    return new ActionError(STATUS.failed, error instanceof BusError ? failure.message : `Failed: ${failure.message}`);
}
