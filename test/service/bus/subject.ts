// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The service that the tests of this folder talk to: a program of its own, so that its memory and its stalls can be
 * measured. Usage: subject.ts [number of items, default 3]. Prints "ready" and its pid.
 */
import { memoryUsage } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { connectService, createAuthority, type MethodHandler, Variant } from "../../../service/src/bus/index.js";
import { itemInterface, ROOT, testInterface } from "./interfaces.js";

async function main(): Promise<void> {
    const errorPrefix = "org.rapiddisk.Manager.Error";
    const service = await connectService({ root: ROOT, errorPrefix });
    const authority = createAuthority(service, { errorPrefix });
    const counts = { running: 0, aborted: 0, stored: 0 };
    let slow = 0;

    const methods: Record<string, MethodHandler> = {
        Empty: () => undefined,
        Echo: ([text]) => [text],
        Options: ([options]) => [[...(options as Map<string, unknown>).keys()]],
        Sleep: async ([milliseconds], call) => {
            counts.running += 1;
            try {
                await sleep(milliseconds as number, undefined, { signal: call.signal });
            } catch {
                counts.aborted += 1;
            } finally {
                counts.running -= 1;
            }
        },
        Guarded: async (_, call) => {
            counts.running += 1;
            try {
                await authority.check(call, "org.rapiddisk.test.guarded", { "volume.name": "rd0" });
                return ["yes"];
            } finally {
                if (call.signal.aborted) counts.aborted += 1;
                counts.running -= 1;
            }
        },
        Crash: () => {
            throw new Error("secret detail");
        },
        Change: ([text]) => {
            service.setProperties(ROOT, testInterface.name, { Label: text });
            service.setProperties(`${ROOT}/items/i0`, itemInterface.name, { Size: 77n });
            service.addObject(`${ROOT}/items/new`, [item("new", 9)]);
            service.removeObject(`${ROOT}/items/new`);
        },
        Types: (values) => values,
        Statistics: () => [
            new Map<string, Variant>([
                ["rss", new Variant("t", memoryUsage.rss())],
                ["running", new Variant("u", counts.running)],
                ["aborted", new Variant("u", counts.aborted)],
                ["stored", new Variant("u", counts.stored)],
            ]),
        ],
    };

    service.addObject(ROOT, [
        {
            spec: testInterface,
            methods,
            properties: {
                Label: "first",
                Constant: 5,
                Counter: () => ++slow,
                Slow: async () => (await sleep(5), "later"),
                Stored: "",
            },
            setters: {
                Stored: (value) => {
                    counts.stored += 1;
                    service.setProperties(ROOT, testInterface.name, { Stored: value });
                },
            },
        },
    ]);
    const items = Number(process.argv[2] ?? 3);
    for (let i = 0; i < items; i++) service.addObject(`${ROOT}/items/i${i}`, [item(`i${i}`, i)]);
    await service.requestName("org.rapiddisk.Manager");
    console.log(`ready ${process.pid}`);
    console.error(await service.lost);
}

function item(name: string, size: number) {
    let used = 0;
    return {
        spec: itemInterface,
        methods: {},
        properties: {
            Name: name,
            Number: size,
            Device: `/dev/${name}`,
            Size: BigInt(size) * 1048576n,
            Used: () => BigInt(used++),
            ReadOnly: false,
            Errors: () => 0n,
            InUse: false,
            Users: ["mounted on /mnt/somewhere"],
            Persistent: true,
        },
    };
}

void main();
