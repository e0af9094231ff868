// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Variant } from "../../../service/src/bus/index.js";
import { readOptions } from "../../../service/src/daemon/arguments.js";
import { parseConfig, readConfig } from "../../../service/src/daemon/config.js";
import { FileIntentLog, FileStore } from "../../../service/src/daemon/files.js";
import { idOfPath, objectPath } from "../../../service/src/daemon/names.js";
import { parseOptions } from "../../../service/src/daemon/options.js";
import { DEFAULT_MEMORY } from "../../../service/src/model/admission.js";

describe("settings", () => {
    it("are read with their units, and comments are skipped", () => {
        const warnings: string[] = [];
        const settings = parseConfig("# all\nmemory-limit = 2G # two\n memory-reserve=5%\n\n", (line) =>
            warnings.push(line),
        );
        assert.deepEqual(settings, { limit: { bytes: 2 ** 31 }, reserve: { percent: 5 } });
        assert.deepEqual(warnings, []);
    });

    it("that cannot be understood are told and leave the default", () => {
        const warnings: string[] = [];
        const text = "memory-limit = lots\nmemory-reserve = 101%\nmemmory = 1\nmemory-limit = -5\n";
        assert.deepEqual(
            parseConfig(text, (line) => warnings.push(line)),
            DEFAULT_MEMORY,
        );
        assert.equal(warnings.length, 4);
        assert.match(warnings[2] ?? "", /line 3: the setting "memmory" is unknown/);
    });

    it("of a missing file are the defaults, without a word", () => {
        const warnings: string[] = [];
        assert.deepEqual(
            readConfig("/nonexistent/manager.conf", (line) => warnings.push(line)),
            DEFAULT_MEMORY,
        );
        assert.deepEqual(warnings, []);
    });
});

describe("stored files", () => {
    let dir: string;
    beforeEach(() => (dir = mkdtempSync(join(tmpdir(), "rapiddisk-files-"))));
    afterEach(() => rmSync(dir, { recursive: true, force: true }));

    const state = {
        volumes: [{ number: 1, size: 4096, readOnly: false }],
        caches: [{ name: "c", volume: 1, source: "/dev/sdb", mode: "write-through" as const }],
    };

    it("come back as they were saved, and only root reads them", async () => {
        const store = new FileStore(join(dir, "deep", "er"));
        assert.deepEqual(await store.load(), { volumes: [], caches: [] });
        await store.save(state);
        assert.deepEqual(await store.load(), state);
        assert.equal(statSync(join(dir, "deep", "er", "state.json")).mode & 0o777, 0o600);
        assert.deepEqual(readdirSync(join(dir, "deep", "er")), ["state.json"]);
    });

    const damaged: [string, string][] = [
        ["not JSON", "{"],
        ["of no known format", '{"format":2,"volumes":[],"caches":[]}'],
        ["without lists", '{"format":1}'],
        ["with a bad volume", '{"format":1,"volumes":[{"number":"1"}],"caches":[]}'],
        ["with a bad cache", '{"format":1,"volumes":[],"caches":[{"name":"c","volume":1,"source":"sdb","mode":"x"}]}'],
        ["no object", "null"],
    ];
    for (const [what, text] of damaged) {
        it(`that are ${what} are refused and left alone`, async () => {
            writeFileSync(join(dir, "state.json"), text);
            await assert.rejects(new FileStore(dir).load(), /state\.json is damaged \(.*\); repair it or move it away/);
            assert.equal(readFileSync(join(dir, "state.json"), "utf8"), text);
        });
    }

    it("of unfinished operations are found by the next start, with the step that was begun last", async () => {
        const object = { kind: "volume" as const, number: 1 };
        const first = await new FileIntentLog(dir).begin({ operation: "x", object, before: null, after: null });
        await first.step("one");
        await first.step("two");
        const next = new FileIntentLog(dir);
        const [found, ...others] = await next.pending();
        assert.deepEqual([found?.operation, found?.step, found?.object, others.length], ["x", "two", object, 0]);
        appendFileSync(join(dir, "intents", found?.id ?? ""), '"thr');
        assert.equal((await next.pending())[0]?.step, "two", "a line that its author did not live to end counts");
        await next.forget(found?.id ?? "");
        assert.deepEqual(await next.pending(), []);
    });
});

describe("names on the bus", () => {
    for (const name of ["rd0", "rc-wt_loop5", "a.b:c", "weird name#"]) {
        it(`of ${name} go into a path and come back`, () => {
            assert.match(objectPath("cache", name), /^\/org\/rapiddisk\/Manager\/caches\/[A-Za-z0-9_]+$/);
            assert.deepEqual(idOfPath(objectPath("cache", name)), { kind: "cache", id: name });
        });
    }

    for (const path of [
        "/",
        "/dev/rd0",
        "/org/rapiddisk/Manager",
        "/org/rapiddisk/Manager/volumes",
        "/org/rapiddisk/Manager/volumes/a/b",
    ]) {
        it(`are not found in ${path}`, () => assert.equal(idOfPath(path), undefined));
    }
});

describe("options of a method", () => {
    const read = (entries: [string, Variant][]) => readOptions(new Map(entries), { persist: "b" });

    it("are read by their keys; auth.no_user_interaction is always known", () => {
        assert.deepEqual(read([["persist", new Variant("b", true)]]), { persist: true });
        assert.deepEqual(read([["auth.no_user_interaction", new Variant("b", true)]]), {
            "auth.no_user_interaction": true,
        });
    });

    it("with an unknown key, a prototype's included, are refused by name", () => {
        for (const key of ["persit", "__proto__", "constructor", "toString", ""]) {
            assert.throws(() => read([[key, new Variant("b", true)]]), new RegExp(`Option "${key}" is unknown`));
        }
    });
});

describe("the command line", () => {
    it("is refused where it cannot be understood", () => {
        for (const args of [["--nonsense"], ["--sim-fault", "x"], ["--wait", "soon"], ["word"]]) {
            assert.throws(() => parseOptions(args, "rapiddiskd"));
        }
    });
});
