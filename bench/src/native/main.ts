// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The rows that need no kernel, on this host at its full speed: our service over the simulated kernel against the host's
 * own udisks2, both on a private bus.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { callLatency, residentMemory, startCell, startTimes } from "../bus/measure.js";
import { commandTimes, listTimes } from "../bus/commands.js";
import { listCost } from "../bus/listcost.js";
import { RawClient } from "../bus/rawclient.js";
import { createVolume, rapidDisk, start, udisks, type Service } from "../bus/services.js";
import { fail, newCell, record, type Cell } from "../cell.js";
import { startBus } from "./bus.js";
import { measureFastPath } from "./fastpath.js";
import { measurePage } from "./page.js";
import { withStage, type Stage } from "../stage.js";
import { median } from "../stats.js";

const WHERE = "native";
const UDISKSD = "/usr/libexec/udisks2/udisksd";
const VOLUME_BYTES = 2 ** 20;
const ROUNDS = 9;

/** What a native group is given. */
interface Bench {
    root: string;
    directory: string;
    client: RawClient;
    env: Record<string, string>;
    /** Our service over a simulated kernel that has that many volumes already. */
    ours(volumes: number): Promise<Service>;
    peers: Service[];
    cli: readonly [string, ...string[]];
    bridge: readonly [string, ...string[]];
    say(text: string): void;
}

const groups: Record<string, (bench: Bench) => Promise<Cell[]>> = {
    dbus,
    cli,
    volumes,
    fastpath: (bench) => measureFastPath({ ...bench, rounds: ROUNDS }),
    page: () => measurePage(5),
};

/** Measures the groups; what goes wrong becomes a failed cell. @param root directory of the project */
export async function measureNative(
    root: string,
    names: readonly string[],
    say: (text: string) => void,
): Promise<Cell[]> {
    return withStage(async (stage) => {
        const bench = await prepare(stage, root, say);
        const cells: Cell[] = [];
        for (const name of names) {
            say(`${name}, on this host`);
            try {
                cells.push(...(await groups[name]!(bench)));
            } catch (error) {
                cells.push(broken(name, "all", (error as Error).message));
            }
        }
        if (bench.peers.length === 0 && names.includes("dbus")) {
            cells.push(broken("dbus", "udisks2", `${UDISKSD} is not installed on this host (Debian package udisks2)`));
        }
        return cells;
    });
}

function broken(group: string, contestant: string, reason: string): Cell {
    const cell = newCell({ group, where: WHERE, name: "all", unit: "", better: "lower", subject: "", bars: [] });
    fail(cell, contestant, reason);
    return cell;
}

async function prepare(stage: Stage, root: string, say: (text: string) => void): Promise<Bench> {
    const directory = mkdtempSync(`${tmpdir()}/rapiddisk-bench-`);
    stage.defer(directory, () => rmSync(directory, { recursive: true }));
    const address = await startBus(stage, directory);
    const client = await RawClient.connect(address);
    stage.defer("client", () => client.close());
    const env = { DBUS_SYSTEM_BUS_ADDRESS: address };
    const prepared = new Map<number, string>();
    const bench: Bench = {
        root,
        directory,
        client,
        env,
        peers: existsSync(UDISKSD) ? [{ ...udisks([UDISKSD]), env }] : [],
        cli: ["node", `${root}dist/rapiddisk.cjs`],
        bridge: ["node", ...unitNodeFlags(root, "rapiddisk-rest"), `${root}dist/rapiddisk-rest.cjs`],
        say,
        ours: async (volumes) => {
            const template = prepared.get(volumes) ?? (await populate(bench, volumes));
            prepared.set(volumes, template);
            return oursOver(bench, template);
        },
    };
    return bench;
}

/** Our daemon with the flags that its unit gives Node. */
function oursOver(bench: Bench, state: string): Service {
    const argv = [
        "node",
        ...unitNodeFlags(bench.root, "rapiddiskd"),
        `${bench.root}dist/rapiddiskd.cjs`,
        "--sim",
        "--sim-state",
        state,
    ];
    argv.push("--state-dir", `${bench.directory}/state`, "--runtime-dir", `${bench.directory}/run`);
    return { ...rapidDisk([...argv, "--config", `${bench.directory}/none.conf`]), env: bench.env };
}

/** The flags between node and a program of ours in its unit, so that what is measured is what is installed. */
function unitNodeFlags(root: string, unitName: string): string[] {
    const unit = readFileSync(`${root}systemd/${unitName}.service`, "utf8");
    return /^ExecStart=\S+node ((?:--\S+ )*)/m.exec(unit)?.[1]?.match(/\S+/g) ?? [];
}

/** Lets the service itself make the volumes, and keeps the state of the simulated kernel. */
async function populate(bench: Bench, volumes: number): Promise<string> {
    const state = `${bench.directory}/kernel-${volumes}.json`;
    const running = await start(oursOver(bench, state), bench.client);
    for (let made = 0; made < volumes; made++) await bench.client.call(createVolume(VOLUME_BYTES));
    await running.stop();
    return state;
}

async function dbus(bench: Bench): Promise<Cell[]> {
    const { client, env, peers } = bench;
    const cells: Cell[] = [];
    const few = await bench.ours(10);
    for (const [count, limit] of [
        [0, undefined],
        [500, 200],
    ] as const) {
        const cell = startCell(WHERE, `${count} volumes`, limit);
        await startTimes(cell, client, [await bench.ours(count), ...(count === 0 ? peers : [])], ROUNDS);
        cells.push(cell);
    }
    await withStage(async (stage) => {
        for (const service of [few, ...peers]) {
            const running = await start(service, client);
            stage.defer(service.label, running.stop);
        }
        cells.push(...(await callLatency(WHERE, client, [few, ...peers], ROUNDS, 1000)));
    });
    await withStage(async (stage) => {
        const many = await bench.ours(500);
        const running = await start(many, client);
        stage.defer(many.label, running.stop);
        const cell = newCell({
            group: "dbus",
            where: WHERE,
            name: "GetManagedObjects, 500 volumes",
            unit: "ms",
            better: "lower",
            subject: many.label,
            bars: [{}],
        });
        await client.latencies(many.managedObjects, 20);
        for (let round = 0; round < ROUNDS; round++) {
            record(cell, many.label, median(await client.latencies(many.managedObjects, 20)));
        }
        cells.push(cell);
    });
    cells.push(...(await residentMemory(WHERE, client, [few, ...peers], 100_000, env)));
    return cells;
}

async function cli(bench: Bench): Promise<Cell[]> {
    return withStage(async (stage) => {
        const running = await start(await bench.ours(10), bench.client);
        stage.defer("rapiddiskd", running.stop);
        return commandTimes(WHERE, bench.cli, 2 * ROUNDS, bench.env);
    });
}

async function volumes(bench: Bench): Promise<Cell[]> {
    return withStage(async (stage) => {
        const running = await start(await bench.ours(1024), bench.client);
        stage.defer("rapiddiskd", running.stop);
        return [
            ...(await listTimes(WHERE, bench.client, bench.cli, 1024, ROUNDS, bench.env)),
            ...(await listCost(WHERE, bench.client, running.pid, 1024, ROUNDS)),
        ];
    });
}
