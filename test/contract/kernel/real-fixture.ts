// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * The fixture over the running kernel, for a machine that may be thrown away. It touches only RAM disks from number 900 up,
 * mappings named contract-*, the scratch disk of the test machine (by its serial) or else a loop device over its own file.
 */
import { execFile, spawn } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    openSync,
    closeSync,
    rmdirSync,
    rmSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { createRealKernel } from "../../../service/src/kernel/index.js";
import { formatOriginRules } from "../../../service/src/kernel/originrules.js";
import { MIB, patiently, type Ability, type KernelFixture, type Undo } from "./fixture.js";

const run = promisify(execFile);
const SCRATCH = "/dev/disk/by-id/virtio-scratch-plain";
const MGMT = "/sys/kernel/rapiddisk/mgmt";
const SUBSYSTEMS = "/sys/kernel/config/nvmet/subsystems";
const ORIGIN_RULES = "/run/udev/rules.d/63-rapiddisk-origins.rules";
const FIRST_NUMBER = 900;

/** What this machine cannot do, and why. */
async function missing(): Promise<Map<Ability, string>> {
    const kernel = createRealKernel();
    const lacking = new Map<Ability, string>();
    const available = await kernel.availableModules();
    for (const [ability, module] of [
        ["cache", "rapiddisk_cache"],
        ["writecache", "dm_writecache"],
    ] as const) {
        if (!available.includes(module)) lacking.set(ability, `module ${module} is not installed`);
        else await kernel.loadModule(module);
    }
    for (const [ability, module] of [
        ["nvmet", "nvmet"],
        ["nvmet-tcp", "nvmet_tcp"],
    ] as const) {
        if (!available.includes(module)) lacking.set(ability, `module ${module} is not installed`);
        else await kernel.loadModule(module);
    }
    if (!(await kernel.nvmetFeatures()).auth) lacking.set("nvmet-auth", "this kernel's target knows no DH-HMAC-CHAP");
    const number = FIRST_NUMBER - 1;
    await kernel.attachRamDisk(number, MIB);
    if (!existsSync(`/sys/block/rd${number}/rapiddisk`)) {
        lacking.set("our-module", "rapiddisk.ko is not this project's");
        lacking.set("cache", "rapiddisk.ko is not this project's");
    }
    await settle();
    await kernel.detachRamDisk(number);
    if (!existsSync(SCRATCH)) lacking.set("by-id", `there is no ${SCRATCH}`);
    await kernel.close();
    return lacking;
}

const settle = async (): Promise<void> => {
    if (existsSync("/run/udev/control")) await run("udevadm", ["settle", "--timeout=30"]);
};

/** Makes fixtures that share one scratch disk. `close` gives it back. */
export async function realFixtures(): Promise<{ make: () => KernelFixture; close: Undo }> {
    const directory = mkdtempSync(join(tmpdir(), "contract-kernel-"));
    const lacking = await missing();
    const kernel = createRealKernel();
    let loop: string | undefined;
    let number = FIRST_NUMBER;
    let count = 0;

    const origin = async (): Promise<string> => {
        if (existsSync(SCRATCH)) return kernel.resolveDevice(SCRATCH);
        if (loop === undefined) {
            const file = join(directory, "origin");
            writeFileSync(file, "");
            truncateSync(file, 128 * MIB);
            loop = (await run("losetup", ["--find", "--show", file])).stdout.trim();
        }
        return kernel.resolveDevice(loop);
    };
    const node = (device: string): string => `/dev/${device}`;
    const signature = async (device: string): Promise<string> =>
        (
            await run("blkid", ["-p", "-s", "TYPE", "-o", "value", node(device)]).catch(() => ({ stdout: "" }))
        ).stdout.trim();

    const make = (): KernelFixture => {
        const undos: Undo[] = [];
        const once = (undo: Undo): Undo => {
            let done = false;
            const action = async (): Promise<void> => {
                if (done) return;
                done = true;
                await undo();
            };
            undos.push(action);
            return action;
        };
        const first = number;
        return {
            kernel,
            lacks: (ability) => lacking.get(ability),
            freeNumber: () => number++,
            freeName: () => `contract-${count++}`,
            origin,
            mount: async (device) => {
                const path = join(directory, `a b${count++}`);
                mkdirSync(path);
                if ((await signature(device)) !== "ext4") await run("mkfs.ext4", ["-q", "-F", node(device)]);
                await settle();
                await run("mount", [node(device), path]);
                return { path, undo: once(async () => void (await run("umount", [path]))) };
            },
            format: async (device, blockSize) => {
                await run("mkfs.ext4", ["-q", "-F", "-b", String(blockSize), node(device)]);
                await settle();
            },
            swap: async (device) => {
                if ((await signature(device)) !== "swap") await run("mkswap", ["-f", node(device)]);
                await settle();
                await run("swapon", [node(device)]);
                return once(async () => void (await run("swapoff", [node(device)])));
            },
            partition: async (device) => {
                const script = join(directory, `table${count++}`);
                writeFileSync(script, "label: dos\nstart=2048, size=8192\nstart=10240, size=8192\n");
                await run("sh", ["-c", 'exec sfdisk --quiet "$1" <"$2"', "sh", node(device), script]);
                await settle();
                return [`${device}p1`, `${device}p2`];
            },
            hold: async (device) => {
                const fd = openSync(node(device), "r");
                const child = spawn("sleep", ["600"], { stdio: [fd, "ignore", "ignore"] });
                closeSync(fd);
                await new Promise((resolve, reject) => child.on("spawn", resolve).on("error", reject));
                const ended = new Promise((resolve) => child.on("exit", resolve));
                const undo = once(async () => {
                    child.kill("SIGKILL");
                    await ended;
                });
                return { command: "sleep", pid: child.pid ?? 0, undo };
            },
            hideOrigin: async (name, source) => {
                mkdirSync(dirname(ORIGIN_RULES), { recursive: true });
                writeFileSync(ORIGIN_RULES, formatOriginRules([{ name, source, mode: "write-through" }]));
                once(async () => rmSync(ORIGIN_RULES, { force: true }));
                await run("udevadm", ["control", "--reload"]);
                await run("udevadm", [
                    "trigger",
                    "--settle",
                    "--action=change",
                    await kernel.resolveDevice(source).then(node),
                ]);
            },
            write: async (disk, offset, length) => {
                const where = [`of=/dev/rd${disk}`, `seek=${offset / 4096}`, `count=${length / 4096}`];
                await run("dd", [
                    "if=/dev/urandom",
                    "bs=4096",
                    "oflag=direct",
                    "conv=notrunc",
                    "status=none",
                    ...where,
                ]);
                await settle();
            },
            other: {
                attach: async (disk, size) => writeFileSync(MGMT, `rapiddisk attach ${disk} ${size}\n`),
                detach: async (disk) => writeFileSync(MGMT, `rapiddisk detach ${disk}\n`),
                resize: async (disk, size) => writeFileSync(MGMT, `rapiddisk resize ${disk} ${size}\n`),
                setReadOnly: async (device, readOnly) =>
                    void (await run("blockdev", [readOnly ? "--setro" : "--setrw", node(device)])),
                createLinear: async (name, device, sectors) =>
                    void (await run("dmsetup", ["create", name, "--table", `0 ${sectors} linear ${node(device)} 0`])),
                removeMapping: async (name) => void (await run("dmsetup", ["remove", name])),
                suspend: async (name, suspended) =>
                    void (await run("dmsetup", [suspended ? "suspend" : "resume", name])),
                removeNvmet: async (subsystem) => rmdirSync(join(SUBSYSTEMS, subsystem)),
            },
            settle,
            // Over a second: what the port compares with must be from after the last change.
            quiet: async () => {
                await settle();
                await new Promise((resolve) => setTimeout(resolve, 1500));
            },
            clean: async () => {
                for (const undo of undos.reverse()) await undo().catch(() => undefined);
                await settle();
                // What is stacked on another goes first, whatever the order of creation.
                for (let round = 0; round < 4; round++) {
                    const ours = (await kernel.snapshot()).mappings.filter(({ name }) => name.startsWith("contract-"));
                    for (const { name } of ours) await kernel.removeMapping(name).catch(() => undefined);
                }
                for (const disk of await kernel.readRamDisks()) {
                    if (disk.number < first) continue;
                    const clean = { kernel, settle } as KernelFixture;
                    await patiently(clean, () => kernel.detachRamDisk(disk.number)).catch((error: unknown) =>
                        console.log(`# left behind: ${String(error)}`),
                    );
                }
            },
        };
    };
    const close = async (): Promise<void> => {
        if (loop !== undefined) await run("losetup", ["--detach", loop]);
        await kernel.close();
        rmSync(directory, { recursive: true, force: true });
    };
    return { make, close };
}
