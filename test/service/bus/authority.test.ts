// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { fileURLToPath } from "node:url";
import { bundle, needsRoot, nobody, outputLine, onEachBus } from "../harness/index.js";
import { type BusFixture, startBusFixture } from "./fixture.js";

const NOT_AUTHORIZED = "org.rapiddisk.Manager.Error.NotAuthorized";
const INTERACTION = "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired";
/** Another user who may nothing: "daemon" on every Debian. */
const OTHER_USER = 1;
const LIMITS_EXCEEDED = "org.rapiddisk.Manager.Error.LimitsExceeded";

const policy = {
    "org.rapiddisk.test.policy": `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE policyconfig PUBLIC "-//freedesktop//DTD PolicyKit Policy Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/PolicyKit/1/policyconfig.dtd">
<policyconfig>
  <action id="org.rapiddisk.test.guarded">
    <description>Test</description>
    <message>Authentication is needed for a test</message>
    <defaults>
      <allow_any>auth_admin</allow_any>
      <allow_inactive>auth_admin</allow_inactive>
      <allow_active>auth_admin</allow_active>
    </defaults>
  </action>
</policyconfig>
`,
};

/** Allows what an administrator may decide on: the user and a detail of the object. */
const ruleFor = (volume: string) => `polkit.addRule(function (action, subject) {
    if (action.id === "org.rapiddisk.test.guarded" && subject.user === "nobody" &&
        action.lookup("volume.name") === "${volume}") return polkit.Result.YES;
});`;

onEachBus("who may, by the real polkit", function (kind) {
    let fixture: BusFixture;
    let prompter: string;

    before(async function () {
        needsRoot(this, kind);
        fixture = await startBusFixture(0, kind);
        prompter = await bundle(fileURLToPath(new URL("prompter.ts", import.meta.url)), fixture.bus.directory);
    });
    after(() => fixture?.stop());

    /** Runs the prompter as a user who may nothing. */
    async function asNobody(mode: string): Promise<unknown> {
        const result = await fixture.bus.run([process.execPath, prompter, mode], { uid: nobody });
        assert.equal(result.status, 0, result.stderr);
        return JSON.parse(result.stdout) as unknown;
    }

    /** Waits until so many checks run. */
    async function running(count: number): Promise<void> {
        while ((await fixture.statistics()).running !== count);
    }

    it("without polkit: root only", async () => {
        assert.deepEqual(await fixture.call("Guarded", "a{sv}", [{}]), ["yes"]);
        assert.deepEqual(await asNobody("refused"), [NOT_AUTHORIZED, NOT_AUTHORIZED]);
    });

    it("with polkit: root without being asked", async () => {
        await fixture.bus.startPolkit("", policy);
        assert.deepEqual(await fixture.call("Guarded", "a{sv}", [{}]), ["yes"]);
    });

    it("says that somebody must be asked when the call does not allow that, and no when nobody can be", async () => {
        assert.deepEqual(await asNobody("refused"), [INTERACTION, NOT_AUTHORIZED]);
    });

    it("asks a person; who dismisses the question says no", async () => {
        assert.deepEqual(await asNobody("asked"), [1, NOT_AUTHORIZED]);
        await running(0);
    });

    it("takes the question back when the caller vanishes in the middle of it", async () => {
        const { cancelled, ...seen } = (await asNobody("vanish")) as { cancelled: number };
        assert.deepEqual(seen, { asked: 1, open: 0, most: 1 });
        assert.ok(cancelled >= 1, "by us, and by polkit once more when it noticed first");
        await running(0);
    });

    it("asks one question of a caller at a time", async () => {
        assert.deepEqual(await asNobody("twice"), { open: 1, most: 1 });
        await running(0);
    });

    it("asks one user at most eight questions at a time, and others all the while", async () => {
        const child = fixture.bus.spawn([process.execPath, prompter, "many"], { uid: nobody });
        const answer = outputLine(child, "stdout", /\{.*\}/);
        await outputLine(child, "stderr", /asked/);
        const other = await fixture.bus.run([process.execPath, prompter, "refused"], { uid: OTHER_USER });
        assert.deepEqual(JSON.parse(other.stdout), [INTERACTION, NOT_AUTHORIZED]);
        child.stdin?.end();
        assert.deepEqual(JSON.parse((await answer)[0]), { open: 8, refused: LIMITS_EXCEEDED });
        await running(0);
    });

    it("lets an administrator's rule decide on the details", async () => {
        await fixture.bus.startPolkit(ruleFor("rd0"), policy);
        assert.deepEqual(await asNobody("refused"), ["yes", "yes"]);
        await fixture.bus.startPolkit(ruleFor("rd1"), policy);
        assert.deepEqual(await asNobody("refused"), [INTERACTION, NOT_AUTHORIZED]);
    });

    it("means no when polkit does not know the action", async () => {
        await fixture.bus.startPolkit("");
        assert.deepEqual(await asNobody("refused"), [NOT_AUTHORIZED, NOT_AUTHORIZED]);
        assert.match(fixture.log(), /polkit could not be asked about org\.rapiddisk\.test\.guarded/);
    });

    it("means no when polkit ends in the middle of a question", async () => {
        await fixture.bus.startPolkit("", policy);
        const child = fixture.bus.spawn([process.execPath, prompter, "held"], { uid: nobody });
        const answer = outputLine(child, "stdout", /\[.*\]/);
        await outputLine(child, "stderr", /asked/);
        await running(1);
        await fixture.bus.stopPolkit();
        assert.deepEqual(JSON.parse((await answer)[0]), [1, NOT_AUTHORIZED]);
        await running(0);
    });
});
