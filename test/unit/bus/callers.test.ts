// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { Callers } from "../../../service/src/bus/service/callers.js";
import type { BusConnection } from "../../../service/src/bus/connection/connection.js";

/** A bus that knows uids, and tells who leaves. */
function fakeBus(uids: Record<string, number>) {
    const asked: string[] = [];
    let listener: (signal: { args: unknown[] }) => void = () => undefined;
    const connection = {
        subscribe: (_match: unknown, heard: typeof listener) => {
            listener = heard;
            return Promise.resolve({ close: () => Promise.resolve() });
        },
        daemon: (member: string, _signature: string, [name]: string[]) => {
            asked.push(member);
            const uid = uids[name!];
            return uid === undefined ? Promise.reject(new Error("NameHasNoOwner")) : Promise.resolve([uid]);
        },
    };
    const leave = (name: string) => listener({ args: [name, name, ""] });
    return { callers: new Callers(connection as unknown as BusConnection), asked, leave };
}

describe("who calls", () => {
    it("is asked of the bus once, by the one method that answers without a file descriptor", async () => {
        const { callers, asked } = fakeBus({ ":1.7": 1000 });
        const caller = callers.get(":1.7");
        assert.deepEqual(await Promise.all([callers.uid(caller), callers.uid(caller)]), [1000, 1000]);
        assert.equal(await callers.uid(caller), 1000);
        assert.deepEqual(asked, ["GetConnectionUnixUser"]);
    });

    it("stays known of the calls of one that has left", async () => {
        const { callers, leave } = fakeBus({ ":1.7": 1000 });
        await callers.watch(() => undefined);
        const caller = callers.get(":1.7");
        await callers.uid(caller);
        leave(":1.7");
        assert.equal(await callers.uid(caller), 1000);
    });

    it("is not known of one that left before it was asked", async () => {
        const { callers, asked, leave } = fakeBus({ ":1.7": 1000 });
        await callers.watch(() => undefined);
        const caller = callers.get(":1.7");
        leave(":1.7");
        await assert.rejects(callers.uid(caller), /left the bus/);
        assert.deepEqual(asked, []);
    });

    it("is asked again after the bus could not tell", async () => {
        const uids: Record<string, number> = {};
        const { callers } = fakeBus(uids);
        const caller = callers.get(":1.7");
        await assert.rejects(callers.uid(caller), /NameHasNoOwner/);
        uids[":1.7"] = 1000;
        assert.equal(await callers.uid(caller), 1000);
    });
});
