// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A make-believe root directory with sysfs and procfs files, and stand-ins for the system's tools. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createRealKernel, type KernelPort } from "../../../service/src/kernel/index.js";

/** One tree. Remove it at the end of the test. */
export class RootFixture {
    readonly root = mkdtempSync(join(tmpdir(), "kernel-tree-"));
    /** major:minor of nodes, by path below the root. */
    private readonly nodes = new Map<string, string>();
    private minor = 0;

    constructor() {
        this.file("proc/meminfo", "MemTotal:        8000000 kB\nMemFree: 1 kB\nMemAvailable:    6000000 kB\n");
        this.file("proc/1/mountinfo", "");
        this.file("proc/swaps", "Filename\tType\tSize\tUsed\tPriority\n");
        this.file("proc/sys/kernel/osrelease", "6.12.0-test\n");
        mkdirSync(join(this.root, "sys/class/block"), { recursive: true });
        mkdirSync(join(this.root, "bin"));
    }

    file(path: string, text: string): void {
        mkdirSync(dirname(join(this.root, path)), { recursive: true });
        writeFileSync(join(this.root, path), text);
    }

    link(path: string, target: string): void {
        mkdirSync(dirname(join(this.root, path)), { recursive: true });
        symlinkSync(target, join(this.root, path));
    }

    /**
     * A whole device or a partition. @param where its directory below sys/devices
     * @param files further files in that directory
     */
    device(where: string, sectors: number, files: Record<string, string> = {}, devno = `240:${this.minor++}`): string {
        const name = where.split("/").at(-1) ?? "";
        const directory = `sys/devices/${where}`;
        this.file(`${directory}/size`, `${sectors}\n`);
        this.file(`${directory}/ro`, "0\n");
        this.file(`${directory}/dev`, `${devno}\n`);
        for (const [file, text] of Object.entries(files)) this.file(`${directory}/${file}`, text);
        this.link(`sys/class/block/${name}`, `../../devices/${where}`);
        this.nodes.set(`/dev/${name}`, devno);
        return devno;
    }

    /** A RAM disk of a module that has no attributes of its own, as upstream's. */
    ramDisk(number: number, sectors: number): void {
        this.device(`virtual/block/rd${number}`, sectors, { "queue/logical_block_size": "512\n" }, `252:${number}`);
    }

    /** A RAM disk of our module. */
    ourRamDisk(number: number, sectors: number, used = 0, readOnly = 0): void {
        this.ramDisk(number, sectors);
        this.file(
            `sys/devices/virtual/block/rd${number}/rapiddisk/summary`,
            `size ${sectors * 512}\nused ${used}\nhighest_written ${used}\nerrors 0\nread_only ${readOnly}\nopeners 0\n`,
        );
    }

    /** A RAM disk of our module, with no file but the one that is read for it: for trees with very many. */
    bareRamDisk(number: number, sectors: number): void {
        this.file(
            `sys/devices/virtual/block/rd${number}/rapiddisk/summary`,
            `size ${sectors * 512}\nused 4096\nhighest_written 4096\nerrors 0\nread_only 0\n`,
        );
        this.link(`sys/class/block/rd${number}`, `../../devices/virtual/block/rd${number}`);
    }

    /** Gives a device one more path below /dev. */
    alias(path: string, name: string): void {
        this.nodes.set(path, this.nodes.get(`/dev/${name}`) ?? "");
    }

    /** A stand-in for a tool: a shell script, with the fixture's root in $ROOT. */
    tool(name: string, script: string): void {
        const path = join(this.root, "bin", name);
        writeFileSync(path, `#!/bin/sh\nROOT='${this.root}'\n${script}\n`);
        chmodSync(path, 0o755);
    }

    kernel(): KernelPort {
        return createRealKernel({
            root: this.root,
            toolDirectories: [join(this.root, "bin")],
            deviceNumber: (path) => this.nodes.get(path.slice(this.root.length)),
        });
    }

    remove(): void {
        rmSync(this.root, { recursive: true, force: true });
    }
}

/** Gives each test of a group a new tree and the kernel over it, and takes both away. */
export function withRoot(use: (root: RootFixture, kernel: KernelPort) => void): void {
    let root: RootFixture;
    let kernel: KernelPort;

    beforeEach(() => {
        root = new RootFixture();
        kernel = root.kernel();
        use(root, kernel);
    });

    afterEach(async () => {
        await kernel.close();
        root.remove();
    });
}
