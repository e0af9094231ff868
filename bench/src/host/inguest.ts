// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Measures groups inside one boot of the virtual machine and brings their cells back. */
import { build } from "esbuild";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { fail, newCell, type Cell, type Where } from "../cell.js";
import { Machine } from "./machine.js";

const GUEST_DIRECTORY = "/usr/lib/rapiddisk-bench";
const GUEST_MAIN = fileURLToPath(new URL("../guest/main.ts", import.meta.url));

/**
 * Counted instructions, and an idle processor that jumps to its next timer: else waiting would follow the clock of the host,
 * and a busy host would be late for every completion of a slow disk.
 */
const ICOUNT = ["--icount", "--qemu", "-icount", "--qemu", "shift=2,align=off,sleep=off"];

/** What to measure in a boot. */
export interface GuestPart {
    where: Exclude<Where, "native">;
    groups: readonly string[];
    rounds: number;
    slotMs: number;
    upstream?: string;
    /** File with the traces to replay. */
    replays?: string;
    /** Directory on the host for the bundle. */
    out: string;
    /** Further options for `vm/start`. */
    vm: readonly string[];
}

/** Boots, measures, ends the machine. What goes wrong becomes a failed cell, so that other parts still count. */
export async function measureInGuest(part: GuestPart): Promise<{ cells: Cell[]; machine: string }> {
    const cells: Cell[] = [];
    let description = "";
    const bundle = resolve(part.out, "guest.cjs");
    await build({
        entryPoints: [GUEST_MAIN],
        outfile: bundle,
        bundle: true,
        platform: "node",
        target: "node20",
        format: "cjs",
        logLevel: "warning",
    });
    const machine = await Machine.start([...(part.where === "icount" ? ICOUNT : []), ...part.vm]);
    try {
        await machine.copy([bundle], GUEST_DIRECTORY);
        const args = ["--where", part.where, "--rounds", String(part.rounds), "--slot", String(part.slotMs)];
        for (const group of part.groups) args.push("--only", group);
        for (const [option, path] of [
            ["--upstream", part.upstream],
            ["--replays", part.replays],
        ] as const) {
            if (path === undefined) continue;
            await machine.copy([path], GUEST_DIRECTORY);
            args.push(option, `${GUEST_DIRECTORY}/${basename(resolve(path))}`);
        }
        await machine.run(
            ["sh", "-c", 'echo "$(uname -sr), $(nproc) CPU, $(free -m | awk "/^Mem/ {print \\$2}") MiB"'],
            (line) => {
                description = line;
            },
        );
        const status = await machine.run(["node", `${GUEST_DIRECTORY}/guest.cjs`, ...args], (line) => {
            if (line.startsWith("@cell ")) cells.push(JSON.parse(line.slice(6)) as Cell);
            else process.stderr.write(`${line}\n`);
        });
        if (status !== 0) cells.push(broken(part, `the measuring program ended with status ${status}`));
    } finally {
        if (!(await machine.stop(`bench-${part.where}`))) {
            cells.push(broken(part, `the guest's kernel complained: see out/vm/bench-${part.where}`));
        }
    }
    for (const group of part.groups) {
        if (!cells.some((cell) => cell.group === group)) cells.push(broken(part, "no result", group));
    }
    return { cells, machine: description };
}

function broken(part: GuestPart, reason: string, group = "machine"): Cell {
    const cell = newCell({ group, where: part.where, name: "all", unit: "", better: "higher", subject: "", bars: [] });
    fail(cell, "all", reason);
    return cell;
}
