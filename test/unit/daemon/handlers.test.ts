// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { BusError, type Call } from "../../../service/src/bus/index.js";
import { changing, type HandlerContext } from "../../../service/src/daemon/handlers.js";
import { objectPath } from "../../../service/src/daemon/names.js";
import { journalOf } from "./journal.js";

const allowed = { authority: { check: () => Promise.resolve() } } as unknown as HandlerContext;
const callOf = (uid: () => Promise<number>): Call =>
    ({ sender: ":1.7", path: objectPath("volume", "rd7"), uid }) as unknown as Call;

describe("a method that changes something", () => {
    it("refuses a caller whose uid cannot be had, before anything is done", async () => {
        let worked = 0;
        const method = changing(allowed, "volume-erase", "Volume.Erase", () =>
            Promise.resolve({ object: `rd${++worked}` }),
        );
        const gone = callOf(() => Promise.reject(new Error("The caller has left the bus.")));
        const journal = await journalOf(() =>
            assert.rejects(
                async () => await method([new Map()], gone),
                (error) => error instanceof BusError && error.errorName.endsWith(".NotAuthorized"),
            ),
        );
        assert.equal(worked, 0);
        assert.equal(journal, "", "no line that names nobody");
    });

    it("names who called though they left meanwhile", async () => {
        let there = true;
        const leaving = callOf(() => (there ? Promise.resolve(1000) : Promise.reject(new Error("gone"))));
        const method = changing(allowed, "volume-erase", "Volume.Erase", () => {
            there = false;
            return Promise.resolve({ object: "rd1" });
        });
        const journal = await journalOf(async () => await method([new Map()], leaving));
        assert.match(journal, /audit: uid=1000 sender=:1\.7 operation=volume-erase object=rd1 result=done/);
    });

    it("is not called done when not all of it was", async () => {
        const method = changing(allowed, "restore", "Manager.Restore", () =>
            Promise.resolve({ object: "-", result: "2 could not be restored" }),
        );
        const root = callOf(() => Promise.resolve(0));
        const journal = await journalOf(async () => await method([new Map()], root));
        assert.match(journal, /operation=restore object=- result=2 could not be restored/);
    });

    it("gives each user who is refused a count of their own", async () => {
        const method = changing(allowed, "volume-erase", "Volume.Erase", () =>
            Promise.reject(new BusError("a.b.C", "no")),
        );
        const refused = async (uid: number): Promise<string> =>
            await journalOf(async () => {
                await assert.rejects(
                    async () =>
                        await method(
                            [new Map()],
                            callOf(() => Promise.resolve(uid)),
                        ),
                );
            });
        for (let times = 0; times < 100; times++) await refused(5001);
        assert.equal(await refused(5001), "");
        assert.match(await refused(5002), /uid=5002 .*object=rd7 result=a\.b\.C/);
    });
});
