// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateKey } from "../../../service/src/hostkey.js";
import { runCommandLine } from "../../../service/src/cli/run.js";
import { BusError, objectPath } from "../../../service/src/client/index.js";
import { checkKey } from "../../../service/src/model/nqn.js";
import { KEY } from "../model/exports.js";
import type { Answers } from "./fixture.js";
import { dictionary, exported, FakeEnvironment, NQN, port } from "./fixture.js";

const HOST = "nqn.2014-08.org.example:a";
const TARGET: Answers = {
    ListPorts: [[port(1), port(2, { Transport: ["s", "loop"], Address: ["s", ""], Service: ["s", ""] })]],
    ListExports: [[exported()]],
};

async function run(line: string, answers: Answers = TARGET) {
    const environment = new FakeEnvironment(answers);
    const status = await runCommandLine(line.split(" "), environment);
    const calls = environment.changes.map(({ member, args }) => [
        member,
        ...args.map((argument) =>
            argument instanceof Map
                ? Object.fromEntries(
                      [...(argument as Map<string, { value: unknown }>)].map(([key, { value }]) => [key, value]),
                  )
                : argument,
        ),
    ]);
    return { status, stdout: environment.stdout, stderr: environment.stderr, calls, sent: environment.sent };
}

describe("commands: names that are no NQN by the specification", () => {
    for (const line of [
        "export create rd0 --host nqn.host1",
        "export create rd0 --nqn disk",
        "export allow rd0 nqn.host1",
    ]) {
        it(`${line} is sent, with a note on standard error`, async () => {
            const { status, stderr, calls } = await run(line);
            assert.deepEqual([status, calls.length], [0, 1]);
            assert.match(stderr, /^rapiddisk: note: "(nqn\.host1|disk)" does not look like nqn\.2014-08\.org[^\n]*\n$/);
            assert.equal((await run(`${line} --json`)).stderr, "");
        });
    }

    it("one that is too long for Linux hosts gets a note, and the longest that they take gets none", async () => {
        const name = (bytes: number): string => "nqn.2014-08.org.example:".padEnd(bytes, "x");
        const { status, stderr } = await run(`export allow rd0 ${name(223)}`);
        assert.equal(status, 0);
        assert.match(
            stderr,
            /^rapiddisk: note: "nqn[^"]+" has 223 bytes, and Linux hosts take names of at most 222: [^\n]+\n$/,
        );
        assert.equal((await run(`export allow rd0 ${name(222)}`)).stderr, "");
    });

    it("a name of either form gets none", async () => {
        const uuid = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
        assert.equal((await run(`export create rd0 --host ${HOST},${uuid}`)).stderr, "");
    });
});

describe("commands: ports and exports", () => {
    const sent: [string, unknown[][]][] = [
        ["port create loop", [["CreatePort", 0, "loop", "", {}]]],
        [
            "port create tcp eth0 --id 3 --service 5000 --family ipv6 --tls --persist",
            [["CreatePort", 3, "tcp", "eth0", { service: "5000", family: "ipv6", tls: true, persist: true }]],
        ],
        [
            "port remove 1 2",
            [
                ["Remove", {}],
                ["Remove", {}],
            ],
        ],
        ["port persist 1 --off", [["SetPersistent", false, {}]]],
        ["export create rd0", [["CreateExport", "rd0", {}]]],
        [
            `export create rd0 --port 1,2 --host ${HOST} --serial S --model M --persist --nqn ${NQN}`,
            [
                [
                    "CreateExport",
                    "rd0",
                    { nqn: NQN, ports: ["1", "2"], hosts: [HOST], serial: "S", model: "M", persist: true },
                ],
            ],
        ],
        ["export create rd0 --closed", [["CreateExport", "rd0", { "allow-any-host": false }]]],
        ["export create rd0 --allow-any-host", [["CreateExport", "rd0", { "allow-any-host": true }]]],
        [`export create rd0 --host ${HOST} --no-key`, [["CreateExport", "rd0", { hosts: [HOST], "no-key": true }]]],
        [`export allow rd0 ${HOST}`, [["AllowHost", HOST, {}]]],
        [`export allow rd0 ${HOST} --no-key`, [["AllowHost", HOST, { "no-key": true }]]],
        ["export allow rd0 --any", [["SetAllowAnyHost", true, {}]]],
        ["export deny /dev/rd0 --any", [["SetAllowAnyHost", false, {}]]],
        [`export deny ${NQN} ${HOST}`, [["DenyHost", HOST, {}]]],
        [`export rekey rd0 ${HOST} --off`, [["SetHostKeys", HOST, { clear: true }]]],
        ["export add-port rd0 2 --allow-any-host", [["AddPort", 2, { "allow-any-host": true }]]],
        ["export remove-port rd0 1", [["RemovePort", 1, {}]]],
        ["export enable rd0", [["SetEnabled", true, {}]]],
        ["export disable rd0", [["SetEnabled", false, {}]]],
        ["export revalidate rd0", [["Revalidate", {}]]],
        ["export persist rd0", [["SetPersistent", true, {}]]],
        ["export remove rd0", [["Remove", {}]]],
    ];
    for (const [line, expected] of sent) {
        it(line, async () => {
            const { status, calls, stderr } = await run(line);
            assert.equal(stderr, "");
            assert.equal(status, 0);
            assert.deepEqual(calls, expected);
        });
    }

    for (const line of [
        "port create",
        "port show one",
        "port create tcp lo --id 0",
        "export create rd0 --closed --allow-any-host",
        "export allow rd0",
        `export allow rd0 ${HOST} --any`,
        "export allow rd0 --any --generate-key",
        `export rekey rd0 ${HOST}`,
        `export rekey rd0 ${HOST} --generate-key --off`,
        `export allow rd0 ${HOST} --generate-key --key-file x`,
        `export allow rd0 ${HOST} --key-file /nowhere/key`,
        `export allow rd0 ${HOST} --generate-key --no-key`,
        "export allow rd0 --any --no-key",
    ]) {
        it(`${line} is refused before anything is sent`, async () => {
            const { status, calls, stderr } = await run(line);
            assert.equal(status, 2);
            assert.deepEqual(calls, []);
            assert.match(stderr, /^rapiddisk: /);
        });
    }

    it("a list of hosts or ports that holds none is refused: an empty variable does not let anybody in", async () => {
        for (const option of ["--host", "--port"]) {
            for (const value of ["", " , "]) {
                const environment = new FakeEnvironment(TARGET);
                const status = await runCommandLine(["export", "create", "rd0", option, value], environment);
                assert.equal(status, 2);
                assert.deepEqual(environment.changes, []);
                assert.match(environment.stderr, new RegExp(`${option} names nothing`));
            }
        }
    });

    it("an export is found by its device, and two of one device are named", async () => {
        const other = objectPath("exports", "nqn.2014-08.org.example:second");
        const two = [exported(), exported({ path: ["o", other], Nqn: ["s", "nqn.2014-08.org.example:second"] })];
        const { status, stderr } = await run("export remove rd0", { ListExports: [two] });
        assert.equal(status, 2);
        assert.match(stderr, /several exports: nqn.*here-rd0, nqn.*second/);
        const path = objectPath("exports", "rd0");
        const named = exported({ path: ["o", path], Nqn: ["s", "rd0"], Device: ["s", "/dev/rd1"] });
        const confused = await run("export remove rd0", { ListExports: [[exported(), named]] });
        assert.deepEqual([confused.status, confused.calls], [2, []], "one has the name of the other's device");
        const alone = await run("export remove rd0", { ListExports: [[named]] });
        assert.deepEqual([alone.status, alone.sent.at(-1)?.path], [0, path]);
    });

    it("show prints who is connected and the commands of the other side", async () => {
        const row = (id: number, known: boolean, hosts: string[]) =>
            dictionary({
                port: ["u", id],
                transport: ["s", "tcp"],
                known: ["b", known],
                exclusive: ["b", true],
                hosts: ["as", hosts],
            });
        const ports = [objectPath("ports", "1"), objectPath("ports", "2")];
        const changes: Record<string, [string, unknown]> = {
            AllowAnyHost: ["b", false],
            AllowedHosts: ["as", [HOST]],
            AuthenticatedHosts: ["as", [HOST]],
            Ports: ["ao", ports],
        };
        const answers = {
            ...TARGET,
            GetAll: [exported(changes)],
            GetConnections: [[row(1, true, ["192.0.2.77"]), row(2, false, [])]],
        };
        const { stdout } = await run("export show rd0", answers);
        assert.match(stdout, /port 1: 192\.0\.2\.77, port 2: unknown/);
        assert.match(stdout, new RegExp(`^  nvme discover -t tcp -a 192\\.0\\.2\\.10 -s 4420 -q ${HOST}$`, "m"));
        assert.match(
            stdout,
            new RegExp(
                `^  nvme connect -t tcp -a 192\\.0\\.2\\.10 -s 4420 -n ${NQN} -q ${HOST} --dhchap-secret KEY$`,
                "m",
            ),
        );
        assert.match(stdout, new RegExp(`^  nvme connect -t loop -n ${NQN} -q ${HOST}`, "m"));
        const { commands, connections } = JSON.parse((await run("export show rd0 --json", answers)).stdout) as {
            commands: string[];
            connections: unknown[];
        };
        assert.equal(commands.length, 4);
        assert.deepEqual(connections[1], { port: 2, transport: "tcp", known: false, exclusive: true, hosts: [] });
    });

    const shown = async (changes: Record<string, [string, unknown]>, at: Record<string, [string, unknown]> = {}) => {
        const one = exported({ Ports: ["ao", [objectPath("ports", "1")]], ...changes });
        return (
            await run("export show rd0", { ...TARGET, ListPorts: [[port(1, at)]], GetAll: [one], GetConnections: [[]] })
        ).stdout;
    };

    it("commands for the other side are words of a shell, whatever a name holds", async () => {
        const stdout = await shown({
            AllowedHosts: ["as", ["nqn.2014-08.org.example:it's;reboot"]],
            AllowAnyHost: ["b", false],
        });
        assert.match(stdout, / -q 'nqn\.2014-08\.org\.example:it'\\''s;reboot'$/m);
    });

    it("what only the other side knows is left to be filled in", async () => {
        assert.match(await shown({}, { Address: ["s", "::"] }), / -a ADDRESS-OF-THIS-HOST -s/);
        assert.match(await shown({}, { Address: ["s", "fe80::1%eth0"] }), / -a fe80::1%INTERFACE-OF-THE-OTHER-HOST -s/);
    });

    it("what is missing for them to bring a disk is said", async () => {
        const closed = await shown({ AllowAnyHost: ["b", false], Enabled: ["b", false] });
        assert.match(closed, new RegExp(`^Nobody may connect yet: rapiddisk export allow ${NQN} HOST$`, "m"));
        assert.match(closed, new RegExp(`^It is switched off: rapiddisk export enable ${NQN}$`, "m"));
        assert.match(
            await shown({ Ports: ["ao", []] }),
            new RegExp(`^It is on no port: rapiddisk export add-port ${NQN} PORT$`, "m"),
        );
        assert.doesNotMatch(await shown({}), /Nobody|no port|switched off/);
    });

    it("say --tls for a port that asks for it", async () => {
        const ports = [objectPath("ports", "1")];
        const answers = {
            ListPorts: [[port(1, { Tls: ["b", true] })]],
            ListExports: [[exported({ Ports: ["ao", ports] })]],
            GetAll: [exported({ Ports: ["ao", ports] })],
            GetConnections: [[]],
        };
        const { stdout } = await run("export show rd0", answers);
        assert.match(stdout, /^ {2}nvme discover .* --tls\n {2}nvme connect .* --tls$/m);
    });

    it("lists show ports and exports in tables", async () => {
        assert.match((await run("port list")).stdout, /^ +1 {2}tcp 192\.0\.2\.10:4420 {2}eth0/m);
        assert.match((await run("export list")).stdout, /here-rd0 {2}\/dev\/rd0 {2}yes +1 +no +any/);
        assert.equal((await run("export list", {})).stdout, "No exports.\n");
    });
});

describe("keys of hosts", () => {
    const directory = mkdtempSync(join(tmpdir(), "keys-"));
    after(() => rmSync(directory, { recursive: true }));

    it("that are made are good, are sent, and are printed once", async () => {
        const { calls, stdout } = await run(`export allow rd0 ${HOST} --generate-key --mutual --hash sha512`);
        const [, , given] = calls[0] as [string, string, Record<string, string>];
        assert.equal(checkKey(given.key!, "Key"), given.key);
        assert.equal(checkKey(given["controller-key"]!, "Key"), given["controller-key"]);
        assert.notEqual(given.key, given["controller-key"]);
        assert.equal(given.hash, "sha512");
        assert.ok(stdout.endsWith(`Key: ${given.key}\nController key: ${given["controller-key"]}\n`));
        assert.notEqual(generateKey(), generateKey());
    });

    it("as a word of the command line are refused without a look for such a file, and not repeated", async () => {
        const { calls, stdout, stderr, status } = await run(`export rekey rd0 ${HOST} --key-file ${KEY}`);
        assert.deepEqual(calls, []);
        assert.equal(status, 2);
        assert.match(stderr, /That is a key/);
        assert.ok(!`${stdout}${stderr}`.includes(KEY.slice(10, 30)));
    });

    it("that are read from a file are not repeated, not by --explain either", async () => {
        const file = join(directory, "key");
        writeFileSync(file, `${KEY}\n`);
        const { calls, stdout } = await run(`export rekey rd0 ${HOST} --key-file ${file}`);
        assert.deepEqual(calls, [["SetHostKeys", HOST, { key: KEY }]]);
        assert.ok(!stdout.includes("DHHC"));
        const explained = await run(`export rekey rd0 ${HOST} --key-file ${file} --explain`);
        assert.ok(!explained.stdout.includes("DHHC"));
        assert.match(explained.stdout, /SetHostKeys 'sa\{sv\}' nqn\.2014-08\.org\.example:a 1 key s KEY$/m);
    });

    const named = (keyed: string[], changes: Record<string, [string, unknown]> = {}) => {
        const one = exported({
            AllowAnyHost: ["b", false],
            AllowedHosts: ["as", [HOST]],
            AuthenticatedHosts: ["as", keyed],
            ...changes,
        });
        return { ...TARGET, ListExports: [[one]], GetAll: [one], CreateExport: [objectPath("exports", NQN)] };
    };
    const lines: [string, string][] = [
        [`export create rd0 --host ${HOST}`, "CreateExport"],
        [`export allow rd0 ${HOST}`, "AllowHost"],
    ];
    for (const [line, member] of lines) {
        it(`that the service made are taken and printed once: ${line}`, async () => {
            const answers = { ...named([HOST]), TakeHostKeys: [new Map([[HOST, KEY]])] };
            const { status, stdout, calls } = await run(line, answers);
            assert.equal(status, 0);
            assert.deepEqual(
                calls.map(([name, first]) => [name, first]),
                [
                    [member, member === "AllowHost" ? HOST : "rd0"],
                    ["TakeHostKeys", [HOST]],
                ],
            );
            assert.ok(stdout.includes(`Key of ${HOST}: ${KEY}\nIt is shown this once.`), stdout);
            assert.doesNotMatch(stdout, /without a key\./);
            const json = JSON.parse((await run(`${line} --json`, answers)).stdout) as { key?: string; keys?: unknown };
            assert.deepEqual(
                member === "AllowHost" ? json.key : json.keys,
                member === "AllowHost" ? KEY : { [HOST]: KEY },
            );
        });

        it(`that a host has already stay, and that is said: ${line}`, async () => {
            const { stdout } = await run(line, { ...named([HOST]), TakeHostKeys: [new Map()] });
            assert.ok(stdout.includes(`${HOST} keeps the key that it has.\n`), stdout);
        });

        it(`that are not there make a name all that is needed, which is said plainly: ${line} --no-key`, async () => {
            const open = new RegExp(`^${HOST} may connect without a key\\. An NQN does not authenticate a host:`, "m");
            const { stdout, calls } = await run(`${line} --no-key`, named([]));
            assert.match(stdout, open);
            assert.equal(calls.length, 1, "nothing is there to be taken");
            const loop = named([], { Ports: ["ao", [objectPath("ports", "2")]] });
            assert.doesNotMatch((await run(line, loop)).stdout, open);
        });
    }

    it("are not asked for again when the export was there already", async () => {
        const error = new BusError("org.rapiddisk.Manager.Error.AlreadyExists", "It exists already.");
        const { calls } = await run(`export create rd0 --host ${HOST} --if-not-exists`, {
            ...named([HOST]),
            CreateExport: error,
        });
        assert.deepEqual(
            calls.map(([member]) => member),
            ["CreateExport"],
        );
    });

    it("that are missing are told by the list, by show and when a network port is added", async () => {
        const answers = { ...named([]), GetConnections: [[]] };
        assert.match((await run("export list", answers)).stdout, new RegExp(`${HOST} \\(no key\\)`));
        assert.match(
            (await run("export show rd0", answers)).stdout,
            /may connect without a key\. An NQN does not authenticate a host/,
        );
        assert.match(
            (await run("export add-port rd0 1", answers)).stdout,
            /may connect without a key\. An NQN does not authenticate a host/,
        );
        assert.doesNotMatch((await run("export list", named([HOST]))).stdout, /no key/);
        assert.doesNotMatch(
            (await run("export show rd0", { ...named([HOST]), GetConnections: [[]] })).stdout,
            /authenticate a host/,
        );
    });
});
