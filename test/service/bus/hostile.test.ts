// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { needsRoot } from "../harness/index.js";
import { type BusFixture, startBusFixture, warmUp } from "./fixture.js";

/** Processor time that the service may take in one turn: no clock is held against it, since the machine may be busy. */
const MAX_TURN_MS = 100;
const MAX_GROWTH = 20 * 1024 * 1024;
const STANDARD = "org.freedesktop.DBus.Error.";
const LIMITS_EXCEEDED = "org.rapiddisk.Manager.Error.LimitsExceeded";

describe("a hostile caller, as a user who may nothing", function () {
    let fixture: BusFixture;

    before(async function () {
        needsRoot(this);
        fixture = await startBusFixture(250);
        await warmUp(fixture);
    });
    after(() => fixture?.stop());

    /** Attacks; the service must live, stay small and answer others in the meantime. Gives the attacker's answer. */
    async function attack(name: string, ...args: string[]): Promise<unknown> {
        const { answer, stall, growth } = await fixture.attack(name, ...args);
        const measured =
            `longest wait of another client ${stall.longest.toFixed(1)} ms (the service computed for ${stall.turn.toFixed(1)} ms at most in one turn), ` +
            `median ${stall.median.toFixed(2)} ms of ${stall.samples}, memory +${(growth / 1048576).toFixed(1)} MiB`;
        console.log(`      ${name}: ${measured}`);
        assert.ok(stall.samples > 0, "another client was served in the meantime");
        assert.ok(stall.turn <= MAX_TURN_MS, `${name}: ${measured}`);
        assert.ok(growth <= MAX_GROWTH, `${name}: ${measured}`);
        assert.deepEqual(await fixture.call("Echo", "s", ["still here"]), ["still here"]);
        return answer;
    }

    it("sends a file descriptor type without a descriptor: InvalidArgs", async () => {
        assert.equal(await attack("fd-argument"), `${STANDARD}InvalidArgs`);
        assert.equal(await attack("fd-in-variant"), `${STANDARD}InvalidArgs`);
    });

    for (const name of ["large-aq", "large-aay", "large-options"]) {
        it(`sends a 30 MiB message (${name}): LimitsExceeded`, async () => {
            assert.equal(await attack(name), LIMITS_EXCEEDED);
        });
    }

    it("sends several 30 MiB messages one after the other", async () => {
        assert.equal(await attack("many-large"), "");
    });

    it("sends a message that fits but would decode to very many values: InvalidArgs", async () => {
        assert.equal(await attack("many-values"), `${STANDARD}InvalidArgs`);
    });

    it("sets a read-only property: PropertyReadOnly, and nothing is written", async () => {
        const answers = await attack("set-read-only");
        assert.deepEqual(answers, [
            `${STANDARD}PropertyReadOnly`,
            `${STANDARD}UnknownProperty`,
            `${STANDARD}InvalidArgs`,
        ]);
        const { stdout } = await fixture.bus.run(
            "busctl --system get-property org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Test Label".split(
                " ",
            ),
        );
        assert.equal(stdout.trim(), 's "first"');
        assert.equal((await fixture.statistics()).stored, 0);
    });

    it("asks for what does not exist: the standard errors", async () => {
        assert.deepEqual(
            await attack("unknown"),
            [
                "UnknownObject",
                "UnknownObject",
                "UnknownInterface",
                "UnknownMethod",
                "UnknownMethod",
                "UnknownMethod",
                "UnknownMethod",
                "InvalidArgs",
                "UnknownInterface",
                "UnknownProperty",
                "UnknownInterface",
                "UnknownObject",
                "UnknownInterface",
            ].map((name) => STANDARD + name),
        );
    });

    it("calls without an interface: answered", async () => {
        assert.equal(await attack("without-interface"), "");
    });

    it("speaks big-endian: answered", async () => {
        assert.deepEqual(await attack("big-endian"), { "": 3 });
    });

    it("nests variants: taken as deep as the specification allows", async () => {
        assert.equal(await attack("deep-variants"), "");
        assert.equal(await attack("too-deep-variants"), "disconnected");
    });

    it("sends a header of 300 kB: dropped", async () => {
        assert.equal(await attack("long-path"), "no answer");
    });

    it("sends malformed headers: the line is cut before us", async () => {
        assert.equal(await attack("malformed"), 60);
    });

    it("forges signals of the bus daemon: ignored", async () => {
        const sleeping = fixture.call("Sleep", "u", [2000]);
        const [owner] = await fixture.client.call(
            {
                destination: "org.freedesktop.DBus",
                path: "/",
                interface: "org.freedesktop.DBus",
                member: "GetNameOwner",
            },
            "s",
            ["org.rapiddisk.Manager"],
        );
        assert.equal(await attack("forged-signals", String(owner), fixture.client.name), "");
        assert.equal((await fixture.statistics()).aborted, 0);
        await sleeping;
    });

    for (const name of [
        "flood-without-replies",
        "flood-with-replies",
        "flood-errors",
        "flood-objects",
        "flood-objects-unread",
        "flood-introspection",
        "flood-large",
        "flood-large-text",
        "flood-large-unread",
        "flood-crash",
    ]) {
        it(`floods (${name})`, async () => {
            console.log(`      ${JSON.stringify(await attack(name))}`);
        });
    }

    it("gives errors to the log that say nothing to the caller", () => {
        assert.match(fixture.log(), /Internal error [0-9a-f]{8} in org\.rapiddisk\.Test\.Crash: Error: secret detail/);
    });

    it("starts many slow calls and leaves: none runs on", async () => {
        const before = await fixture.statistics();
        await attack("flood-sleep");
        await attack("vanish");
        let after = await fixture.statistics();
        while (after.running > 0) after = await fixture.statistics();
        assert.equal(after.aborted - before.aborted, 64, "32 calls of each caller had been started");
    });
});
