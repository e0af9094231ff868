// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { encodeArray, Variant } from "../../../service/src/bus/index.js";
import { DecodeError, Reader } from "../../../service/src/bus/wire/reader.js";
import { parseSignature } from "../../../service/src/bus/wire/signature.js";
import { EncodeError, Writer } from "../../../service/src/bus/wire/writer.js";
import { toBigEndian } from "./big-endian.js";
import { marshalByDbusNext } from "./reference.js";
import { signatures, typed } from "./values.js";

const LIMITS = { values: 1000, depth: 64, bytes: 8192 };

function encode(signature: string, values: unknown[]): Buffer {
    const writer = new Writer(Buffer.alloc(1));
    writer.writeBody(signature, values);
    return Buffer.from(writer.bytes());
}

function decode(signature: string, body: Buffer, limits = LIMITS): unknown[] {
    return new Reader(body, true, limits).readBody(signature);
}

/** Decodes; the only thing that may be thrown is a DecodeError. */
function tryDecode(signature: string, body: Buffer): void {
    try {
        decode(signature, body);
    } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
    }
}

describe("values on the wire", () => {
    it("come back as they were sent", () => {
        fc.assert(
            fc.property(typed, ({ signature, value }) => {
                assert.deepEqual(decode(signature, encode(signature, [value])), [value]);
            }),
        );
    });

    it("come back from big-endian bytes too", () => {
        fc.assert(
            fc.property(typed, ({ signature, value }) => {
                const body = toBigEndian(signature, encode(signature, [value]));
                assert.deepEqual(new Reader(body, false, LIMITS).readBody(signature), [value]);
            }),
        );
    });

    it("are the same bytes as dbus-next makes", () => {
        fc.assert(
            fc.property(typed, ({ signature, value }) => {
                assert.deepEqual(encode(signature, [value]), marshalByDbusNext(signature, value));
            }),
        );
    });

    it("may be cut off or changed anywhere: never anything but a DecodeError", () => {
        fc.assert(
            fc.property(typed, fc.nat(), fc.integer({ min: 0, max: 255 }), ({ signature, value }, place, byte) => {
                const body = encode(signature, [value]);
                tryDecode(signature, body.subarray(0, place % (body.length + 1)));
                if (body.length > 0) body[place % body.length] = byte;
                tryDecode(signature, body);
            }),
            { numRuns: 300 },
        );
    });

    it("may be any bytes at all: never anything but a DecodeError", () => {
        fc.assert(
            fc.property(signatures(3), fc.uint8Array({ maxLength: 200 }), (signature, bytes) => {
                tryDecode(signature, Buffer.from(bytes));
            }),
            { numRuns: 300 },
        );
    });
});

describe("an array that is encoded already", () => {
    const anyRow = fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), typed, { maxKeys: 5 }).map((entries) => {
        const values = Object.entries(entries).map(([key, { signature, value }]) => [
            key,
            new Variant(signature, value),
        ]);
        return new Map(values as [string, Variant][]);
    });

    it("makes the same bytes as its value wherever it stands: in an empty list, a long one, or behind anything", () => {
        fc.assert(
            fc.property(fc.array(anyRow, { maxLength: 5 }), fc.stringMatching(/^[a-z]{0,9}$/), (rows, before) => {
                const encoded = rows.map((row) => encodeArray("a{sv}", row));
                for (let times = 0; times < 2; times++) {
                    assert.deepEqual(encode("saa{sv}", [before, encoded]), encode("saa{sv}", [before, rows]));
                }
                const [row = new Map()] = rows;
                const inside = (value: unknown): unknown[] => [before, new Variant("a{sv}", value)];
                assert.deepEqual(encode("sv", inside(encodeArray("a{sv}", row))), encode("sv", inside(row)));
            }),
        );
        const many = Array.from({ length: 1024 }, (_, index) => new Map([["Name", new Variant("s", `rd${index}`)]]));
        const encoded = many.map((row) => encodeArray("a{sv}", row));
        assert.deepEqual(encode("aa{sv}", [encoded]), encode("aa{sv}", [many]));
    });

    it("is refused where another type is wanted, and where its bytes would depend on the place", () => {
        const row = encodeArray("a{sv}", new Map());
        for (const signature of ["a{ss}", "as", "aa{sv}", "v", "s"]) {
            assert.throws(() => encode(signature, [row]), EncodeError, signature);
        }
        for (const signature of ["as", "av", "ay", "aa{sv}", "s", "(s)", "a(s)a(s)", "("]) {
            assert.throws(() => encodeArray(signature, []), EncodeError, signature);
        }
        assert.throws(() => encodeArray("a{sv}", new Map([["key", 5]])), EncodeError);
    });
});

describe("a body that breaks the specification", () => {
    const refused: [string, string, Buffer, RegExp][] = [
        ["a boolean of 2", "b", Buffer.from([2, 0, 0, 0]), /neither 0 nor 1/],
        ["padding that is not zero", "yu", Buffer.from([1, 9, 0, 0, 1, 0, 0, 0]), /Padding/],
        ["a string without its zero", "s", Buffer.from([1, 0, 0, 0, 65, 66]), /zero byte/],
        ["a string with a zero inside", "s", Buffer.from([2, 0, 0, 0, 65, 0, 0]), /holds a zero byte/],
        ["a string that is not UTF-8", "s", Buffer.from([1, 0, 0, 0, 0xff, 0]), /not valid UTF-8/],
        ["an object path with two slashes", "o", Buffer.from([2, 0, 0, 0, 47, 47, 0]), /object path/],
        ["a signature that is none", "g", Buffer.from([1, 97, 0]), /signature/],
        ["a variant of two types", "v", Buffer.from([2, 121, 121, 0, 1, 1]), /exactly one/],
        ["an array longer than 64 MiB", "ay", Buffer.from([0, 0, 0, 8]), /64 MiB/],
        ["an array beyond the end", "ay", Buffer.from([9, 0, 0, 0, 1]), /shorter/],
        ["an array that ends within an element", "aq", Buffer.from([3, 0, 0, 0, 1, 0, 1, 0]), /does not end/],
        ["bytes left over", "y", Buffer.from([1, 2]), /longer/],
        ["the same key twice", "a{yy}", Buffer.from([10, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 2]), /twice/],
        ["a file descriptor", "h", Buffer.from([0, 0, 0, 0]), /descriptors/],
    ];
    for (const [what, signature, body, message] of refused) {
        it(`is refused: ${what}`, () => {
            assert.throws(
                () => decode(signature, body),
                (error) => error instanceof DecodeError && message.test(error.message),
            );
        });
    }

    it("takes U+FFFD, which is not a broken string", () => {
        assert.deepEqual(decode("s", encode("s", ["\ufffd"])), ["\ufffd"]);
    });

    it("is refused beyond the limits of values and depth", () => {
        const many = encode("ay", [new Uint8Array(5000)]);
        assert.equal((decode("ay", many)[0] as Uint8Array).length, 5000, "bytes are not values each");
        assert.throws(() => decode("ay", encode("ay", [new Uint8Array(9000)])), /more than 8192 bytes/);
        const strings = encode("as", [Array.from({ length: 1000 }, () => "")]);
        assert.throws(() => decode("as", strings), /more than 1000 values/);
        let nested = new Variant<unknown>("y", 1);
        for (let i = 0; i < 64; i++) nested = new Variant("v", nested);
        assert.throws(() => decode("v", encode("v", [nested])), /deeper than 64/);
    });

    it("gives a dictionary that no key can poison", () => {
        const [options] = decode("a{sv}", encode("a{sv}", [new Map([["__proto__", new Variant("b", true)]])]));
        assert.ok(options instanceof Map);
        assert.deepEqual([...options.keys()], ["__proto__"]);
    });
});

describe("a value to send that does not fit", () => {
    const wrong: [string, unknown][] = [
        ["y", 256],
        ["y", 1.5],
        ["y", "1"],
        ["b", 1],
        ["n", 40000],
        ["i", 2 ** 31],
        ["u", -1],
        ["t", -1n],
        ["t", 2 ** 60],
        ["t", 1n << 64n],
        ["x", 1n << 63n],
        ["s", 5],
        ["s", "a\0b"],
        ["o", "no/path"],
        ["g", "(("],
        ["v", 5],
        ["v", new Variant("uu", 5)],
        ["as", "text"],
        ["(ss)", ["one"]],
        ["a{sv}", [1]],
        ["a{sv}", { key: 5 }],
        ["h", 0],
        ["s", undefined],
        ["s", null],
    ];
    for (const [signature, value] of wrong) {
        it(`is refused: ${String(value instanceof Variant ? value.signature : value)} as ${signature}`, () => {
            assert.throws(() => encode(signature, [value]), EncodeError);
        });
    }

    it("is refused when there are more or fewer values than types", () => {
        assert.throws(() => encode("ss", ["one"]), EncodeError);
        assert.throws(() => encode("s", ["one", "two"]), EncodeError);
    });

    it("is taken as a plain object or a Map, and a safe integer for 64 bits", () => {
        assert.deepEqual(encode("a{st}", [{ a: 5 }]), encode("a{st}", [new Map([["a", 5n]])]));
    });
});

describe("signatures", () => {
    it("are valid as the specification says", () => {
        for (const valid of ["", "s", "a{sv}", "(s(uu))", "aa{oa{sa{sv}}}", "a".repeat(32) + "y", "h"]) {
            assert.ok(parseSignature(valid), valid);
        }
    });

    it("are not valid otherwise", () => {
        const deepStruct = "(".repeat(33) + "y" + ")".repeat(33);
        const wrong = ["a", "(", ")", "()", "{sv}", "a{s}", "a{vs}", "a{(s)s}", "a{sss}", "z", "a".repeat(33) + "y"];
        for (const invalid of [...wrong, deepStruct, "y".repeat(256), "(s", "a{sv"]) {
            assert.equal(parseSignature(invalid), undefined, invalid);
        }
    });

    it("never throw, whatever they are", () => {
        fc.assert(
            fc.property(fc.string({ unit: fc.constantFrom(..."aybsv(){}") }), (text) => {
                const types = parseSignature(text);
                if (types !== undefined) assert.equal(types.map((type) => type.signature).join(""), text);
            }),
        );
    });
});
