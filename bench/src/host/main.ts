// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** `bench/run`: measures, prints the table, writes it below out/bench/, and into the documentation when asked. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { wallClock } from "../../../service/src/clock.js";
import type { Cell, Where } from "../cell.js";
import { GROUPS, PLACES } from "../groups.js";
import { measureInGuest } from "./inguest.js";
import { measureNative } from "../native/main.js";
import { prepareReplays } from "./replay.js";
import { recordResults } from "./recordfile.js";
import { allRows, failuresOf, report, type RunInfo } from "./report.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const OUT = `${ROOT}out/bench`;

const HELP = `bench/run [options]: measures RapidDisk side by side with its peers.

  --only GROUP      just this group (repeat it); groups: ${GROUPS.map(({ name }) => name).join(", ")}
  --where PLACE     just this place (repeat it): ${Object.keys(PLACES).join(", ")}
  --rounds N        interleaved rounds (default 3)
  --slot MS         guest time for each contestant in each cell and round (default 200)
  --upstream DIR    compare with the predecessor's rapiddisk.ko and rapiddisk-cache.ko, built elsewhere for the guest's kernel,
                    and with its rapiddiskd when that is there, too
  --trace FILE      also replay a recorded block trace: CSV, gzip; columns version,time,op,size,lbn
  --vm OPTION       pass an option to vm/start (repeat it)
  --record          also write the result into docs/performance.md
  --help            this text

Results go to out/bench/. The status is 1 when something could not be measured, never because of a number.
`;

async function main(): Promise<number> {
    const { values: options } = parseArgs({
        options: {
            only: { type: "string", multiple: true },
            where: { type: "string", multiple: true },
            rounds: { type: "string" },
            slot: { type: "string", default: "200" },
            upstream: { type: "string" },
            trace: { type: "string" },
            vm: { type: "string", multiple: true, default: [] },
            record: { type: "boolean", default: false },
            help: { type: "boolean", default: false },
        },
    });
    if (options.help) {
        process.stdout.write(HELP);
        return 0;
    }
    const places = choose("place", options.where, Object.keys(PLACES) as Where[]);
    const asked = choose(
        "group",
        options.only,
        GROUPS.map(({ name }) => name),
    );
    const rounds = options.rounds === undefined ? undefined : positive("--rounds", options.rounds);
    const slotMs = positive("--slot", options.slot);
    if (options.upstream !== undefined) {
        for (const file of ["rapiddisk.ko", "rapiddisk-cache.ko"]) {
            if (!existsSync(`${options.upstream}/${file}`)) {
                throw new Error(`--upstream ${options.upstream}: no ${file} there`);
            }
        }
    }
    if (options.trace !== undefined && !existsSync(options.trace)) throw new Error(`--trace: no file ${options.trace}`);

    const [date, started] = [new Date(wallClock()), performance.now()];
    const loads = [loadavg()[0]!];
    mkdirSync(OUT, { recursive: true });
    const cells: Cell[] = [];
    const machines: RunInfo["machines"] = {};
    for (const where of places) {
        const groups = GROUPS.filter((group) => asked.includes(group.name) && group.where.includes(where)).map(
            ({ name }) => name,
        );
        if (groups.length === 0) continue;
        process.stderr.write(`bench: ${PLACES[where]}: ${groups.join(", ")}\n`);
        if (where === "native") {
            cells.push(...(await measureNative(ROOT, groups, (text) => process.stderr.write(`bench: ${text}\n`))));
            continue;
        }
        const { upstream } = options;
        const replays = groups.includes("trace") ? `${OUT}/replays.json.gz` : undefined;
        if (replays !== undefined) {
            prepareReplays(replays, options.trace, (text) => process.stderr.write(`bench: ${text}\n`));
        }
        const result = await measureInGuest({
            where,
            groups,
            rounds: rounds ?? 3,
            slotMs,
            ...(upstream === undefined ? {} : { upstream }),
            ...(replays === undefined ? {} : { replays }),
            out: OUT,
            vm: options.vm,
        });
        cells.push(...result.cells);
        machines[where] = result.machine;
        loads.push(loadavg()[0]!);
    }
    const info: RunInfo = {
        date: date.toISOString().slice(0, 16).replace("T", " ") + " UTC",
        commit: commit(),
        host: `${cpus().length} × ${cpus()[0]?.model ?? "unknown CPU"}`,
        machines,
        loads: [...loads, loadavg()[0]!],
        seconds: (performance.now() - started) / 1000,
    };
    const text = report(cells, info);
    process.stdout.write(`\n${text}`);
    writeFileSync(`${OUT}/results.md`, text);
    writeFileSync(`${OUT}/results.json`, JSON.stringify({ info, rows: allRows(cells), cells }, undefined, 1));
    process.stderr.write("bench: the table is in out/bench/results.md, every value in out/bench/results.json\n");
    if (options.record) recordResults(`${ROOT}docs/performance.md`, text);
    const failures = failuresOf(cells);
    for (const failure of failures) process.stderr.write(`bench: not measured: ${failure}\n`);
    return failures.length === 0 ? 0 : 1;
}

function choose<T extends string>(what: string, wanted: readonly string[] | undefined, known: readonly T[]): T[] {
    const unknown = wanted?.find((name) => !known.some((other) => other === name));
    if (unknown !== undefined) throw new Error(`no ${what} "${unknown}"; there is ${known.join(", ")}`);
    return known.filter((name) => wanted?.includes(name) ?? true);
}

function positive(option: string, text: string): number {
    if (!/^[1-9][0-9]{0,6}$/.test(text)) throw new Error(`${option} ${text} is not a whole number from 1`);
    return Number(text);
}

function commit(): string {
    try {
        return execFileSync("git", ["-C", ROOT, "describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
    } catch {
        return "unknown";
    }
}

try {
    process.exitCode = await main();
} catch (error) {
    process.stderr.write(`bench: ${(error as Error).message}\n`);
    process.exitCode = 2;
}
