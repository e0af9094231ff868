// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** What polkit was asked about is what is done: rules by the name of an export, and objects that change meanwhile. */
import assert from "node:assert/strict";
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Variant } from "../../../service/src/bus/index.js";
import { bundle, needsRoot, nobody } from "../harness/index.js";
import { HOST, KEY, OTHER_HOST, OTHER_KEY } from "../../unit/model/exports.js";
import { call, MIB, prepareDaemon, refusal, ROOT, type Service, type DaemonFixture, until } from "./fixture.js";

/** For volume-erase polkit takes its time, as a person does: it says yes once the file "go" is in the directory. */
const rules = (directory: string): string => `
polkit.addRule(function (action, subject) {
    if (action.id === "org.rapiddisk.manager.export-allow-host") {
        return action.lookup("export.nqn") === "nqn.2024-01.org.example:bobs" ? polkit.Result.YES : polkit.Result.NO;
    }
    if (action.id === "org.rapiddisk.manager.volume-erase") {
        polkit.spawn(["/bin/sh", "-c",
            "touch ${directory}/asked; until [ -e ${directory}/go ]; do sleep 0.05; done"]);
        return polkit.Result.YES;
    }
});
`;
const ERROR = "org.rapiddisk.Manager.Error.";
const CALLER = fileURLToPath(new URL("./caller.ts", import.meta.url));
const BOBS = "nqn.2024-01.org.example:bobs";
const SECRET = "nqn.2024-01.org.example:secret";

interface Answer {
    out?: unknown[];
    error?: string;
    message?: string;
}

describe("what polkit was asked about is what is done", function () {
    let fixture: DaemonFixture;
    let service: Service;
    let caller: string;
    let directory = "";

    before(async function () {
        needsRoot(this);
        directory = mkdtempSync(join(tmpdir(), "asked-"));
        chmodSync(directory, 0o777);
        fixture = await prepareDaemon(rules(directory));
        chmodSync(fixture.directory, 0o755);
        caller = await bundle(CALLER, fixture.directory);
        service = await fixture.start();
        await service.sim.call("setModule", "nvmet", { loaded: true });
        for (let count = 0; count < 3; count++) {
            await call(fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(64 * MIB), {}]);
        }
    });
    after(async () => {
        await fixture?.stop();
        rmSync(directory, { recursive: true, force: true });
    });

    async function asNobody(...calls: unknown[]): Promise<Answer[]> {
        const program = [process.execPath, caller, JSON.stringify(calls)];
        const { stdout, stderr } = await fixture.bus.run(program, { uid: nobody });
        const lines = stdout.trim().split("\n");
        assert.equal(lines.length, calls.length, stderr);
        return lines.map((line) => JSON.parse(line) as Answer);
    }
    const exporting = async (device: string, nqn: string, host: string): Promise<string> => {
        const options = { nqn: new Variant("s", nqn), hosts: new Variant("as", [host]), ports: new Variant("as", []) };
        return (await call(fixture.client, ROOT, "", "CreateExport", "sa{sv}", [device, options]))[0] as string;
    };

    it("who may change the hosts of one export changes no key that another one goes by", async () => {
        const bobs = await exporting("rd0", BOBS, OTHER_HOST);
        const secret = await exporting("rd1", SECRET, HOST);
        const key = (text: string): Record<string, [string, string]> => ({ key: ["s", text] });
        const [first] = await asNobody([bobs, "Export", "AllowHost", "sa{sv}", [HOST, key(OTHER_KEY)]]);
        assert.equal(first?.error, `${ERROR}NotAuthorized`, "the other export gets a key by it");
        const set = { key: new Variant("s", KEY) };
        await call(fixture.client, secret, "Export", "SetHostKeys", "sa{sv}", [HOST, set]);
        const [other, none, change, clear, own] = await asNobody(
            [bobs, "Export", "AllowHost", "sa{sv}", [HOST, key(OTHER_KEY)]],
            [bobs, "Export", "AllowHost", "sa{sv}", [HOST, {}]],
            [bobs, "Export", "SetHostKeys", "sa{sv}", [HOST, key(OTHER_KEY)]],
            [bobs, "Export", "SetHostKeys", "sa{sv}", [HOST, { clear: ["b", true] }]],
            [bobs, "Export", "SetHostKeys", "sa{sv}", [OTHER_HOST, key(OTHER_KEY)]],
        );
        assert.equal(other?.error, `${ERROR}NotAuthorized`);
        assert.deepEqual(none?.out, []);
        assert.equal(change?.error, `${ERROR}NotAuthorized`);
        assert.equal(clear?.error, `${ERROR}NotAuthorized`);
        assert.deepEqual(own?.out, []);
        assert.equal(((await service.sim.call("nvmetKeys", HOST)) as string[])[0], KEY);
        const refused = await refusal(
            call(fixture.client, secret, "Export", "DenyHost", "sa{sv}", [HOST, {}]).then(() =>
                call(fixture.client, secret, "Export", "AllowHost", "sa{sv}", [
                    HOST,
                    { key: new Variant("s", OTHER_KEY) },
                ]),
            ),
        );
        assert.equal(refused.name, `${ERROR}AlreadyExists`);
        assert.match(refused.message, /then change the one that it has/);
    });

    it("a volume that was made again while a person was asked is not erased", async () => {
        await service.sim.call("write", 2, 0, 4096);
        const erasing = asNobody([`${ROOT}/volumes/rd2`, "Volume", "Erase", "a{sv}", [{}]]);
        await until("polkit was asked", () => existsSync(join(directory, "asked")), 20_000);
        await service.sim.call("otherDetach", 2);
        await service.sim.call("otherAttach", 2, 64 * MIB);
        await service.sim.call("write", 2, 0, 8192);
        writeFileSync(join(directory, "go"), "");
        const [answer] = await erasing;
        assert.equal(answer?.error, `${ERROR}Failed`);
        assert.match(answer?.message ?? "", /^rd2 changed while permission was asked/);
        const statistics = (await call(fixture.client, `${ROOT}/volumes/rd2`, "Volume", "GetStatistics", "a{sv}", [
            {},
        ])) as [Map<string, Variant>];
        assert.equal(statistics[0].get("used")?.value, 8192n);
    });
});
