// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Time of whole commands, from starting the process to its end. */
import { fail, newCell, record, type Bar, type Cell, type Where } from "../cell.js";
import { run } from "../exec.js";
import type { Call } from "./message.js";
import type { RawClient } from "./rawclient.js";
import { EMPTY_NODE } from "./measure.js";
import { managerCall, rapidDisk } from "./services.js";
import { median } from "../stats.js";

type Argv = readonly [string, ...string[]];

/** Starts each command in turns. @throws Error when one fails: a failing command has no time */
async function times(
    commands: Record<string, Argv>,
    cell: Cell,
    rounds: number,
    env: Record<string, string>,
): Promise<void> {
    const names = Object.keys(commands);
    for (const name of names) await once(commands[name]!, env);
    for (let round = 0; round < rounds; round++) {
        for (let index = 0; index < names.length; index++) {
            const name = names[(index + round) % names.length]!;
            record(cell, name, await once(commands[name]!, env));
        }
    }
}

async function once(argv: Argv, env: Record<string, string>): Promise<number> {
    const started = performance.now();
    await run(argv[0], argv.slice(1), { env });
    return performance.now() - started;
}

/**
 * The command line against an empty Node program and against busctl, which is C.
 * @param cli how to start our command
 */
export async function commandTimes(
    where: Where,
    cli: Argv,
    rounds: number,
    env: Record<string, string> = {},
): Promise<Cell[]> {
    const bars: Bar[] = [{ against: EMPTY_NODE, limit: 2 }, { against: "busctl" }];
    const cell = (name: string): Cell =>
        newCell({ group: "cli", where, name, unit: "ms", better: "lower", subject: "rapiddisk", bars });
    const version = cell("start: rapiddisk --version");
    const list = cell("one call: rapiddisk volume list");
    const node: Argv = ["node", "-e", "0"];
    const { destination, path, interface: iface } = managerCall("ListVolumes");
    const busctl: Argv = ["busctl", "--system", "call", destination, path, iface, "ListVolumes"];
    await times(
        { rapiddisk: [...cli, "--version"], [EMPTY_NODE]: node, busctl: ["busctl", "--version"] },
        version,
        rounds,
        env,
    );
    await times({ rapiddisk: [...cli, "volume", "list"], [EMPTY_NODE]: node, busctl }, list, rounds, env);
    return [version, list];
}

/**
 * Listing many volumes: whole, and how fast.
 * @param count volumes that must be in every list; a list with another number is a failure
 */
export async function listTimes(
    where: Where,
    client: RawClient,
    cli: Argv,
    count: number,
    rounds: number,
    env: Record<string, string> = {},
): Promise<Cell[]> {
    const cell = (name: string): Cell =>
        newCell({ group: "volumes", where, name, unit: "ms", better: "lower", subject: "rapiddisk", bars: [{}] });
    const calls: [string, Call][] = [
        ["ListVolumes", managerCall("ListVolumes")],
        ["GetManagedObjects", rapidDisk([]).managedObjects],
    ];
    const cells: Cell[] = [];
    for (const [name, call] of calls) {
        const measured = cell(`${name}, ${count} volumes`);
        const reply = (await client.call(call)).toString("latin1");
        const found = new Set(reply.match(/\/org\/rapiddisk\/Manager\/volumes\/\w+/g)).size;
        if (found !== count) fail(measured, "rapiddisk", `${found} of ${count} volumes in the answer`);
        await client.latencies(call, 3);
        for (let round = 0; round < rounds; round++) {
            record(measured, "rapiddisk", median(await client.latencies(call, 3)));
        }
        cells.push(measured);
    }
    const command = cell(`rapiddisk volume list, ${count} volumes`);
    const listed = await run(cli[0], [...cli.slice(1), "volume", "list"], { env });
    const found = new Set(listed.stdout.match(/\brd\d+\b/g)).size;
    if (found !== count) fail(command, "rapiddisk", `${found} of ${count} volumes in the list`);
    await times({ rapiddisk: [...cli, "volume", "list"] }, command, rounds, env);
    return [...cells, command];
}
