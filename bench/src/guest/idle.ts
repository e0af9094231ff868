// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * What the service costs while nobody calls and nothing changes, beside the guest's udisks2: processor time of the units'
 * control groups, children included, over a minute. Where guest time counts instructions, so does processor time.
 */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { newCell, record, type Bar } from "../cell.js";
import { run } from "../exec.js";
import { withStage } from "../stage.js";
import type { Context } from "./context.js";
import { attachRapidDisk, modprobe, settle } from "./devices.js";

const OURS = "rapiddiskd.service";
const UNITS = { rapiddisk: OURS, udisks2: "udisks2.service" } as const;
/** Shell functions that make an export by hand; the machine tests use them as well. */
const BY_HAND = "/usr/lib/rapiddisk-test/tree/machine/nvme/target.bash";
const NQN = "nqn.2021-06.org.rapiddisk:bench-idle";
const VOLUMES = 80;
const EXPORTS = 60;
const VOLUME_BYTES = 2 ** 20;
/** How long the services are left alone before they are measured, and measured in each round, in ms of guest time. */
const REST_MS = 45_000;
const WINDOW_MS = 60_000;
/** Instructions in a microsecond of a machine whose time counts them: one takes 4 ns (vm/lib/qemu.sh). */
const INSTRUCTIONS_PER_US = 250;

/** Idle services, with nothing made and with many objects. */
export async function idle(context: Context): Promise<void> {
    for (const module of ["nvmet", "nvme_loop", "rapiddisk"]) await modprobe(module);
    for (const unit of Object.values(UNITS)) await run("systemctl", ["start", unit]);
    await measure(context, "nothing made", [{ limit: 0.3 }, { against: "udisks2" }]);
    await withStage(async (stage) => {
        const devices = Array.from({ length: VOLUMES }, (_, number) =>
            attachRapidDisk(stage, 1000 + number, VOLUME_BYTES, true),
        );
        await settle();
        const exported = devices.slice(0, EXPORTS).map((device, index) => {
            const nqn = `${NQN}:${index}`;
            return `hand_subsystem ${nqn} ${device} && hand_link ${nqn} 1`;
        });
        stage.defer("exports", () => byHand('hand_remove_subsystems; rmdir "$NVMET/ports/1"'));
        await byHand(["hand_port 1 loop", ...exported].join("\n"));
        await measure(context, `${VOLUMES} volumes and ${EXPORTS} exports`, [{ limit: 2.5 }, { against: "udisks2" }]);
    });
    for (const unit of Object.values(UNITS)) await run("systemctl", ["stop", unit]);
}

async function measure(context: Context, name: string, bars: Bar[]): Promise<void> {
    const { where, rounds, say, emit } = context;
    const unit = where === "icount" ? "M instructions/s" : "ms/s";
    const perSecond = (us: number): number => (where === "icount" ? us * INSTRUCTIONS_PER_US : us * 1000) / 1e6;
    const about = { group: "idle", where, subject: "rapiddisk", better: "lower", zeroIsFine: true } as const;
    const cell = newCell({ ...about, name: `idle, ${name}`, unit, bars });
    await sleep(REST_MS);
    for (let round = 0; round < rounds; round++) {
        say(`idle, ${name}: round ${round + 1} of ${rounds}`);
        const names = Object.keys(UNITS) as (keyof typeof UNITS)[];
        const before = await Promise.all(names.map((one) => usage(UNITS[one])));
        const began = performance.now();
        await sleep(WINDOW_MS);
        const after = await Promise.all(names.map((one) => usage(UNITS[one])));
        const seconds = (performance.now() - began) / 1000;
        names.forEach((one, index) => record(cell, one, perSecond((after[index]! - before[index]!) / seconds)));
    }
    emit(cell);
}

/** Processor time that a unit has used, in us. Source: Documentation/admin-guide/cgroup-v2.rst, cpu.stat. */
async function usage(unit: string): Promise<number> {
    const { stdout } = await run("systemctl", ["show", "-p", "ControlGroup", "--value", unit]);
    const found = /^usage_usec (\d+)$/m.exec(readFileSync(`/sys/fs/cgroup${stdout.trim()}/cpu.stat`, "utf8"));
    return Number(found?.[1]);
}

async function byHand(script: string): Promise<void> {
    await run("bash", ["-e", "-s"], { input: `. ${BY_HAND}\n${script}\n`, timeoutMs: 600_000 });
}
