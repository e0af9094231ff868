// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Makes calls as the user who runs it: argument 1 is a JSON list of calls, each [path, iface, member, signature, arguments,
 * interactive]; options are written {"key": ["signature", value]}. Prints one JSON line a call: {"out": …} or
 * {"error": name, "message": text}.
 */
import { BusError, connectClient, Variant } from "../../../service/src/bus/index.js";
import { call } from "../../contract/dbus/calls.js";

type Call = [string, "" | "Volume" | "Cache" | "Job", string, string, unknown[], boolean?];

const toArgument = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
        ? new Map(
              Object.entries(value as Record<string, [string, unknown]>).map(([key, [signature, inner]]) => [
                  key,
                  new Variant(signature, inner),
              ]),
          )
        : value;

async function main(): Promise<void> {
    const client = await connectClient();
    for (const [path, iface, member, signature, args, interactive] of JSON.parse(process.argv[2] ?? "[]") as Call[]) {
        try {
            const out = await call(client, path, iface, member, signature, args.map(toArgument), interactive);
            console.log(
                JSON.stringify({ out }, (_key, value: unknown) => (typeof value === "bigint" ? `${value}` : value)),
            );
        } catch (error) {
            const name = error instanceof BusError ? error.errorName : String(error);
            console.log(JSON.stringify({ error: name, message: (error as Error).message }));
        }
    }
    await client.close();
}

void main();
