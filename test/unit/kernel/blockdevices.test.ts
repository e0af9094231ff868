// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import type { BlockDevice, KernelPort } from "../../../service/src/kernel/index.js";
import { RootFixture, withRoot } from "./fixture.js";

const mount = (name: string) => ({ kind: "mount", name });

describe("block devices out of sysfs", () => {
    let root: RootFixture;
    let kernel: KernelPort;

    withRoot((...made) => ([root, kernel] = made));

    const device = async (name: string): Promise<BlockDevice> => {
        const found = (await kernel.snapshot()).blockDevices.find((one) => one.name === name);
        assert.ok(found, `${name} is missing`);
        return found;
    };

    it("says who a device is by what it says of itself", async () => {
        const cases: [string, Record<string, string>, string][] = [
            [
                "sdi",
                { "device/wwid": "naa.5000c500a1b2c3d4\n", "device/serial": "ignored\n" },
                "wwid naa.5000c500a1b2c3d4",
            ],
            ["nvme7n1", { wwid: "eui.0025385b\n" }, "wwid eui.0025385b"],
            ["vdq", { serial: "scratch\n" }, "serial scratch"],
            ["sdj", { "device/model": "WDC  WD40\n", "device/serial": " X1 \n" }, "serial WDC WD40 X1"],
            ["dm-77", { "dm/name": "x\n", "dm/uuid": "LVM-abc\n" }, "dm LVM-abc"],
            ["md9", { "md/uuid": "1:2:3:4\n" }, "md 1:2:3:4"],
            ["loop9", {}, ""],
        ];
        for (const [name, files, identity] of cases) {
            root.device(`pci0/${name}/block/${name}`, 2048, files);
            root.file(`dev/${name}`, "");
            assert.equal(await kernel.deviceIdentity(name), identity, name);
        }
        root.device("pci0/vdq/block/vdq/vdq2", 1024, { partition: "2\n", start: "4096\n" });
        assert.equal(await kernel.deviceIdentity("vdq2"), "serial scratch start 4096");
        await assert.rejects(kernel.deviceIdentity("sdzz"), { errno: "ENODEV" });
    });

    it("shows vendor and model whole, with the blanks inside them", async () => {
        root.device("pci0/ata1/block/sda", 2048, {
            "device/vendor": "ATA     \n",
            "device/model": "WDC WD40 EFRX-68N  \n",
            "queue/logical_block_size": "4096\n",
            removable: "1\n",
        });
        const { vendor, model, blockSize, removable, type, size, path } = await device("sda");
        assert.deepEqual(
            { vendor, model, blockSize, removable, type, size, path },
            {
                vendor: "ATA",
                model: "WDC WD40 EFRX-68N",
                blockSize: 4096,
                removable: true,
                type: "disk",
                size: 2 ** 20,
                path: "/dev/sda",
            },
        );
    });

    it("shows no vendor where the bus has only a number for one", async () => {
        root.device("pci0/virtio1/block/vda", 2048, {
            "device/vendor": "0x1af4\n",
            "queue/logical_block_size": "512\n",
        });
        assert.equal((await device("vda")).vendor, "");
    });

    it("knows a partition by its file, not by its name or its place", async () => {
        root.device("pci0/mmc0/block/mmcblk0", 4096, { "queue/logical_block_size": "512\n" });
        root.device("pci0/mmc0/block/mmcblk0/mmcblk0boot0", 64);
        root.device("pci0/mmc0/block/mmcblk0/mmcblk0p1", 1024, { partition: "1\n" });
        root.device("pci0/nvme/nvme0/nvme0n1", 4096, { "queue/logical_block_size": "4096\n" });
        root.device("pci0/nvme/nvme0/nvme0n1/nvme0n1p1", 1024, { partition: "1\n" });
        assert.deepEqual((await device("mmcblk0")).partitions, ["mmcblk0p1"]);
        assert.equal((await device("mmcblk0boot0")).type, "disk");
        assert.equal((await device("nvme0n1")).type, "disk");
        const { type, parent, blockSize } = await device("nvme0n1p1");
        assert.deepEqual({ type, parent, blockSize }, { type: "partition", parent: "nvme0n1", blockSize: 4096 });
    });

    it("tells dm-11 from dm-1 and dm-3, however the directory is ordered", async () => {
        root.device("pci0/block/sda", 4096);
        root.device("pci0/block/sdb", 4096);
        for (const [dm, slave] of [
            ["dm-1", "sda"],
            ["dm-11", "sdb"],
            ["dm-3", "dm-11"],
        ]) {
            root.device(`virtual/block/${dm}`, 64, { "dm/name": `name-${dm}\n`, [`slaves/${slave}/size`]: "1\n" });
        }
        root.tool("dmsetup", "true");
        assert.deepEqual((await device("sda")).holders, ["dm-1"]);
        assert.deepEqual((await device("sdb")).holders, ["dm-11"]);
        assert.deepEqual((await device("dm-11")).holders, ["dm-3"]);
        assert.deepEqual((await device("dm-1")).holders, []);
        assert.equal((await device("dm-11")).path, "/dev/mapper/name-dm-11");
    });

    it("takes no mount point, label or longer name for a device", async () => {
        for (const number of [0, 1, 10]) root.ramDisk(number, 2048);
        root.device("pci0/block/sda", 2048, {}, "8:0");
        root.file(
            "proc/1/mountinfo",
            [
                "22 1 8:0 / /mnt/hard0 rw - ext4 /dev/sda rw",
                "23 1 252:10 / /srv/rd1 rw shared:5 - xfs /dev/rd10 rw",
                "24 1 0:30 / /run/rd0 rw - tmpfs rd0 rw",
                "",
            ].join("\n"),
        );
        assert.deepEqual((await device("rd0")).users, []);
        assert.deepEqual((await device("rd1")).users, []);
        assert.deepEqual((await device("rd10")).users, [mount("/srv/rd1")]);
        assert.deepEqual((await device("sda")).users, [mount("/mnt/hard0")]);
    });

    it("names every mount point, unescaped, each once", async () => {
        root.ramDisk(0, 2048);
        root.file(
            "proc/1/mountinfo",
            [
                "22 1 252:0 / /mnt/a\\040b rw - ext4 /dev/rd0 rw",
                "23 1 252:0 /sub /mnt/c\\134\\011d rw master:1 shared:2 - ext4 /dev/rd0 rw",
                "24 1 252:0 / /mnt/a\\040b rw - ext4 /dev/rd0 rw",
                "nonsense",
                "25 1 252:0 / /mnt/no-dash rw ext4 /dev/rd0 rw",
            ].join("\n"),
        );
        assert.deepEqual((await device("rd0")).users, [mount("/mnt/a b"), mount("/mnt/c\\\td")]);
    });

    it("sees every device of a btrfs, an external log and a swap area", async () => {
        for (const number of [0, 1, 2, 3]) root.ramDisk(number, 2048);
        root.file(
            "proc/1/mountinfo",
            [
                "22 1 0:45 / /data rw - btrfs /dev/rd0 rw",
                "23 1 8:77 / /xfs rw - xfs /dev/sdz rw,logdev=/dev/rd2,inode64",
                "",
            ].join("\n"),
        );
        for (const name of ["rd0", "rd1"]) {
            const uuid = "01234567-89ab-cdef-0123-456789abcdef";
            root.link(`sys/fs/btrfs/${uuid}/devices/${name}`, `../../../../devices/virtual/block/${name}`);
        }
        root.file(
            "proc/swaps",
            "Filename Type Size Used Priority\n/dev/rd3   partition 1020 0 -2\n/swap\\040file file 1 0 -3\n",
        );
        assert.deepEqual((await device("rd0")).users, [mount("/data")]);
        assert.deepEqual((await device("rd1")).users, [mount("/data")]);
        assert.deepEqual((await device("rd2")).users, [{ kind: "journal", name: "/xfs" }]);
        assert.deepEqual((await device("rd3")).users, [{ kind: "swap", name: "" }]);
    });

    it("sees loop devices, enabled NVMe exports and SCSI targets on a device, by whatever path", async () => {
        root.ramDisk(0, 2048);
        root.alias("/dev/disk/by-id/rapiddisk-rd0", "rd0");
        root.device("virtual/block/loop3", 2048, { "loop/backing_file": "/dev/disk/by-id/rapiddisk-rd0\n" });
        const namespaces = "sys/kernel/config/nvmet/subsystems/nqn.2021-06.org.example:a/namespaces";
        root.file(`${namespaces}/1/device_path`, "/dev/rd0\n");
        root.file(`${namespaces}/1/enable`, "1\n");
        root.file(`${namespaces}/2/device_path`, "/dev/rd0\n");
        root.file(`${namespaces}/2/enable`, "0\n");
        root.file("sys/kernel/config/target/core/iblock_0/lun0/udev_path", "/dev/rd0\n");
        root.file("sys/kernel/config/target/core/iblock_0/lun0/enable", "1\n");
        assert.deepEqual((await device("rd0")).users, [
            { kind: "loop", name: "loop3" },
            { kind: "export", name: "nqn.2021-06.org.example:a" },
            { kind: "scsi", name: "lun0" },
        ]);
    });

    it("leaves out a device that goes while it is read, and survives empty and absurd files", async () => {
        root.ramDisk(0, 2048);
        root.link("sys/class/block/rd7", "../../devices/virtual/block/rd7");
        root.device("pci0/block/sdx", 8, { size: "", dev: "" });
        root.device("pci0/block/sdy", 8, { size: "99999999999999999999\n" });
        const names = (await kernel.snapshot()).blockDevices.map((one) => one.name);
        assert.deepEqual(names, ["rd0"]);
    });

    it("reads I/O counters of old and new kernels", async () => {
        root.device("pci0/block/sda", 8, { stat: "   10 0 16 5 20 0 32 6 1 7 8 3 0 64 9 0 0\n" });
        assert.deepEqual(await kernel.readIoCounters("sda"), {
            readIos: 10,
            readBytes: 8192,
            readMs: 5,
            writeIos: 20,
            writeBytes: 16384,
            writeMs: 6,
            inFlight: 1,
            busyMs: 7,
            discardIos: 3,
            discardBytes: 32768,
        });
        root.device("pci0/block/sdb", 8, { stat: "10 0 16 5 20 0 32 6 1 7 8\n" });
        assert.equal((await kernel.readIoCounters("sdb")).discardBytes, 0);
    });

    it("reads I/O counters of all devices out of one file, and of those that it lacks out of their own", async () => {
        root.device("pci0/block/sdc", 8, { stat: "   10 0 16 5 20 0 32 6 1 7 8 3 0 64 9 0 0\n" });
        root.device("pci0/block/cciss!c0d0", 8, { stat: "1\n" });
        root.device("pci0/block/sdd", 8, { stat: "   7 0 0 0\n" });
        const names = ["sdc", "cciss!c0d0", "sdd", "sde"];
        root.file(
            "proc/diskstats",
            "   8      32 sdc 10 0 16 5 20 0 32 6 1 7 8 3 0 64 9 0 0\n" +
                "   8      33 sdc1 99 0 0 0 0 0 0 0 0 0 0\n" +
                " 104       0 cciss/c0d0 4 0 0 0 0 0 0 0 0 0 0\n",
        );
        const found = await kernel.readAllIoCounters(names);
        assert.deepEqual([...found.keys()].sort(), ["cciss!c0d0", "sdc", "sdd"]);
        assert.deepEqual(found.get("sdc"), await kernel.readIoCounters("sdc"));
        assert.deepEqual([found.get("cciss!c0d0")?.readIos, found.get("sdd")?.readIos], [4, 7]);
        assert.deepEqual(await kernel.readAllIoCounters([]), new Map());
    });
});

describe("a thousand RAM disks", () => {
    let root: RootFixture;
    let kernel: KernelPort;

    before(() => {
        root = new RootFixture();
        kernel = root.kernel();
    });

    after(async () => {
        await kernel.close();
        root.remove();
    });

    it("are read with a hundred other disks with little CPU and without holding up the event loop", async () => {
        root.file("sys/kernel/rapiddisk/mgmt", "RapidDisk 10.0.0\n");
        root.file("sys/kernel/rapiddisk/memory", "limit 1\n");
        root.ourRamDisk(0, 2048, 4096);
        for (let number = 1; number < 1024; number++) root.bareRamDisk(number, 2048);
        for (let number = 0; number < 100; number++) root.device(`pci0/block/sd${number}`, 2048);
        await kernel.snapshot();
        // CPU time between two turns of the event loop: what others run on the machine does not count.
        let longest = 0;
        let last = process.cpuUsage();
        const timer = setInterval(() => {
            const { user, system } = process.cpuUsage(last);
            longest = Math.max(longest, (user + system) / 1000);
            last = process.cpuUsage();
        }, 1);
        const started = process.cpuUsage();
        const { ramDisks, blockDevices } = await kernel.snapshot();
        const { user, system } = process.cpuUsage(started);
        clearInterval(timer);
        assert.equal(ramDisks.length, 1024);
        assert.equal(blockDevices.length, 1124);
        assert.deepEqual(
            blockDevices.find((one) => one.name === "rd777"),
            { ...blockDevices.find((one) => one.name === "rd0"), name: "rd777", path: "/dev/rd777", devno: "252:777" },
        );
        const milliseconds = (user + system) / 1000;
        assert.ok(milliseconds < 150, `${milliseconds} ms of CPU`);
        assert.ok(longest < 40, `one turn of the event loop took ${longest} ms of CPU`);
    });
});
