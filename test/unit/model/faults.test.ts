// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { modelFixture, failure, wholeState, type ModelFixture } from "./fixture.js";
import { OPERATIONS, type Operation } from "./operations.js";

const ERRNOS = ["EBUSY", "ENOSPC", "ENOMEM", "EIO", "ETIMEDOUT", "EINVAL"];

async function set(operation: Operation): Promise<ModelFixture> {
    const one = await modelFixture(operation.prepare);
    await operation.before?.(one.model);
    one.kernel.sim.steps.resetSteps();
    return one;
}

/** How many kernel steps an operation takes when nothing fails. */
async function stepsOf(operation: Operation): Promise<number> {
    const one = await set(operation);
    await operation.run(one.model);
    one.model.close();
    return one.kernel.sim.steps.log.length - (operation.tidying ?? 0);
}

/** The state, without what an operation that drops contents may have dropped already. */
function comparable(state: string, operation: Operation): string {
    return operation.dropsContents ? state.replace(/"(used|highestWritten)": \d+/g, '"$1": -') : state;
}

describe("an operation that fails in any step leaves everything as it was", () => {
    for (const operation of OPERATIONS) {
        for (const errno of ERRNOS) {
            it(`${operation.name}, ${errno} in each kernel step`, async () => {
                const steps = await stepsOf(operation);
                assert.ok(steps > 0, "it takes no step at all");
                for (let step = 1; step <= steps; step++) {
                    const one = await set(operation);
                    const before = await wholeState(one);
                    one.kernel.sim.steps.failStep(step, errno);
                    // EBUSY is tried again while only udev may be looking: somebody else has it open.
                    const verb = errno === "EBUSY" ? await verbOf(operation, step) : undefined;
                    if (verb !== undefined) {
                        one.kernel.sim.steps.failVerb(verb, errno, 1000);
                        one.kernel.findOpeners = async () => ["dd (pid 1)"];
                    }
                    const error = await failure(operation.run(one.model));
                    one.kernel.sim.steps.clearFaults();
                    assert.ok(error.kind, `not an error of the model: ${error.stack}`);
                    assert.match(error.message, errno === "EBUSY" ? /EBUSY|in use/ : new RegExp(errno));
                    assert.equal(comparable(await wholeState(one), operation), comparable(before, operation));
                    one.model.close();
                }
            });
        }

        it(`${operation.name}, when the saved state cannot be written`, async () => {
            const one = await set(operation);
            const before = await wholeState(one);
            one.store.failNext = "ENOSPC";
            const result = await operation.run(one.model).then(
                () => undefined,
                (error: Error) => error,
            );
            if (one.store.failNext === undefined) {
                assert.equal(result?.message, "The saved state could not be written: ENOSPC.");
                assert.equal(comparable(await wholeState(one), operation), comparable(before, operation));
            } else {
                assert.equal(result, undefined, "it saves nothing, so it succeeds");
            }
            one.model.close();
        });
    }
});

async function verbOf(operation: Operation, step: number): Promise<string | undefined> {
    const one = await set(operation);
    await operation.run(one.model);
    one.model.close();
    const verb = one.kernel.sim.steps.log[step - 1]?.verb;
    return verb?.startsWith("nvmet") === true ? undefined : verb;
}
