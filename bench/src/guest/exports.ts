// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * NVMe exports, target and host in one machine: a volume that the service exports against brd exported with plain writes to
 * the kernel's target; and how long it takes to make a hundred of them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { RawClient } from "../bus/rawclient.js";
import { newCell, record } from "../cell.js";
import { run } from "../exec.js";
import { withStage, type Stage } from "../stage.js";
import type { Context } from "./context.js";
import { attachBrd, attachRapidDisk, modprobe, settle } from "./devices.js";
import { askRound, fillAndRead, question, type Contestant, type Question } from "./rounds.js";

const BUS = "unix:path=/run/dbus/system_bus_socket";
const NAME = "org.rapiddisk.Manager";
const ROOT = "/org/rapiddisk/Manager";
const SERVICE = "rapiddiskd.service";
/** Shell functions that make an export by hand; the machine tests use them as well. */
const BY_HAND = "/usr/lib/rapiddisk-test/tree/machine/nvme/target.bash";
const SUBSYSTEMS = "/sys/class/nvme-subsystem";
const NQN = "nqn.2021-06.org.rapiddisk:bench";
const DISK_BYTES = 64 * 2 ** 20;
const NUMBER = 7;
const PORT = 1;
const MANY = 100;
const MANY_BYTES = 2 ** 20;
const TRANSPORTS = ["loop", "tcp"] as const;
type Transport = (typeof TRANSPORTS)[number];

/** I/O through exports, and the making of many. */
export async function exports(context: Context): Promise<void> {
    for (const module of ["nvmet", "nvmet_tcp", "nvme_loop", "nvme_tcp", "rapiddisk"]) await modprobe(module);
    await run("systemctl", ["start", SERVICE]);
    for (const transport of TRANSPORTS) await throughput(context, transport);
    await making(context);
    await run("systemctl", ["stop", SERVICE]);
}

async function throughput(context: Context, transport: Transport): Promise<void> {
    const about = {
        group: "exports",
        subject: "rapiddisk",
        bars: [{ against: "brd", limit: 1 }],
        family: `NVMe over ${transport}`,
        prefix: `${transport}: `,
    };
    const questions: Question[] = (
        [
            ["randread", 4096, 1],
            ["randread", 4096, 32],
            ["randwrite", 4096, 1],
            ["randwrite", 4096, 32],
            ["read", 2 ** 17, 4],
            ["write", 2 ** 17, 4],
        ] as const
    ).map(([rw, blockSize, depth]) =>
        question(context, about, {
            rw,
            blockSize,
            depth,
            jobs: 1,
            engine: "libaio",
            runtimeMs: context.slotMs,
            size: DISK_BYTES,
        }),
    );
    await withStage(async (stage) => {
        // One port for both: over loop, a host without an address to tell them apart takes the first that there is.
        await byHand(`hand_port ${PORT} ${transport} ${transport === "loop" ? "" : "127.0.0.1"}`);
        stage.defer("port", () => byHand(`rmdir "$NVMET/ports/${PORT}"`));
        const contestants: Contestant[] = [];
        for (const name of ["rapiddisk", "brd"] as const) {
            const nqn = `${NQN}:${name}`;
            if (name === "rapiddisk") await exportOurs(stage, nqn, attachRapidDisk(stage, NUMBER, DISK_BYTES));
            else await exportByHand(stage, nqn, await attachBrd(stage, DISK_BYTES));
            contestants.push({ name, device: await connected(stage, nqn, transport), peer: name === "brd" });
        }
        // It looks at the kernel now and then; what it has made stays without it, and the next call starts it again.
        await run("systemctl", ["stop", SERVICE]);
        await settle();
        await fillAndRead(contestants, DISK_BYTES);
        for (let round = 0; round < context.rounds; round++) {
            context.say(`exports over ${transport}: round ${round + 1} of ${context.rounds}`);
            await askRound(questions, contestants, round, true);
        }
    });
    for (const { cell } of questions) context.emit(cell);
}

async function exportOurs(stage: Stage, nqn: string, device: string): Promise<void> {
    const options = ["nqn", "s", nqn, "ports", "as", "1", String(PORT), "allow-any-host", "b", "true"];
    await patient(() => manager("CreateExport", "sa{sv}", device, "3", ...options));
    stage.defer(nqn, () => object(`/exports/${label(nqn)}`, "Export", "Remove", "a{sv}", "0"));
}

async function exportByHand(stage: Stage, nqn: string, device: string): Promise<void> {
    await byHand(`hand_subsystem ${nqn} ${device} && hand_link ${nqn} ${PORT}`);
    stage.defer(nqn, () => byHand(`hand_remove ${nqn}`));
}

/** Connects to a subsystem of this machine and gives the path of the block device that comes. */
async function connected(stage: Stage, nqn: string, transport: Transport): Promise<string> {
    const where = transport === "loop" ? [] : ["-a", "127.0.0.1", "-s", "4420"];
    await run("nvme", ["connect", "-t", transport, "-n", nqn, ...where]);
    stage.defer(`connection to ${nqn}`, async () => {
        await settle();
        await run("nvme", ["disconnect", "-n", nqn]);
    });
    return patient(async () => {
        const device = nodeOf(nqn);
        if (device === undefined) throw new Error(`no block device of ${nqn} appeared`);
        return Promise.resolve(device);
    });
}

/** The block device of a connected subsystem. */
function nodeOf(nqn: string): string | undefined {
    for (const entry of readdirSync(SUBSYSTEMS)) {
        if (readFileSync(`${SUBSYSTEMS}/${entry}/subsysnqn`, "utf8").trim() !== nqn) continue;
        const disk = readdirSync(`${SUBSYSTEMS}/${entry}`).find((name) => /^nvme\d+n\d+$/.test(name));
        if (disk !== undefined && existsSync(`/dev/${disk}`)) return `/dev/${disk}`;
    }
    return undefined;
}

/** A hundred exports of as many volumes on one port: calls of the service one after another, against a shell script. */
async function making(context: Context): Promise<void> {
    const cell = newCell({
        group: "exports",
        where: context.where,
        name: `create ${MANY} exports`,
        unit: "ms",
        better: "lower",
        subject: "rapiddisk",
        bars: [{ against: "shell" }],
    });
    await withStage(async (stage) => {
        const devices: string[] = [];
        for (let index = 0; index < MANY; index++) devices.push(attachRapidDisk(stage, 1000 + index, MANY_BYTES, true));
        await settle();
        await manager("CreatePort", "ussa{sv}", String(PORT), "loop", "", "0");
        stage.defer("port", () => object(`/ports/${PORT}`, "Port", "Remove", "a{sv}", "0"));
        const client = await RawClient.connect(BUS);
        stage.defer("client", () => client.close());
        const nqns = devices.map((_, index) => `${NQN}:${index}`);
        const script = devices
            .map((device, index) => `hand_subsystem ${nqns[index]} ${device} && hand_link ${nqns[index]} ${PORT}`)
            .join("\n");
        await patient(() => object(`/volumes/rd${1000 + MANY - 1}`, "Volume", "GetStatistics", "a{sv}", "0"));
        for (let round = 0; round < context.rounds; round++) {
            context.say(`${MANY} exports: round ${round + 1} of ${context.rounds}`);
            const order = round % 2 === 0 ? ["rapiddisk", "shell"] : ["shell", "rapiddisk"];
            for (const name of order) {
                if (name === "rapiddisk") {
                    // One that is not timed: the service may have been started a moment ago.
                    await client.call(createExport(devices[0]!));
                    await noneLeft();
                } else {
                    // It would follow what the shell makes, at the shell's cost; the next call starts it again.
                    await run("systemctl", ["stop", SERVICE]);
                }
                const started = performance.now();
                if (name === "rapiddisk") for (const device of devices) await client.call(createExport(device));
                else await byHand(script);
                record(cell, name, performance.now() - started);
                await noneLeft();
            }
        }
    });
    context.emit(cell);
}

/** The call CreateExport(device, {}). */
function createExport(device: string): Parameters<RawClient["call"]>[0] {
    const text = Buffer.from(`${device}\0`);
    const bytes = Buffer.alloc(Math.ceil((Math.ceil((4 + text.length) / 4) * 4 + 4) / 8) * 8);
    bytes.writeUInt32LE(text.length - 1, 0);
    text.copy(bytes, 4);
    const body = { signature: "sa{sv}", bytes };
    return { destination: NAME, path: ROOT, interface: NAME, member: "CreateExport", body };
}

/** Takes every export away, past the service, and waits until the service knows. */
async function noneLeft(): Promise<void> {
    await byHand("hand_remove_subsystems");
    await patient(noExports);
}

/** Succeeds once the service shows no export any more. */
async function noExports(): Promise<void> {
    const answer = await run("busctl", ["--json=short", "call", NAME, ROOT, NAME, "ListExports"]);
    const left = (JSON.parse(answer.stdout) as { data: [unknown[]] }).data[0].length;
    if (left > 0) throw new Error(`the service still shows ${left} exports`);
}

async function byHand(script: string): Promise<void> {
    await run("bash", ["-e", "-s"], { input: `. ${BY_HAND}\n${script}\n`, timeoutMs: 600_000 });
}

async function manager(member: string, signature: string, ...args: string[]): Promise<void> {
    await run("busctl", ["--timeout=120", "call", NAME, ROOT, NAME, member, signature, ...args], {
        timeoutMs: 130_000,
    });
}

async function object(
    path: string,
    iface: string,
    member: string,
    signature: string,
    ...args: string[]
): Promise<void> {
    const target = [NAME, `${ROOT}${path}`, `${NAME}.${iface}`];
    await run("busctl", ["--timeout=120", "call", ...target, member, signature, ...args], { timeoutMs: 130_000 });
}

/** A name as it stands in an object path. */
function label(text: string): string {
    return text.replaceAll(/[^A-Za-z0-9]/g, (byte) => `_${byte.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

/** Tries again for a while: what was just made elsewhere is known to the service, or to udev, a moment later. */
async function patient<T>(action: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
        try {
            return await action();
        } catch (error) {
            if (attempt >= 100) throw error;
            await new Promise((resolve) => setTimeout(resolve, 200));
        }
    }
}
