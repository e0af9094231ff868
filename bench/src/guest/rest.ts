// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The installed HTTP bridge over real volumes: one connection that stays open, one request after the other. */
import { residentMb } from "../bus/services.js";
import { newCell, note, record, type Cell } from "../cell.js";
import { run } from "../exec.js";
import { HttpClient } from "../rest/client.js";
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
/** Requests a second and the slowest hundredth, with 1, 100 and 1,000 volumes; memory; start. */
export async function rest(context: Context): Promise<void> {
    await withStage(async (stage) => {
        await modprobe("rapiddisk");
        await run("systemctl", ["restart", "rapiddiskd.service", "rapiddisk-rest.socket"]);
        stage.defer("bridge", async () => {
            await run("systemctl", ["stop", "rapiddisk-rest.service", "rapiddiskd.service"]);
        });
        await starts(context);
        let have = 0;
        for (const count of COUNTS) {
            await attachVolumes(context, stage, have, count);
            have = count;
            context.say(`requests with ${count} volumes`);
            const volumes = `${count.toLocaleString("en")} volume${count === 1 ? "" : "s"}`;
            if (count === 1) await requests(context, STATUS, "checkServiceStatus");
            await requests(context, LIST, `listRapidDiskVolumes, ${volumes}`);
        }
        const memory = cell(context, `resident memory after the requests`, "MB", "lower");
        const pid = await run("systemctl", ["show", "-P", "MainPID", "rapiddisk-rest.service"]);
        record(memory, OURS, residentMb(Number(pid.stdout.trim())));
        context.emit(memory);
    });
}

function cell(context: Context, name: string, unit: string, better: Cell["better"]): Cell {
    return newCell({ group: "rest", where: context.where, name, unit, better, subject: OURS, bars: [{}] });
}

async function requests(context: Context, path: string, name: string): Promise<void> {
    const rate = cell(context, `${name}, one connection`, "1/s", "higher");
    const slowest = cell(context, `${name}, p99`, "ms", "lower");
    const client = await HttpClient.connect(HOST, PORT);
    try {
        await client.latencies(path, WARM);
        for (let round = 0; round < context.rounds; round++) {
            const { times, bytes } = await client.latencies(path, REQUESTS);
            const total = times.reduce((sum, time) => sum + time, 0);
            record(rate, OURS, (1000 * times.length) / total);
            record(slowest, OURS, quantile(times, 0.99));
            note(rate, `${bytes} bytes each`);
        }
    } finally {
        client.close();
    }
    context.emit(rate);
    context.emit(slowest);
}

/** From a connection to a bridge that does not run to its first answer. */
async function starts(context: Context): Promise<void> {
    const first = cell(context, "first answer, the bridge not running", "ms", "lower");
    for (let round = 0; round < context.rounds; round++) {
        await run("systemctl", ["stop", "rapiddisk-rest.service"]);
        const started = performance.now();
        const client = await HttpClient.connect(HOST, PORT);
        await client.latencies(STATUS, 1);
        record(first, OURS, performance.now() - started);
        client.close();
    }
    context.emit(first);
}
