// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { ROOT } from "../../../service/src/facts/busnames.js";
import { options, request } from "../../../service/src/client/index.js";
import type { BusRequest } from "../../../service/src/client/index.js";
import type { End } from "../../../service/src/rest/access/peers.js";
import { type Asker, Reads } from "../../../service/src/rest/state/reads.js";

/** A service that answers when it is told to. */
class Slow {
    readonly asked: { member: string; args: readonly unknown[]; answer: (value: unknown) => void; fail: () => void }[] =
        [];

    send<T>({ member, args }: BusRequest<T>): Promise<T> {
        return new Promise<T>((resolve, reject) => {
            const answer = (value: unknown): void => resolve(value as T);
            this.asked.push({ member, args, answer, fail: () => reject(new Error("no")) });
        });
    }
}

const ask = (name: string): BusRequest<unknown> => request("org.rapiddisk.Manager", ROOT, "Resolve", name);
/** Everybody who asks is told apart by the port that the connection comes from. */
const peers = { keysOf: (ends: readonly End[]) => ends.map((end) => `user ${end.remotePort}`) };
const asker = (user: number, known = false): Asker => ({
    identity: known ? `token ${user}` : "anonymous",
    known,
    connection: { remotePort: user } as End,
});
const alice = asker(1000);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("questions that anybody may ask the service", () => {
    it("are one when they are the same, until something has changed", async () => {
        const service = new Slow();
        const reads = new Reads(service, peers);
        const [one, again] = [reads.send(ask("a"), alice), reads.send(ask("a"), alice)];
        const other = reads.send(ask("b"), alice);
        reads.invalidate();
        const after = reads.send(ask("a"), alice);
        assert.deepEqual(
            service.asked.map(({ args }) => args[0]),
            ["a", "b", "a"],
        );
        service.asked.forEach(({ answer }, index) => answer(index));
        assert.deepEqual(await Promise.all([one, again, other, after]), [0, 0, 1, 2]);
        void reads.send(ask("a"), alice);
        assert.equal(service.asked.length, 4, "an answer that was given is not given again");
    });

    it("are another one with other options", () => {
        const service = new Slow();
        const reads = new Reads(service, peers);
        const call = ask("a");
        const statistics = (more: Map<string, unknown>): BusRequest<unknown> => ({ ...call, args: [more] });
        void reads.send(statistics(new Map([["x", 1n]])), alice);
        void reads.send(statistics(new Map([["x", 2n]])), alice);
        void reads.send(statistics(options() as never), alice);
        assert.equal(service.asked.length, 3);
    });

    it("are few at once, wait for their turn, and are refused when too many wait", async () => {
        const service = new Slow();
        const reads = new Reads(service, peers);
        let done = 0;
        const all = Array.from({ length: 600 }, (_, index) =>
            reads.send(ask(String(index)), alice).then(
                () => "answered",
                (error: { errorName?: string }) => error.errorName ?? "failed",
            ),
        );
        await turn();
        assert.equal(service.asked.length, 16);
        while (done < service.asked.length) {
            const { answer, fail } = service.asked[done++]!;
            if (done % 2 === 0) fail();
            else answer(0);
            await turn();
            assert.ok(service.asked.length - done <= 16, "too many at once");
        }
        const ends = await Promise.all(all);
        const count = (what: string): number => ends.filter((end) => end === what).length;
        assert.deepEqual(
            [count("answered"), count("failed"), count("org.rapiddisk.Manager.Error.LimitsExceeded")],
            [264, 264, 72],
        );
        void reads.send(ask("one more"), alice);
        assert.equal(service.asked.length, 529, "a place was lost");
    });

    it("of one who asks without end cost nobody else an answer", async () => {
        const service = new Slow();
        const reads = new Reads(service, peers);
        const ends: string[] = [];
        const send = (name: string, who: Asker): void =>
            void reads.send(ask(name), who).then(
                () => ends.push(`${name} answered`),
                () => ends.push(`${name} refused`),
            );
        for (let index = 0; index < 528; index++) send(`alice ${index}`, alice);
        send("root", asker(0));
        send("token", asker(1000, true));
        send("alice more", alice);
        await turn();
        assert.deepEqual(ends.toSorted(), ["alice 526 refused", "alice 527 refused", "alice more refused"]);
        for (let done = 0; done < service.asked.length; done++) {
            service.asked[done]!.answer(0);
            await turn();
        }
        assert.ok(ends.includes("root answered") && ends.includes("token answered"));
        assert.equal(ends.length, 531);
    });
});
