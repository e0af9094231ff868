// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
    appendFileSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Variant } from "../../../service/src/bus/index.js";
import { readOptions } from "../../../service/src/daemon/arguments.js";
import { parseConfig, readConfig } from "../../../service/src/daemon/config.js";
import { clearUnfinished, FileStore } from "../../../service/src/daemon/files.js";
import { FileIntentLog } from "../../../service/src/daemon/intents.js";
import { idOfPath, objectPath } from "../../../service/src/daemon/names.js";
import { FileKeyStore, FileOwnershipStore } from "../../../service/src/daemon/targetfiles.js";
import { parseOptions } from "../../../service/src/daemon/options.js";
import { TokenStore } from "../../../service/src/daemon/tokenstore.js";
import { DEFAULT_MEMORY } from "../../../service/src/model/admission.js";
import { problemSentence } from "../../../service/src/model/problems.js";

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
        assert.deepEqual((await store.load()).state, { volumes: [], caches: [] });
        await store.save(state);
        assert.deepEqual(await store.load(), { state, rejected: [] });
        assert.equal(statSync(join(dir, "deep", "er", "state.json")).mode & 0o777, 0o600);
        assert.deepEqual(readdirSync(join(dir, "deep", "er")), ["state.json"]);
    });

    it("of a state come with the rules that hide its origins at boot, which follow it also when it is gone or was another", async () => {
        const rules = (): string => readFileSync(join(dir, "origins.rules"), "utf8");
        const source = "/dev/disk/by-id/a";
        const caches = [{ ...state.caches[0]!, source }];
        await new FileStore(dir).save({ ...state, caches });
        assert.match(rules(), /^SYMLINK=="disk\/by-id\/a", ENV\{RAPIDDISK_ORIGIN\}="c"/m);
        rmSync(join(dir, "origins.rules"));
        await new FileStore(dir).load();
        assert.match(rules(), /^SYMLINK=="disk\/by-id\/a"/m, "as after an update, which finds a state and no rules");
        rmSync(join(dir, "state.json"));
        await new FileStore(dir).load();
        assert.doesNotMatch(rules(), /^SYMLINK/m, "the state was moved away");
        const visible: string[] = [];
        const store = new FileStore(dir, (line) => visible.push(line));
        const nameless = [...caches, { ...state.caches[0]!, name: "d", source: "/dev/nbd0" }];
        await store.save({ ...state, caches: nameless });
        await store.save({ ...state, caches: nameless });
        assert.equal(visible.length, 1, "once for each");
        assert.match(visible[0]!, /^The origin \/dev\/nbd0 of the cache d cannot be hidden at boot: /);
        // That they cannot be written is told, and keeps nothing from being saved.
        rmSync(join(dir, "origins.rules"));
        mkdirSync(join(dir, "origins.rules"));
        const told: string[] = [];
        await new FileStore(dir, (line) => told.push(line)).save({ ...state, caches });
        assert.match(told.join(), /^The rules for origins .* could not be written/);
        assert.deepEqual((await new FileStore(dir).load()).state.caches, caches);
    });

    it("that cannot be written are named, stay as they were, and leave nothing half written", async () => {
        const keys = { key: "", controllerKey: "", hash: "hmac(sha256)", dhgroup: "null" };
        const object = { kind: "volume" as const, number: 1 };
        const none = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };
        const digest = `${createHash("sha256").update("nqn.h").digest("hex")}.json`;
        const writers: [string, () => Promise<unknown>][] = [
            ["state.json", () => new FileStore(dir).save(state)],
            ["tokens.json", () => new TokenStore(dir).create("a", "read")],
            ["target.json", () => new FileOwnershipStore(dir).save(none)],
            [join("keys", digest), () => new FileKeyStore(dir).save("nqn.h", keys)],
            [
                join("intents", "1.json"),
                () => new FileIntentLog(dir).begin({ operation: "x", object, before: null, after: null }),
            ],
        ];
        for (const [name, write] of writers) {
            const path = join(dir, name);
            mkdirSync(dirname(path), { recursive: true });
            // What is written there goes to a device that is always full.
            symlinkSync("/dev/full", `${path}.new`);
            await assert.rejects(write(), (error: Error) => {
                assert.ok(error.message.endsWith(` ${path} could not be written (ENOSPC).`), error.message);
                return true;
            });
            assert.deepEqual(
                readdirSync(dirname(path)).filter((one) => one.startsWith(basename(path))),
                [],
            );
        }
    });

    it("that a process left half written are removed by the next one, and nothing else is", () => {
        mkdirSync(join(dir, "keys"));
        for (const name of ["state.json", "state.json.new", "tokens.json.new", "notes.new", "keys/a.json.new"]) {
            writeFileSync(join(dir, name), "");
        }
        clearUnfinished([dir, join(dir, "keys"), join(dir, "none")]);
        assert.deepEqual(readdirSync(dir).sort(), ["keys", "notes.new", "state.json"]);
        assert.deepEqual(readdirSync(join(dir, "keys")), []);
    });

    const target = { ports: [], exports: [], installation: "", generations: {} };
    const damaged: [string, string][] = [
        ["not JSON", "{"],
        ["without a format", '{"volumes":[],"caches":[]}'],
        ["without lists", '{"format":1}'],
        ["without lists of exports", '{"format":1,"volumes":[],"caches":[],"target":{}}'],
        [
            "without what identities are made of",
            JSON.stringify({ format: 1, volumes: [], caches: [], target: { ...target, generations: { rd0: "2" } } }),
        ],
        ["no object", "null"],
        ["too large", " ".repeat(16 * 2 ** 20 + 1)],
    ];
    for (const [what, text] of damaged) {
        it(`that are ${what} are refused and left alone`, async () => {
            writeFileSync(join(dir, "state.json"), text);
            await assert.rejects(new FileStore(dir).load(), /state\.json is damaged \(.*\); repair it or move it away/);
            assert.equal(readFileSync(join(dir, "state.json"), "utf8"), text);
        });
    }

    it("of another format are said to be of a newer or an older version", async () => {
        writeFileSync(join(dir, "state.json"), '{"format":2,"volumes":[],"caches":[]}');
        await assert.rejects(new FileStore(dir).load(), /has the format 2, of a newer version .* reads the format 1/);
        writeFileSync(join(dir, "state.json"), '{"format":0}');
        await assert.rejects(new FileStore(dir).load(), /has the format 0, of an older version .* reads the format 1/);
    });

    const port = {
        id: 1,
        transport: "tcp",
        family: "ipv4",
        address: "192.0.2.1",
        service: "4420",
        interface: "",
        tls: false,
    };
    const one = {
        ...{ nqn: "nqn.x", device: "/dev/rd1", uuid: "u", serial: "s", model: "m", enabled: true, allowAnyHost: true },
        ...{ hosts: [], authenticated: [], ports: [1] },
    };
    const whole = { format: 1, ...state, target: { ...target, ports: [port], exports: [one] } };
    const broken: [string, object, RegExp][] = [
        [
            "a volume",
            { ...whole, volumes: [...state.volumes, { number: "2" }] },
            /saved volume 2 \(its number is malformed\)/,
        ],
        [
            "a cache",
            { ...whole, caches: [...state.caches, { name: "d", volume: 1 }] },
            /cache d \(its source is missing\)/,
        ],
        [
            "a port",
            { ...whole, target: { ...whole.target, ports: [port, { ...port, id: 2, address: undefined }] } },
            /port 2 \(its address is missing\)/,
        ],
        [
            "an export",
            { ...whole, target: { ...whole.target, exports: [one, { ...one, nqn: "nqn.y", hosts: null }] } },
            /export nqn\.y \(its hosts is malformed\)/,
        ],
        [
            "a second one of a number",
            { ...whole, volumes: [...state.volumes, { ...state.volumes[0], size: 512 }] },
            /volume \d+ \(there is another one of it before\)/,
        ],
        [
            "a malformed one before the one of its number",
            { ...whole, volumes: [{ ...state.volumes[0], size: null }, ...state.volumes] },
            /volume \d+ \(its size is malformed\)/,
        ],
        [
            "a volume of no size that there is",
            { ...whole, volumes: [...state.volumes, { ...state.volumes[0], number: 7, size: 1000 }] },
            /volume 7 \(its size is malformed\)/,
        ],
        [
            "a cache of a name that no mapping can have",
            { ...whole, caches: [...state.caches, { ...state.caches[0], name: "../../x" }] },
            /cache \.\.\/\.\.\/x \(its name is malformed\)/,
        ],
        [
            "a cache of its own volume",
            {
                ...whole,
                caches: [...state.caches, { ...state.caches[0], name: "self", volume: 3, source: "/dev/rd3" }],
            },
            /cache self \(its source is malformed\)/,
        ],
        [
            "a port of no address",
            { ...whole, target: { ...whole.target, ports: [port, { ...port, id: 3, address: "0.0.0.0; rm" }] } },
            /port 3 \(its address is malformed\)/,
        ],
        ["no object at all", { ...whole, volumes: [...state.volumes, null] }, /volume entry 1 \(it is no object\)/],
    ];
    it("keep what a later version wrote and this one does not know", async () => {
        const later = { ...whole, later: { a: 1 }, target: { ...whole.target, others: ["b"] } };
        writeFileSync(join(dir, "state.json"), JSON.stringify(later));
        const store = new FileStore(dir);
        const loaded = await store.load();
        assert.deepEqual({ format: 1, ...loaded.state }, whole);
        await store.save(loaded.state);
        assert.deepEqual(JSON.parse(readFileSync(join(dir, "state.json"), "utf8")), later);
    });

    for (const [what, data, words] of broken) {
        it(`with ${what} that cannot be used give the rest, and keep it when something is saved`, async () => {
            writeFileSync(join(dir, "state.json"), JSON.stringify(data));
            const store = new FileStore(dir);
            const loaded = await store.load();
            assert.deepEqual({ format: 1, ...loaded.state }, whole);
            assert.equal(loaded.rejected.length, 1);
            assert.match(loaded.rejected.map(problemSentence).join(), words);
            await store.save(loaded.state);
            assert.deepEqual(await new FileStore(dir).load(), loaded);
        });
    }

    it("of a broken entry make room for its object when that is saved", async () => {
        writeFileSync(join(dir, "state.json"), '{"format":1,"volumes":[{"number":1}],"caches":[]}');
        const store = new FileStore(dir);
        assert.equal((await store.load()).rejected.length, 1);
        await store.save(state);
        assert.deepEqual(await new FileStore(dir).load(), { state, rejected: [] });
    });

    it("that could not be loaded again are not saved", async () => {
        const store = new FileStore(dir);
        await store.save(state);
        const caches = [{ ...state.caches[0]!, source: `/dev/${"x".repeat(16 * 2 ** 20)}` }];
        await assert.rejects(
            store.save({ ...state, caches }),
            /would have \d+ bytes, and at most 16777216 are loaded again/,
        );
        assert.deepEqual((await new FileStore(dir).load()).state, state);
    });

    it("of what is ours count for nothing when they are none, and are not written over when they cannot be read", async () => {
        const nothing = { volumes: [], ports: [], exports: [], hosts: [], devices: [], made: {} };
        const store = new FileOwnershipStore(dir);
        assert.deepEqual(await store.load(), nothing);
        writeFileSync(join(dir, "target.json"), "{");
        assert.deepEqual(await store.load(), nothing);
        await store.save({ ...nothing, renewed: ["rd0"] });
        assert.deepEqual((await store.load()).renewed, ["rd0"]);
        rmSync(join(dir, "target.json"));
        mkdirSync(join(dir, "target.json"));
        await assert.rejects(store.load(), /target\.json could not be read \(EISDIR\)/);
    });

    describe("of unfinished operations", () => {
        const object = { kind: "volume" as const, number: 1 };
        const intent = { operation: "x", object, before: null, after: null };

        it("are found by the next start, with the step that was begun last", async () => {
            const first = await new FileIntentLog(dir).begin(intent);
            await first.step("one");
            await first.step("two");
            const next = new FileIntentLog(dir);
            const [found, ...others] = (await next.pending()).notes;
            assert.deepEqual([found?.operation, found?.step, found?.object, others.length], ["x", "two", object, 0]);
            appendFileSync(join(dir, "intents", found?.id ?? ""), '"thr');
            const again = (await next.pending()).notes[0];
            assert.equal(again?.step, "two", "a line that its author did not live to end counts");
            await next.forget(found?.id ?? "");
            assert.deepEqual(await next.pending(), { notes: [], unreadable: [] });
        });

        it("are found in the order in which they began, whichever process wrote them", async () => {
            const names: string[] = [];
            for (let process = 0; process < 3; process++) {
                const log = new FileIntentLog(dir);
                await log.pending();
                for (let count = 0; count < 5; count++) {
                    names.push(`${process}-${count}`);
                    await log.begin({ ...intent, operation: names.at(-1)! });
                }
            }
            const { notes } = await new FileIntentLog(dir).pending();
            assert.deepEqual(
                notes.map((note) => note.operation),
                names,
            );
        });

        it("are told with why they stay", async () => {
            const record = await new FileIntentLog(dir).begin(intent);
            await record.step("one");
            await record.replace({ ...intent, failed: "why", number: null }, "one");
            const [note] = (await new FileIntentLog(dir).pending()).notes;
            assert.deepEqual([note?.failed, note?.number, note?.step], ["why", null, "one"]);
        });

        it("stay when they cannot be read, which is said, and go when they are none", async () => {
            mkdirSync(join(dir, "intents", "1.json"), { recursive: true });
            writeFileSync(join(dir, "intents", "2.json"), "nonsense\n");
            writeFileSync(join(dir, "intents", "3.json"), "null\n");
            const { notes, unreadable } = await new FileIntentLog(dir).pending();
            assert.deepEqual(notes, []);
            assert.match(
                unreadable.map(problemSentence).join(),
                /intents\/1\.json of unfinished work could not be read \(EISDIR\)/,
            );
            assert.deepEqual(readdirSync(join(dir, "intents")), ["1.json"]);
        });
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
    const read = (entries: [string, Variant][]) => readOptions(new Map(entries), "Manager.CreateVolume");

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
        for (const args of [["--nonsense"], ["--wait", "soon"], ["word"]]) {
            assert.throws(() => parseOptions(args, "rapiddiskd"));
            assert.throws(() => parseOptions(args, "rapiddisk-restore"));
        }
        assert.throws(() => parseOptions(["--wait", "3"], "rapiddiskd"), /Unknown option '--wait'/);
        assert.throws(
            () => parseOptions(["--wait", "soon"], "rapiddisk-restore"),
            /"?soon"? is not a number of seconds/,
        );
        const parsed = parseOptions(["--wait", "3"], "rapiddisk-restore");
        assert.equal("waitSeconds" in parsed && parsed.waitSeconds, 3);
    });

    it("has no option for faults of the simulated kernel, which belong to the tests", () => {
        for (const program of ["rapiddiskd", "rapiddisk-restore"] as const) {
            assert.throws(
                () => parseOptions(["--sim", "--sim-fault=1:kill:after"], program),
                /Unknown option '--sim-fault'/,
            );
        }
    });
});
