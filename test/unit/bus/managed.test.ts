// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { type InterfaceSpec, Variant } from "../../../service/src/bus/index.js";
import { ExportedObject } from "../../../service/src/bus/service/exported.js";
import { ManagedObjects } from "../../../service/src/bus/service/managed.js";
import { ObjectTree } from "../../../service/src/bus/service/objects.js";
import { Writer } from "../../../service/src/bus/wire/writer.js";
import { marshalByDbusNext } from "./reference.js";

const property = (type: string, emits: "true" | "false") => ({ type, emits, access: "read" as const, doc: "x" });

const spec: InterfaceSpec = {
    name: "a.b",
    doc: "x",
    methods: {},
    properties: { Name: property("s", "true"), Used: property("t", "false"), Size: property("t", "true") },
    signals: {},
};

/** Objects below /x of which Used is read from a source, and what an ordinary encoder makes of them. */
class Machine {
    readonly tree = new ObjectTree("/x");
    readonly log: string[] = [];
    readonly source = {
        revision: 0,
        waiting: undefined as Promise<void> | undefined,
        refresh: () => this.source.waiting,
    };
    readonly values = new Map<string, { Name: string; Used: unknown; Size: bigint }>();
    readonly managed = new ManagedObjects(this.tree);
    reads = 0;

    constructor(private readonly withSource = true) {
        this.tree.add(new ExportedObject("/x", [], () => undefined));
    }

    add(path: string): void {
        const values = { Name: path.slice(3), Used: 0n, Size: 5n };
        this.values.set(path, values);
        const read = (): unknown => {
            this.reads += 1;
            return this.values.get(path)?.Used;
        };
        const implementation = { spec, methods: {}, properties: { ...values, Used: read } };
        const source = this.withSource ? { source: this.source } : {};
        this.tree.add(new ExportedObject(path, [{ ...implementation, ...source }], (line) => this.log.push(line)));
    }

    remove(path: string): void {
        this.tree.remove(path);
        this.values.delete(path);
    }

    set(path: string, name: "Name" | "Size", value: string | bigint): void {
        Object.assign(this.values.get(path)!, { [name]: value });
        const object = this.tree.get(path)!;
        object.interfaces.get("a.b")!.assign(name, value);
        this.tree.changed(object);
    }

    use(path: string, used: unknown): void {
        this.values.get(path)!.Used = used;
        this.source.revision += 1;
    }

    async body(): Promise<Buffer> {
        return bytes(await this.managed.answer());
    }

    expected(without: readonly string[] = []): Buffer {
        const objects = [...this.values].map(([path, values]) => {
            const entries = Object.entries(values)
                .filter(([, value]) => value !== -1n)
                .map(([name, value]) => [name, new Variant(spec.properties[name]!.type, value)]);
            return [
                path,
                new Map([["a.b", new Map(entries.filter(([name]) => !without.includes(name as string)) as [])]]),
            ];
        });
        return marshalByDbusNext("a{oa{sa{sv}}}", new Map(objects as []));
    }

    /** Whether the body is what an ordinary encoder makes of those values that fit. */
    async check(what: string): Promise<void> {
        assert.ok((await this.body()).equals(this.expected()), what);
    }
}

/** What is written behind another message. */
function bytes(write: (writer: Writer) => void): Buffer {
    const writer = new Writer();
    writer.string("of another length");
    writer.align(8);
    const start = writer.length;
    write(writer);
    return Buffer.from(writer.bytes().subarray(start));
}

function filled(count: number, withSource = true): Machine {
    const machine = new Machine(withSource);
    for (let index = 0; index < count; index++) machine.add(`/x/${"i".repeat(index % 9)}${index}`);
    return machine;
}

describe("the kept body of GetManagedObjects", () => {
    for (const count of [0, 1, 2, 1024]) {
        it(`is the bytes of an ordinary encoder with ${count} objects, and is made once`, async () => {
            const machine = filled(count);
            await machine.check("first");
            const { reads } = machine;
            await machine.check("second");
            assert.equal(machine.reads, reads, "nothing is read when nothing changed");
        });
    }

    it("is never out of date: objects come and go, properties and what a source gives change", async () => {
        const machine = filled(20);
        const [first, second, third] = [...machine.values.keys()] as [string, string, string];
        const steps: [string, () => void][] = [
            ["a string of another length", () => machine.set(second, "Name", "longer than before")],
            ["a string of the same length", () => machine.set(second, "Name", "larger than before")],
            ["a number", () => machine.set(first, "Size", 77n)],
            ["a value of the source", () => machine.use(third, 4096n)],
            ["values of two", () => [first, second].forEach((path) => machine.use(path, 1n << 40n))],
            ["an object more", () => machine.add("/x/new")],
            ["a value of it", () => machine.use("/x/new", 1n)],
            ["an object fewer", () => machine.remove(second)],
            ["a value behind it", () => machine.use(third, 8192n)],
            ["one that came back", () => machine.add(second)],
        ];
        await machine.check("before");
        for (const [what, change] of steps) {
            change();
            await machine.check(what);
            await machine.check(`${what}, again`);
        }
        [...machine.values.keys()].forEach((path) => machine.remove(path));
        await machine.check("all gone");
    });

    it("is never out of date, whatever happens in whatever order", async () => {
        const step = fc.record({
            what: fc.constantFrom("add", "remove", "Name", "Size", "use", "unfit", "root", "ask"),
            which: fc.nat({ max: 5 }),
            text: fc.stringMatching(/^[a-z]{0,9}$/),
            number: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
        });
        await fc.assert(
            fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
                const machine = filled(3);
                for (const { what, which, text, number } of steps) {
                    const path = `/x/${"i".repeat(which)}${which}`;
                    const there = machine.values.has(path);
                    if (what === "add" && !there) machine.add(path);
                    else if (what === "remove" && there) machine.remove(path);
                    else if (what === "Name" && there) machine.set(path, "Name", text);
                    else if (what === "Size" && there) machine.set(path, "Size", number);
                    else if (what === "use" && there) machine.use(path, number);
                    else if (what === "unfit" && there) machine.use(path, -1n);
                    else if (what === "root") machine.tree.changed(machine.tree.get("/x")!);
                    else await machine.check(`after ${what}`);
                }
                await machine.check("at last");
            }),
        );
    });

    it("waits until values are fresh, and shows what changed between the call and the answer", async () => {
        const machine = filled(3);
        const path = [...machine.values.keys()][0]!;
        await machine.check("before");
        let settle: () => void = () => undefined;
        machine.source.waiting = new Promise((resolve) => (settle = resolve));
        const answer = machine.managed.answer();
        assert.ok(answer instanceof Promise);
        machine.use(path, 4096n);
        machine.source.waiting = undefined;
        settle();
        const write = await answer;
        assert.ok(bytes(write).equals(machine.expected()), "the value");
        machine.set(path, "Size", 9n);
        machine.add("/x/late");
        assert.ok(bytes(write).equals(machine.expected()), "what came before the answer was sent");
    });

    it("lacks values that cannot be read or do not fit, and has them again", async () => {
        const machine = filled(1);
        const path = [...machine.values.keys()][0]!;
        await machine.check("before");
        machine.use(path, -1n);
        assert.ok((await machine.body()).equals(machine.expected(["Used"])), "does not fit");
        machine.use(path, 7n);
        await machine.check("fits again");
        machine.source.waiting = Promise.reject(new Error("gone"));
        machine.source.waiting.catch(() => undefined);
        assert.ok((await machine.body()).equals(machine.expected(["Used"])), "cannot be read");
        machine.source.waiting = undefined;
        await machine.check("can be read again");
        const { refresh } = machine.source;
        machine.source.refresh = () => {
            throw new Error("broken");
        };
        assert.ok((await machine.body()).equals(machine.expected(["Used"])), "refuses at once");
        machine.source.refresh = refresh;
        await machine.check("refuses no more");
        assert.match(machine.log.join("\n"), /Reading Used of .* failed: Error: gone/);
    });

    it("is not kept when a property is read that has no source", async () => {
        const machine = filled(3, false);
        for (const used of [1n, 2n]) {
            for (const values of machine.values.values()) values.Used = used;
            await machine.check(String(used));
        }
    });
});
