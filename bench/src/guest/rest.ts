// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The installed HTTP bridge over real volumes: one connection that stays open, one request after the other. The
 * predecessor's daemon, when there is one, answers the same requests over the same volumes in the same rounds.
 */
import { existsSync, readFileSync } from "node:fs";
import { residentMb } from "../bus/services.js";
import { newCell, note, record, type Cell } from "../cell.js";
import { run } from "../exec.js";
import { BareServer } from "../rest/bare.js";
import { firstAnswer, HttpClient } from "../rest/client.js";
import { withStage } from "../stage.js";
import { quantile } from "../stats.js";
import type { Context } from "./context.js";
import { modprobe } from "./devices.js";
import { attachVolumes } from "./services.js";

const OURS = "rapiddisk-rest";
const HOST = "127.0.0.1";
const PORT = 9118;
const STATUS = "/v1/checkServiceStatus";
const LIST = "/v1/listRapidDiskVolumes";
const COUNTS = [1, 100, 1000];
/** Requests that are not timed: just-in-time compilers and caches get warm. */
const WARM = 1500;
const REQUESTS = 600;
const BARE = "bare Node server";
const UPSTREAM = "upstream";
const UPSTREAM_PORT = 9119;
const UPSTREAM_PID = "/run/rapiddiskd.pid";
/** When waiting for it to start or to end is given up. */
const UPSTREAM_MS = 60_000;
/** Requests of it a round, by the number of volumes: it looks at all of them for each. */
const UPSTREAM_REQUESTS = new Map([
    [1, 200],
    [100, 40],
    [1000, 4],
]);
/** Our rate divided by the predecessor's that a list of so many volumes has to reach. */
const TIMES = new Map([
    [1, 1],
    [100, 20],
    [1000, 20],
]);

/** Who is asked. */
interface Server {
    name: string;
    client: HttpClient;
    warm: number;
    requests: number;
}

/** Requests a second and the slowest hundredth, with 1, 100 and 1,000 volumes; memory; start. */
export async function rest(context: Context): Promise<void> {
    await withStage(async (stage) => {
        await modprobe("rapiddisk");
        await run("systemctl", ["restart", "rapiddiskd.service", "rapiddisk-rest.socket"]);
        stage.defer("bridge", async () => {
            await run("systemctl", ["stop", "rapiddisk-rest.service", "rapiddiskd.service"]);
        });
        const program = upstreamProgram(context);
        if (program !== undefined) await modprobe("rapiddisk-cache"); // It wants to see it loaded.
        await starts(context, program);
        if (program !== undefined) {
            await startUpstream(program);
            stage.defer("the predecessor's daemon", endUpstream);
        }
        const upstream = program !== undefined;
        let have = 0;
        for (const count of COUNTS) {
            await attachVolumes(context, stage, have, count);
            have = count;
            context.say(`requests with ${count} volumes`);
            const volumes = `${count.toLocaleString("en")} volume${count === 1 ? "" : "s"}`;
            for (const path of [STATUS, LIST]) {
                await requests(context, path, `${path.slice("/v1/".length)}, ${volumes}`, upstream, count);
            }
        }
        const memory = cell(context, "resident memory after the requests", "MB", "lower");
        const pid = await run("systemctl", ["show", "-P", "MainPID", "rapiddisk-rest.service"]);
        record(memory, OURS, residentMb(Number(pid.stdout.trim())));
        if (upstream) record(against(memory), UPSTREAM, residentMb(upstreamPid()));
        context.emit(memory);
    });
}

/** The predecessor's daemon, when it lies beside its modules. */
function upstreamProgram({ upstream }: Context): string | undefined {
    const program = `${upstream ?? ""}/rapiddiskd`;
    return upstream !== undefined && existsSync(program) ? program : undefined;
}

/** Starts the predecessor's daemon over our modules, which it cannot tell from its own, and has it answer once. */
async function startUpstream(program: string): Promise<void> {
    await run(program, ["-p", String(UPSTREAM_PORT)]);
    (await firstAnswer(HOST, UPSTREAM_PORT, STATUS, UPSTREAM_MS)).close();
}

function upstreamPid(): number {
    return Number(readFileSync(UPSTREAM_PID, "utf8").trim());
}

/** Ends it, and waits until it has ended, so that the next one finds the port free. */
async function endUpstream(): Promise<void> {
    const pid = upstreamPid();
    const there = (): boolean => existsSync(`/proc/${pid}`);
    process.kill(pid);
    for (const end = performance.now() + UPSTREAM_MS; there() && performance.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    if (there()) process.kill(pid, "SIGKILL");
}

/** Has a row beside the predecessor's value. @returns the cell */
function against(one: Cell): Cell {
    if (!one.bars.some((bar) => bar.against === UPSTREAM)) one.bars.push({ against: UPSTREAM });
    return one;
}

function cell(context: Context, name: string, unit: string, better: Cell["better"], limit?: number): Cell {
    const bars = [limit === undefined ? {} : { against: UPSTREAM, limit }];
    return newCell({ group: "rest", where: context.where, name, unit, better, subject: OURS, bars });
}

async function requests(
    context: Context,
    path: string,
    name: string,
    upstream: boolean,
    volumes: number,
): Promise<void> {
    const limit = path === LIST && upstream ? TIMES.get(volumes) : undefined;
    const rate = cell(context, `${name}, one connection`, "1/s", "higher", limit);
    const slowest = cell(context, `${name}, p99`, "ms", "lower");
    if (upstream) for (const one of [rate, slowest]) against(one);
    rate.bars.push({ against: BARE });
    const answer = await fetch(`http://${HOST}:${PORT}${path}`);
    const bare = await BareServer.start(await answer.text());
    const servers: Server[] = [
        { name: OURS, client: await HttpClient.connect(HOST, PORT), warm: WARM, requests: REQUESTS },
        { name: BARE, client: await HttpClient.connect(HOST, bare.port), warm: WARM, requests: REQUESTS },
    ];
    if (upstream) {
        const client = await HttpClient.connect(HOST, UPSTREAM_PORT, true);
        servers.push({ name: UPSTREAM, client, warm: 1, requests: UPSTREAM_REQUESTS.get(volumes) ?? 1 });
    }
    try {
        for (const { client, warm } of servers) await client.latencies(path, warm);
        for (let round = 0; round < context.rounds; round++) {
            for (const server of servers) {
                const { times, bytes } = await server.client.latencies(path, server.requests);
                const total = times.reduce((sum, time) => sum + time, 0);
                record(rate, server.name, (1000 * times.length) / total);
                record(slowest, server.name, quantile(times, 0.99));
                note(rate, `${server.name}: ${bytes} bytes each`);
            }
        }
    } finally {
        for (const { client } of servers) client.close();
        bare.stop();
    }
    context.emit(rate);
    context.emit(slowest);
}

/**
 * From a connection to a bridge that does not run to its first answer; of the predecessor, from starting its program, which
 * nothing starts by itself.
 */
async function starts(context: Context, upstream: string | undefined): Promise<void> {
    const first = cell(context, "first answer, not running before", "ms", "lower");
    for (let round = 0; round < context.rounds; round++) {
        await run("systemctl", ["stop", "rapiddisk-rest.service"]);
        const started = performance.now();
        const client = await HttpClient.connect(HOST, PORT);
        await client.latencies(STATUS, 1);
        record(first, OURS, performance.now() - started);
        client.close();
        if (upstream !== undefined) {
            const other = performance.now();
            await startUpstream(upstream);
            record(against(first), UPSTREAM, performance.now() - other);
            await endUpstream();
        }
    }
    context.emit(first);
}
