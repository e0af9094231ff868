// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Floods the daemon with one call, as the user who runs it: argument 1 is JSON of {path, interface, member, signature, args,
 * milliseconds, flags}; options are written {"key": ["signature", value]}. Prints what came back, by error name.
 */
import { Variant } from "../../../service/src/bus/index.js";
import { values } from "../../../service/src/bus/wire/header.js";
import { RawConnection } from "../bus/raw.js";

interface Order {
    path: string;
    interface: string;
    member: string;
    signature: string;
    args: unknown[];
    milliseconds: number;
    flags: number;
}

const toArgument = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
        ? new Map(
              Object.entries(value as Record<string, [string, unknown]>).map(([key, [signature, inner]]) => [
                  key,
                  new Variant(signature, inner),
              ]),
          )
        : value;

/** Sends the same call again and again, as fast as the bus takes it. */
async function flood(bus: RawConnection, order: Order): Promise<number> {
    const { path, interface: iface, member, signature, args, flags } = order;
    const body = signature === "" ? undefined : values(signature, args.map(toArgument));
    const single = bus.encode({ path, interface: iface, member, signature, flags }, body);
    const copies = Math.max(1, Math.floor(32_000 / single.length));
    const end = performance.now() + order.milliseconds;
    let sent = 0;
    while (performance.now() < end && !bus.closed) {
        const batch = bus.renumber(Buffer.concat(Array.from({ length: copies }, () => single)), single.length);
        const late = new Promise((resolve) => setTimeout(resolve, order.milliseconds));
        await Promise.race([bus.send(batch), late]);
        sent += copies;
    }
    return sent;
}

async function main(): Promise<void> {
    const bus = await RawConnection.open();
    const sent = await flood(bus, JSON.parse(process.argv[2] ?? "{}") as Order);
    const replies = Object.fromEntries(bus.replies);
    bus.socket.destroy();
    process.stdout.write(`${JSON.stringify({ sent, replies })}\n`, () => process.exit(0));
}

void main();
