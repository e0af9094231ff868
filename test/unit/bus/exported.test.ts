// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type InterfaceSpec, Variant } from "../../../service/src/bus/index.js";
import { ExportedObject } from "../../../service/src/bus/service/exported.js";
import { Reader } from "../../../service/src/bus/wire/reader.js";
import { Writer } from "../../../service/src/bus/wire/writer.js";

const property = (type: string, emits: "true" | "false" = "false") => ({
    type,
    emits,
    access: "read" as const,
    doc: "x",
});

const spec: InterfaceSpec = {
    name: "a.b",
    doc: "x",
    methods: {},
    properties: {
        Name: property("s", "true"),
        Used: property("t"),
        Flag: property("b"),
        Byte: property("y"),
        Ratio: property("d"),
        Text: property("s"),
    },
    signals: {},
};

/** Without the property whose size varies: objects of it are encoded once and patched. */
const sameSize = Object.entries(spec.properties).filter(([name]) => name !== "Text");
const fixedSize: InterfaceSpec = { ...spec, properties: Object.fromEntries(sameSize) };

type Values = Record<"Name" | "Used" | "Flag" | "Byte" | "Ratio" | "Text", unknown>;
type Entries = Map<string, Map<string, Map<string, Variant>>>;

/** An object whose values are functions but for the name. */
function exported(path: string, values: Values, log: string[] = [], of = spec): ExportedObject {
    const properties = Object.fromEntries(
        Object.keys(of.properties).map((name) => {
            const read = () => {
                const value = values[name as keyof Values];
                if (value instanceof Error) throw value;
                return value;
            };
            return [name, name === "Name" ? values.Name : read];
        }),
    );
    return new ExportedObject(path, [{ spec: of, methods: {}, properties }], (line) => log.push(line));
}

function managed(objects: readonly ExportedObject[]): Entries {
    const writer = new Writer(Buffer.alloc(1));
    const array = writer.beginArray(8);
    for (const object of objects) object.writeEntry(writer, object.read());
    writer.endArray(array);
    return new Reader(writer.bytes(), true).readBody("a{oa{sa{sv}}}")[0] as Entries;
}

function expected(values: Values, left: readonly string[] = []): Map<string, Variant> {
    const present = Object.entries(spec.properties).filter(([name]) => !left.includes(name));
    return new Map(present.map(([name, { type }]) => [name, new Variant(type, values[name as keyof Values])]));
}

const anyValues: fc.Arbitrary<Values> = fc.record({
    Name: fc.stringMatching(/^[a-z]{0,20}$/),
    Used: fc.bigInt({ min: 0n, max: 1n << 63n }),
    Flag: fc.boolean(),
    Byte: fc.integer({ min: 0, max: 255 }),
    Ratio: fc.double({ noNaN: true }),
    Text: fc.stringMatching(/^[a-z]{0,20}$/),
});

describe("objects as they stand in GetManagedObjects", () => {
    it("hold the values of the moment, whatever was encoded of them before", () => {
        fc.assert(
            fc.property(fc.array(anyValues, { maxLength: 5 }), anyValues, fc.boolean(), (all, next, cacheable) => {
                const objects = all.map((values, index) =>
                    exported(`/x/${"i".repeat(index + 1)}`, values, [], cacheable ? fixedSize : spec),
                );
                for (let round = 0; round < 2; round++) {
                    const found = managed(objects);
                    all.forEach((values, index) => {
                        assert.deepEqual(
                            found.get(`/x/${"i".repeat(index + 1)}`)?.get("a.b"),
                            expected(values, cacheable ? ["Text"] : []),
                        );
                        Object.assign(values, { ...next, Name: values.Name });
                    });
                    for (const object of objects) {
                        const writer = new Writer();
                        writer.string("shifts everything after it");
                        object.writeProperties(writer, object.interfaces.values(), object.read());
                        object.writeInterfaces(writer, object.read());
                    }
                }
            }),
        );
    });

    it("leave out what cannot be read or does not fit, and say so in the log", () => {
        const values = { Name: "n", Used: new Error("gone"), Flag: true, Byte: 256, Ratio: 1, Text: "t" };
        const log: string[] = [];
        const found = managed([exported("/x/a", values, log)]);
        assert.deepEqual(found.get("/x/a")?.get("a.b"), expected(values, ["Used", "Byte"]));
        assert.match(log.join("\n"), /Reading Used of \/x\/a failed: Error: gone/);
        assert.match(log.join("\n"), /Reading Byte of \/x\/a failed/);
    });

    it("are refused at once when the implementation does not fit its spec", () => {
        const values = { Name: 5, Used: 0n, Flag: true, Byte: 0, Ratio: 0, Text: "" };
        assert.throws(() => exported("/x/a", values), /does not fit type s/);
        assert.throws(
            () => new ExportedObject("/x/a", [{ spec, methods: {}, properties: {} }], () => undefined),
            /has no value/,
        );
        const method = { in: [], out: [], doc: "x" };
        const withMethod = { ...spec, methods: { Do: method }, properties: {} };
        assert.throws(
            () => new ExportedObject("/x", [{ spec: withMethod, methods: {}, properties: {} }], () => undefined),
            /no handler/,
        );
    });
});
