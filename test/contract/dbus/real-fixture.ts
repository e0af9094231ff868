// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The contract on a machine with the installed service and the real kernel, as root. */
import { execFile, spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmdirSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { connectClient } from "../../../service/src/bus/index.js";
import type { ServiceFixture, Undo } from "./fixture.js";

const run = promisify(execFile);
const MGMT = "/sys/kernel/rapiddisk/mgmt";

/** Disks that may be overwritten, first found. */
const SCRATCH = ["/dev/disk/by-id/virtio-scratch-plain"];

export async function realFixture(): Promise<ServiceFixture> {
    const origin = SCRATCH.find(existsSync);
    if (origin === undefined) {
        throw new Error(`no scratch disk: none of ${SCRATCH.join(", ")} is there`);
    }
    const writecache = await run("modprobe", ["--dry-run", "dm-writecache"]).then(
        () => undefined,
        () => "dm-writecache is not installed for this kernel",
    );
    const nvmet = await run("modprobe", ["--dry-run", "--all", "nvmet", "nvme-loop"]).then(
        () => undefined,
        () => "nvmet or nvme-loop is not installed for this kernel",
    );
    const client = await connectClient();
    const lacking = { writecache, nvmet, unprivileged: undefined };
    return {
        client,
        lacks: (ability) => lacking[ability],
        origin: async () => origin,
        kernelHas: async (device) => existsSync(`/sys/class/block/${device}`),
        mount,
        hold,
        other: {
            attach: async (number, size) => writeFileSync(MGMT, `rapiddisk attach ${number} ${size}\n`),
            detach: async (number) => writeFileSync(MGMT, `rapiddisk detach ${number}\n`),
            createCache: async (name, volume, source) => {
                const sectors = (await run("blockdev", ["--getsz", source])).stdout.trim();
                const table = `0 ${sectors} rapiddisk-cache ${source} ${volume}`;
                await run("dmsetup", ["create", name, "--table", table]);
            },
            removeMapping: async (name) => void (await run("dmsetup", ["remove", "--retry", name])),
        },
        close: () => client.close(),
    };
}

async function mount(device: string): Promise<{ path: string; undo: Undo }> {
    await run("mkfs.ext4", ["-q", "-F", `/dev/${device}`]);
    const path = mkdtempSync(join(tmpdir(), "contract-"));
    await run("mount", [`/dev/${device}`, path]);
    let done = false;
    return {
        path,
        undo: async () => {
            if (!done) {
                done = true;
                await run("umount", [path]);
                rmdirSync(path);
            }
        },
    };
}

async function hold(device: string): Promise<{ command: string; undo: Undo }> {
    const child = spawn("sh", ["-c", `exec 3<"/dev/${device}" && exec sleep 600`], { stdio: "ignore" });
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    const open = async (): Promise<boolean> =>
        (await readFile(`/proc/${child.pid}/comm`, "utf8").catch(() => "")).trim() === "sleep";
    while (!(await open())) {
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return {
        command: "sleep",
        undo: async () => {
            child.kill("SIGKILL");
            await ended;
        },
    };
}
