// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Attacks on the test service, as a program of its own so that it can run as another user.
 * Usage: attack.ts NAME. Prints what the attacker was answered, as JSON.
 */
import { Variant } from "../../../service/src/bus/index.js";
import { type BodyWriter, Flag, type Header, values } from "../../../service/src/bus/wire/header.js";
import type { Writer } from "../../../service/src/bus/wire/writer.js";
import { ROOT, testInterface } from "./interfaces.js";
import { RawConnection } from "./raw.js";

const MIB = 1024 * 1024;
const PROPERTIES = "org.freedesktop.DBus.Properties";
const MANAGER = { interface: "org.freedesktop.DBus.ObjectManager", member: "GetManagedObjects" };

/** An attack; gives what was answered. */
type Attack = (bus: RawConnection) => Promise<unknown>;

const attacks: Record<string, Attack> = {
    "fd-argument": (bus) => bus.answer({ signature: "h" }, (writer) => writer.uint32(0)),
    "fd-in-variant": (bus) => bus.answer({ member: "Options", signature: "a{sv}" }, fdOption),
    "large-aq": (bus) => bus.answer({ member: "Options", signature: "aq" }, bytesArray(30 * MIB, 1)),
    "large-aay": (bus) => bus.answer({ member: "Options", signature: "aay" }, bytesArray(30 * MIB, 4)),
    "large-options": (bus) => bus.answer({ member: "Options", signature: "a{sv}" }, option("aay", 30 * MIB)),
    "many-values": (bus) => bus.answer({ member: "Options", signature: "a{sv}" }, option("aay", MIB - 4096)),
    "many-large": async (bus) => {
        const bytes = bus.encode({ member: "Options", signature: "aq" }, bytesArray(30 * MIB, 1));
        for (let i = 0; i < 5; i++) await bus.send(bus.renumber(bytes, bytes.length));
        return bus.answer({});
    },
    "set-read-only": async (bus) => [
        await bus.answer({ interface: PROPERTIES, member: "Set", signature: "ssv" }, set("Label", "changed")),
        await bus.answer({ interface: PROPERTIES, member: "Set", signature: "ssv" }, set("Nothing", "changed")),
        await bus.answer({ interface: PROPERTIES, member: "Set", signature: "ssv" }, set("Stored", 5)),
    ],
    unknown: async (bus) => [
        await bus.answer({ path: "/nowhere" }),
        await bus.answer({ path: "/org" }),
        await bus.answer({ interface: "org.nowhere.Nothing" }),
        await bus.answer({ member: "Nothing" }),
        await bus.answer({ interface: "", member: "Nothing" }),
        await bus.answer({ interface: "", member: "__proto__" }),
        await bus.answer({ interface: PROPERTIES, member: "constructor" }),
        await bus.answer({ signature: "s" }, values("s", ["one too many"])),
        await bus.answer({ interface: PROPERTIES, member: "Get", signature: "ss" }, values("ss", ["org.x.Y", "Label"])),
        await bus.answer(
            { interface: PROPERTIES, member: "Get", signature: "ss" },
            values("ss", [testInterface.name, "X"]),
        ),
        await bus.answer({ interface: PROPERTIES, member: "GetAll", signature: "s" }, values("s", ["org.x.Y"])),
        await bus.answer({ path: "/nowhere", ...MANAGER }),
        await bus.answer({ path: `${ROOT}/items/i0`, ...MANAGER }),
    ],
    "without-interface": (bus) => bus.answer({ interface: "" }),
    "big-endian": async (bus) => {
        const call = bigEndianEcho("hello", 4711);
        await bus.send(call);
        await bus.answer({});
        return Object.fromEntries(bus.replies);
    },
    "deep-variants": (bus) => bus.answer({ member: "Options", signature: "a{sv}" }, nested(60)),
    "too-deep-variants": (bus) => bus.answer({ member: "Options", signature: "a{sv}" }, nested(90)),
    "long-path": (bus) => Promise.race([bus.answer({ path: `/${"a".repeat(300_000)}` }), later("no answer", 500)]),
    malformed: async () => {
        const outcomes: unknown[] = [];
        for (let i = 0; i < 60; i++) outcomes.push(await sendMalformed(i));
        return outcomes.length;
    },
    "forged-signals": async (bus) => {
        const forged = { type: 4, path: "/org/freedesktop/DBus", interface: "org.freedesktop.DBus" };
        const destination = process.argv[3] ?? "";
        const left = { ...forged, destination, member: "NameOwnerChanged", signature: "sss" };
        await bus.send(bus.encode(left, values("sss", [process.argv[4], process.argv[4], ""])));
        const lost = { ...forged, destination, member: "NameLost", signature: "s" };
        await bus.send(bus.encode(lost, values("s", ["org.rapiddisk.Manager"])));
        return bus.answer({});
    },
    "flood-without-replies": (bus) => flood(bus, { flags: Flag.noReplyExpected }),
    "flood-with-replies": (bus) => flood(bus, {}),
    "flood-errors": (bus) => flood(bus, { path: "/nowhere", flags: 0 }),
    "flood-objects": (bus) => flood(bus, MANAGER),
    "flood-objects-unread": (bus) => {
        bus.socket.pause();
        return flood(bus, MANAGER, 1500);
    },
    "flood-introspection": (bus) =>
        flood(bus, { path: `${ROOT}/items`, interface: "org.freedesktop.DBus.Introspectable", member: "Introspect" }),
    "flood-crash": (bus) => flood(bus, { member: "Crash" }, 500),
    "flood-large": (bus) => flood(bus, { member: "Options", signature: "a{sv}" }, 1000, option("ay", MIB - 4096)),
    "flood-large-text": (bus) => flood(bus, { member: "Options", signature: "a{sv}" }, 1000, longText(MIB - 4096)),
    "flood-large-unread": (bus) => {
        bus.socket.pause();
        return flood(bus, { member: "Options", signature: "a{sv}" }, 1500, longText(MIB - 4096));
    },
    "flood-sleep": (bus) => flood(bus, { member: "Sleep", signature: "u" }, 1000, values("u", [60_000])),
    vanish: async (bus) => {
        for (let i = 0; i < 100; i++) {
            await bus.send(bus.encode({ member: "Sleep", signature: "u" }, values("u", [60_000])));
        }
        await bus.answer({
            destination: "org.freedesktop.DBus",
            path: "/",
            interface: "org.freedesktop.DBus",
            member: "GetId",
        });
        await later("", 300);
        return "gone";
    },
};

/** Sends the same call again and again for a time, as fast as the bus takes it; counts what came back. */
async function flood(bus: RawConnection, fields: Partial<Header>, forMs = 1000, body?: BodyWriter): Promise<unknown> {
    const single = bus.encode(fields, body);
    const copies = Math.max(1, Math.floor(64_000 / single.length));
    const end = performance.now() + forMs;
    let sent = 0;
    while (performance.now() < end && !bus.closed) {
        const batch = bus.renumber(Buffer.concat(Array.from({ length: copies }, () => single)), single.length);
        await Promise.race([bus.send(batch), later(undefined, forMs)]);
        sent += copies;
    }
    const disconnected = bus.closed;
    bus.socket.destroy();
    return { sent, disconnected, replies: Object.fromEntries(bus.replies) };
}

/** A valid call with one byte changed; the bus daemon should cut the line, and we should not even notice. */
async function sendMalformed(index: number): Promise<string> {
    const bus = await RawConnection.open();
    const bytes = bus.encode({ member: "Echo", signature: "s" }, values("s", ["hello"]));
    bytes[index] = (bytes[index] ?? 0) ^ 0xff;
    await bus.send(bytes);
    await Promise.race([new Promise((resolve) => bus.socket.once("close", resolve)), later(undefined, 20)]);
    bus.socket.destroy();
    return bus.closed ? "disconnected" : "ignored";
}

function later<T>(value: T, milliseconds: number): Promise<T> {
    return new Promise((resolve) => setTimeout(resolve, milliseconds, value));
}

/** An array as long as given whose elements are all zeros. */
function bytesArray(size: number, alignment: number): BodyWriter {
    return (writer) => zeros(writer, size, alignment);
}

function zeros(writer: Writer, size: number, alignment: number): void {
    const array = writer.beginArray(alignment);
    writer.raw(Buffer.alloc(size));
    writer.endArray(array);
}

/** Options with one entry, an array of zeros. */
function option(signature: string, size: number): BodyWriter {
    return (writer) => {
        const options = writer.beginArray(8);
        writer.string("key");
        writer.signature(signature);
        zeros(writer, size, 1);
        writer.endArray(options);
    };
}

function longText(size: number): BodyWriter {
    return values("a{sv}", [{ key: new Variant("s", "x".repeat(size)) }]);
}

function fdOption(writer: Writer): void {
    const options = writer.beginArray(8);
    writer.string("key");
    writer.signature("h");
    writer.uint32(0);
    writer.endArray(options);
}

function nested(depth: number): BodyWriter {
    let value = new Variant<unknown>("u", 1);
    for (let i = 0; i < depth; i++) value = new Variant("v", value);
    return values("a{sv}", [{ key: value }]);
}

function set(name: string, value: unknown): BodyWriter {
    const variant = typeof value === "string" ? new Variant("s", value) : new Variant("u", value);
    return values("ssv", [testInterface.name, name, variant]);
}

/** A call of Echo in big-endian byte order, written by hand. */
function bigEndianEcho(text: string, serial: number): Buffer {
    const parts: number[] = [];
    const pad = (to: number) => {
        while (parts.length % to !== 0) parts.push(0);
    };
    const u32 = (value: number) => {
        pad(4);
        parts.push((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
    };
    const string = (value: string) => {
        u32(value.length);
        parts.push(...Buffer.from(value), 0);
    };
    const field = (code: number, signature: string, value: string) => {
        pad(8);
        parts.push(code, signature.length, ...Buffer.from(signature), 0);
        if (signature === "g") parts.push(value.length, ...Buffer.from(value), 0);
        else string(value);
    };
    parts.push(0x42, 1, 0, 1);
    u32(text.length + 5);
    u32(serial);
    u32(0);
    field(1, "o", ROOT);
    field(2, "s", testInterface.name);
    field(3, "s", "Echo");
    field(6, "s", "org.rapiddisk.Manager");
    field(8, "g", "s");
    const fields = Buffer.from(parts);
    fields.writeUInt32BE(parts.length - 16, 12);
    pad(8);
    const body = Buffer.alloc(4 + text.length + 1);
    body.writeUInt32BE(text.length);
    body.write(text, 4);
    return Buffer.concat([fields, Buffer.alloc(parts.length - fields.length), body]);
}

async function main(): Promise<void> {
    const attack = attacks[process.argv[2] ?? ""];
    if (attack === undefined) throw new Error(`no attack named ${process.argv[2]}`);
    const answer = await attack(await RawConnection.open());
    process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
}

void main();
