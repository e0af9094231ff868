// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The simulated kernel keeps the promises of the kernel port; the test machine holds the real one to the same table. */
import { promises } from "../../contract/kernel/promises.js";
import { simFixture } from "../../contract/kernel/sim-fixture.js";

describe("the simulated kernel keeps the port's promises", () => {
    for (const { name, run } of promises) {
        it(name, async () => {
            const fixture = simFixture();
            try {
                await run(fixture);
            } finally {
                await fixture.clean();
            }
        });
    }
});
