// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Where things are: the only place that knows a path of the kernel. */

/** Paths under a root, which is "" on a real host and a temporary directory in tests. */
export class Paths {
    readonly classBlock: string;
    readonly devBlock: string;
    readonly proc: string;
    /** The mount table of the host, which is not our own when the service runs in a mount namespace. */
    readonly hostMounts: string;
    readonly ownMounts: string;
    readonly swaps: string;
    readonly memory: string;
    readonly diskStats: string;
    readonly rapiddisk: string;
    readonly mgmt: string;
    readonly devices: string;
    /** Only this project's module has it. */
    readonly memoryLimits: string;
    readonly module: string;
    readonly btrfs: string;
    readonly nvmet: string;
    readonly nvmetSubsystems: string;
    readonly nvmetPorts: string;
    readonly nvmetHosts: string;
    readonly debugNvmet: string;
    readonly classNvme: string;
    readonly rdma: string;
    readonly tcp4: string;
    readonly tcp6: string;
    readonly targetCore: string;
    readonly release: string;
    readonly modulesDirectory: string;
    readonly dev: string;
    readonly kernelLog: string;
    /** Names the origins of saved caches to udev, since the boot. */
    readonly originRules: string;

    constructor(readonly root = "") {
        this.classBlock = `${root}/sys/class/block`;
        this.devBlock = `${root}/sys/dev/block`;
        this.proc = `${root}/proc`;
        this.hostMounts = `${root}/proc/1/mountinfo`;
        this.ownMounts = `${root}/proc/self/mountinfo`;
        this.swaps = `${root}/proc/swaps`;
        this.memory = `${root}/proc/meminfo`;
        this.diskStats = `${root}/proc/diskstats`;
        this.rapiddisk = `${root}/sys/kernel/rapiddisk`;
        this.mgmt = `${this.rapiddisk}/mgmt`;
        this.devices = `${this.rapiddisk}/devices`;
        this.memoryLimits = `${this.rapiddisk}/memory`;
        this.module = `${root}/sys/module`;
        this.btrfs = `${root}/sys/fs/btrfs`;
        this.nvmet = `${root}/sys/kernel/config/nvmet`;
        this.nvmetSubsystems = `${this.nvmet}/subsystems`;
        this.nvmetPorts = `${this.nvmet}/ports`;
        this.nvmetHosts = `${this.nvmet}/hosts`;
        this.debugNvmet = `${root}/sys/kernel/debug/nvmet`;
        this.classNvme = `${root}/sys/class/nvme`;
        this.rdma = `${root}/sys/class/infiniband`;
        this.tcp4 = `${root}/proc/net/tcp`;
        this.tcp6 = `${root}/proc/net/tcp6`;
        this.targetCore = `${root}/sys/kernel/config/target/core`;
        this.release = `${root}/proc/sys/kernel/osrelease`;
        this.modulesDirectory = `${root}/lib/modules`;
        this.dev = `${root}/dev`;
        this.kernelLog = `${root}/dev/kmsg`;
        this.originRules = `${root}/run/udev/rules.d/63-rapiddisk-origins.rules`;
    }

    /** Gives the sysfs directory of a block device. @param device kernel name, already checked */
    block(device: string): string {
        return `${this.classBlock}/${device}`;
    }

    /** Gives the node of a block device: the kernel writes "/" in a name as "!" in sysfs. */
    node(device: string): string {
        return `${this.dev}/${device.replaceAll("!", "/")}`;
    }
}
