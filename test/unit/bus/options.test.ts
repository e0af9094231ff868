// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import Fastify from "fastify";
import {
    BusError,
    optionsOf,
    Variant,
    type Call,
    type InterfaceImplementation,
} from "../../../service/src/bus/index.js";
import { introspectionXml } from "../../../service/src/bus/service/introspection.js";
import { COMMANDS } from "../../../service/src/cli/commands/index.js";
import type { Command } from "../../../service/src/cli/commands/command.js";
import { UsageError } from "../../../service/src/cli/units.js";
import { jsonName, type OptionSpec, type BusRequest } from "../../../service/src/client/index.js";
import { readOptions } from "../../../service/src/daemon/arguments.js";
import { cacheObject } from "../../../service/src/daemon/cache.js";
import type { HandlerContext } from "../../../service/src/daemon/handlers.js";
import { exportObject } from "../../../service/src/daemon/export.js";
import { jobObject } from "../../../service/src/daemon/job.js";
import { managerObject } from "../../../service/src/daemon/manager.js";
import { portObject } from "../../../service/src/daemon/port.js";
import { tokensObject } from "../../../service/src/daemon/tokens.js";
import { volumeObject } from "../../../service/src/daemon/volume.js";
import { commonOptions, interfaces, methodOptions } from "../../../service/src/generated/specs.js";
import { documented, openApi, type Documented } from "../../../service/src/rest/v2/openapi.js";
import { operations } from "../../../service/src/rest/v2/operations.js";
import { v2Routes } from "../../../service/src/rest/v2/routes.js";
import { positionals } from "../../../service/src/rest/v2/schemas.js";
import { readInterfaces } from "../../../tools/generate/xml.js";
import { journalOf } from "../daemon/journal.js";

type MethodName = keyof typeof methodOptions;

/** Whatever is asked of it, it has, can be called and is empty: for code that must not get as far as to use it. */
function anything(known: Readonly<Record<string, unknown>> = {}): never {
    const answers = new Map<string | symbol, unknown>([
        ...Object.entries(known),
        [Symbol.toPrimitive, () => 0],
        [Symbol.iterator, () => [].values()],
        ["then", undefined],
    ]);
    return new Proxy(() => undefined, {
        get: (_, key) => (answers.has(key) ? answers.get(key) : anything()),
        apply: () => anything(),
    }) as never;
}

const short = (iface: string): string => iface.slice(iface.lastIndexOf(".") + 1);
const sorted = (words: Iterable<string>): string[] => [...words].sort();

/** A value of the option's type, within its range and choices. */
function good({ type, minimum = 1, choices = ["x"] }: OptionSpec): unknown {
    return { b: true, u: minimum, s: choices[0], as: choices }[type];
}

describe("options, annotated in dbus/*.xml,", () => {
    const all = Object.values(interfaces).flatMap((spec) =>
        Object.entries(spec.methods).flatMap(([member, method]) =>
            method.in.at(-1)?.options === undefined
                ? []
                : [{ iface: spec.name, member, method, name: `${short(spec.name)}.${member}` as MethodName }],
        ),
    );

    it("are there for every method that changes something", () => {
        for (const spec of Object.values(interfaces)) {
            for (const [member, { action, in: args }] of Object.entries(spec.methods)) {
                assert.ok(action === undefined || args.at(-1)?.options !== undefined, `${spec.name}.${member}`);
            }
        }
    });

    it("are what introspection shows, with all that is said of each", () => {
        const read = readInterfaces(introspectionXml(Object.values(interfaces), []), "introspection");
        assert.deepEqual(read, Object.values(interfaces));
    });

    it("are what the service reads, with type, range and choices, and nothing else", () => {
        for (const { name } of all) {
            const read = (key: string, value: Variant) => readOptions(new Map([[key, value]]), name) as object;
            const known = { ...methodOptions[name], ...commonOptions };
            for (const [key, option] of Object.entries(known)) {
                const value = good(option);
                assert.deepEqual(read(key, new Variant(option.type, value)), { [key]: value }, `${name} ${key}`);
                for (const type of ["b", "u", "s", "as", "t"].filter((other) => other !== option.type)) {
                    assert.throws(() => read(key, new Variant(type, value)), /has the type/, `${name} ${key}`);
                }
                const beyond = [
                    ...(option.minimum ? [option.minimum - 1] : []),
                    ...(option.maximum === undefined ? [] : [option.maximum + 1]),
                    ...(option.choices === undefined ? [] : option.type === "as" ? [["other"]] : ["other"]),
                ];
                for (const wrong of beyond) {
                    assert.throws(() => read(key, new Variant(option.type, wrong)), /it must be/, `${name} ${key}`);
                }
            }
            assert.throws(() => read("other", new Variant("b", true)), /"other" is unknown/, name);
        }
    });

    it("are those of the method that each handler of the service is for", async () => {
        const context = anything() as HandlerContext;
        const objects: InterfaceImplementation[] = [
            ...[
                managerObject(context),
                tokensObject(anything(), context, anything()),
                volumeObject(context, anything(), anything()),
            ],
            ...[
                cacheObject(context, anything({ volume: "" })),
                portObject(context, anything({ exports: [] })),
                exportObject(context, anything({ backing: undefined, ports: [] })),
            ],
            jobObject(context, anything({ objects: [] })),
        ];
        assert.deepEqual(sorted(objects.map(({ spec }) => spec.name)), sorted(Object.keys(interfaces)));
        const call = { sender: ":1.1", path: "/", uid: () => Promise.resolve(0) } as unknown as Call;
        await journalOf(async () => {
            for (const { iface, member, method, name } of all) {
                const handler = objects.find(({ spec }) => spec.name === iface)!.methods[member]!;
                const args = method.in.map(({ options }) => (options ? new Map([["-", new Variant("b", true)]]) : ""));
                await assert.rejects(
                    async () => await handler(args, call),
                    (error) => {
                        assert.ok(error instanceof BusError, String(error));
                        const known = Object.keys({ ...optionsOf(method), ...commonOptions }).join(", ");
                        assert.equal(error.message, `Option "-" is unknown; known are ${known}.`, name);
                        return true;
                    },
                );
            }
        });
    });

    it("are, with the arguments, the bodies of the OpenAPI document", () => {
        const routes: Documented[] = [];
        const app = Fastify();
        app.addHook("onRoute", (route) => void routes.push(...documented(route)));
        v2Routes(app, anything());
        const { paths } = openApi(routes, "0") as { paths: Record<string, Record<string, never>> };
        type Body = { content: { "application/json": { schema: { properties: Record<string, Shown> } } } };
        type Shown = { description: string; minimum?: number; maximum?: number; enum?: string[]; items?: Shown };
        for (const { method: verb, url, spec, iface, member } of operations()) {
            if (verb === "GET") continue;
            const at = `${iface}.${member}`;
            const operation = paths[url.replace(":id", "{id}")]![verb.toLowerCase()]! as { requestBody: Body };
            const { properties } = operation.requestBody.content["application/json"].schema;
            const options = Object.entries(optionsOf(spec));
            const names = [...positionals(spec).map(({ name }) => name), ...options.map(([key]) => key)].map(jsonName);
            assert.deepEqual(sorted(Object.keys(properties)), sorted(names), at);
            for (const [key, { doc, choices, minimum, maximum, default: preset }] of options) {
                const shown = properties[jsonName(key)]!;
                assert.ok(shown.description.startsWith(doc) && shown.description.includes(preset ?? ""), at);
                assert.deepEqual(shown.enum ?? shown.items?.enum, choices, at);
                assert.equal(shown.minimum, minimum, at);
                assert.equal(shown.maximum, maximum, at);
            }
        }
    });

    it("are those that the commands set, and each can be set by a command", async () => {
        const set = new Map<string, Set<string>>();
        for (const command of COMMANDS) {
            const flags = Object.keys(command.options);
            for (const given of [[], ...flags.map((flag) => [flag]), ...flags.map((flag) => ["generate-key", flag])]) {
                for (const { interface: iface, member, args } of await requestsOf(command, given)) {
                    const spec = interfaces[iface]?.methods[member];
                    if (spec === undefined) continue;
                    const name = `${short(iface)}.${member}`;
                    const keys = set.get(name) ?? new Set();
                    set.set(name, keys);
                    const values = args.at(-1);
                    for (const [key, { signature }] of values instanceof Map ? (values as Map<string, Variant>) : []) {
                        assert.equal(signature, optionsOf(spec)[key]?.type, `${command.words.join(" ")}: ${key}`);
                        keys.add(key);
                    }
                }
            }
        }
        // The bridge asks for digests; keys are taken as part of the commands that have them made.
        const others = ["GetTokenDigests", "TakeHostKeys"];
        for (const { name } of all.filter(({ member, method }) => method.action && !others.includes(member))) {
            assert.deepEqual(sorted(set.get(name) ?? ["no command"]), sorted(Object.keys(methodOptions[name])), name);
        }
    });

    it("have the same choices and defaults in the help of the commands", async () => {
        for (const command of COMMANDS) {
            for (const [flag, { doc, completes }] of Object.entries(command.options)) {
                for (const { interface: iface, member, args } of await requestsOf(command, [flag])) {
                    const values = args.at(-1);
                    const [key, more] = values instanceof Map ? (values as Map<string, Variant>).keys() : [];
                    const option = optionsOf(interfaces[iface]?.methods[member] ?? { in: [], out: [], doc: "" })[
                        key ?? ""
                    ];
                    if (option?.type !== "s" || more !== undefined) continue;
                    const at = `${command.words.join(" ")} --${flag}`;
                    assert.deepEqual(Array.isArray(completes) ? completes : undefined, option.choices, at);
                    const words = option.default?.split(" ") ?? [];
                    assert.ok(words.length !== 1 || doc.includes(words[0]!), `${at}: ${option.default}`);
                }
            }
        }
    });
});

const NQN = "nqn.2014-08.org.example:a";
const OPERANDS: Readonly<Record<string, string>> = {
    SIZE: "4M",
    VOLUME: "rd0",
    PORT: "1",
    JOB: "1",
    EXPORT: NQN,
    HOST: NQN,
};
const VOLUME = "/org/rapiddisk/Manager/volumes/rd0";
const NUMBERS = ["number", "id", "wait", "days", "service", "port"];

/** What a command would send with these options; nothing where they do not go together or need a file. */
async function requestsOf(command: Command, flags: readonly string[]): Promise<readonly BusRequest[]> {
    const sample = (flag: string): string => {
        const option = command.options[flag];
        const { completes } = option ?? {};
        if (option?.value === undefined) return "";
        return Array.isArray(completes) ? (completes[0] as string) : NUMBERS.includes(flag) ? "1" : "x";
    };
    const options = Object.fromEntries(
        flags.filter((flag) => command.options[flag]).map((flag) => [flag, sample(flag)]),
    );
    const requests: BusRequest[] = [];
    for (const operands of [command.operands, command.operands.filter(({ optional }) => optional !== true)]) {
        const input = { operands: operands.map(({ name }) => OPERANDS[name] ?? "x"), options };
        const read = ({ member }: BusRequest) => Promise.resolve((member === "Resolve" ? VOLUME : []) as never);
        try {
            requests.push(...(await command.plan(input, { read })).requests);
        } catch (error) {
            if (!(error instanceof UsageError)) throw error;
        }
    }
    return requests;
}
