// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { eventually } from "../../contract/dbus/calls.js";
import { needsRoot, nobody } from "../harness/index.js";
import type { CliFixture } from "./fixture.js";
import { startCliFixture } from "./fixture.js";

const MIB = 1048576;
const BANNER = /^rapiddisk \S+\nCopyright \(C\) .*\n\n/;

describe("the notation of rapiddisk 7 to 9 over a real bus, with a simulated kernel", function () {
    let fixture: CliFixture;

    before(async function () {
        needsRoot(this);
        fixture = await startCliFixture();
        await fixture.kernel("addDisk", { name: "sdb", size: 1024 * MIB });
    });

    after(() => fixture?.stop());

    /** Runs a row of command lines, each with the status and the output that it must have. */
    async function row(...steps: [string, number, (string | RegExp)?][]): Promise<void> {
        for (const [line, status, output] of steps) {
            const result = await fixture.rapiddisk(line);
            const said = result.stdout + result.stderr;
            assert.equal(result.status, status, `rapiddisk ${line}: ${said}`);
            if (typeof output === "string") {
                assert.equal(result.stdout, output, `rapiddisk ${line}`);
            } else if (output) {
                assert.match(said, output, `rapiddisk ${line}`);
            }
        }
    }

    it("attaches, maps, lists, unmaps and detaches as scripts expect it", async () => {
        await row(
            ["-l", 254],
            ["-l -j", 254, '{"status": "Failed", "message": "Unable to locate any RapidDisk devices."}\n'],
            ["-g -a 64", 0, "Attached device rd0 of size 64 Mbytes.\n"],
            ["-j -a 1GiB", 0, '{"status": "Success", "message": "Attached device rd1 of size 1024 Mbytes."}\n'],
            ["-g -m rd0 -b /dev/sdb -p wa", 0, /rc-wa_sdb/],
            [
                "-l -j",
                0,
                '{"volumes": [{"rapiddisk": [{"device": "rd1", "size": 1073741824, "usage": 0, "status": "unlocked"}, ' +
                    '{"device": "rd0", "size": 67108864, "usage": 0, "status": "unlocked"}]}, {"rapiddisk_cache": ' +
                    '[{"device": "rc-wa_sdb", "cache": "rd0", "source": "sdb", "mode": "write-around"}]}]}\n',
            ],
            ["-g -s rc-wa_sdb", 0, "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"],
            ["-d rd0", 255, /in use/],
            ["-f rd0", 240, /in use/],
            ["-m rd1 -b /dev/sdb", 255],
            ["-m rd0 -b /dev/sdb", 255],
            ["-u rc-wa_sdb", 0],
            ["-u rc-wa_sdb", 254],
            ["-r rd0 -c 128", 0, /Resized device rd0 to 128 Mbytes\.\n$/],
            ["-r rd0 -c 128", 234],
            ["-L rd0", 0],
            ["-l -j", 0, /"device": "rd0", "size": 134217728, "usage": 0, "status": "locked"/],
            ["-U rd0", 0],
            ["-f rd0", 0],
            ["-d rd0", 0, /Detached device rd0\.\n$/],
            ["-d rd0", 255],
            ["-d rd1", 0],
        );
    });

    it("maps write-back, and tells it by its mode", async () => {
        await row(
            ["-a 8", 0],
            ["-m rd0 -b /dev/sdb -p wb", 0, /rc-wb_sdb/],
            ["-l", 0, / dm-writecache Target {3}1: rc-wb_sdb\tCache: rd0 {2}Target: sdb \(WRITEBACK\)\n/],
            [
                "-j -s rc-wb_sdb",
                0,
                /^\{"statistics": \[\{"cache_stats": \[\{"device": "rc-wb_sdb", "errors": 0, "num_blocks": /,
            ],
            ["-u rc-wb_sdb", 0],
            ["-d rd0", 0],
        );
    });

    it("refuses what cannot be, and mounted disks by what is mounted and not by how paths look", async () => {
        await row(["-a 4", 0], ["-a 4", 0]);
        await fixture.kernel("mount", "rd1", "/mnt/hard0");
        await row(["-d rd1", 255, /mounted on \/mnt\/hard0/], ["-f rd1", 240], ["-d rd0", 0]);
        await fixture.kernel("unmount", "rd1", "/mnt/hard0");
        await row(
            ["-d rd1", 0],
            ["-a 0", 234],
            ["-a 99999999999999999999", 234],
            ["-a 99999999", 244],
            ["-r rd9 -c 4", 234],
            ["-f rd9", 254],
            ["-L rd9", 254],
            ["-U rd9", 254],
            ["-u nothing", 254],
            ["-s nothing", 255],
            ["-m rd9 -b /dev/sdb", 254],
            ["-n", 255, /nvmet is not loaded/],
            ["-i eth0 -P 1", 255, /nvmet is not loaded/],
        );
    });

    it("makes NVMe ports and exports as scripts expect it", async () => {
        await fixture.kernel("setModule", "nvmet", { loaded: true });
        const host = "nqn.2014-08.org.example:host";
        const other = "nqn.2014-08.org.example:other";
        const nqn = "nqn.2021-06.org.rapiddisk:simhost-rd0";
        const ports = '[{"port": 1, "address": "192.0.2.10", "protocol": "tcp"}';
        await row(
            ["-a 64", 0],
            ["-N -j", 0, '{"targets": [{"nvmet_ports": []}]}\n'],
            ["-i eth0 -P 1", 0],
            ["-i eth0 -P 1", 255],
            ["-i NULL -P 2 -t loop", 0],
            ["-e -b rd0 -P 9", 255],
            [`-e -b rd0 -P 1 -H ${host}`, 0],
            [`-e -b rd0 -P 2 -H ${other}`, 0],
            [
                "-n -j",
                0,
                `{"targets": [{"nvmet_targets": [{"nqn": "${nqn}", "namespace": 1, "device": "/dev/rd0", "enabled": "true", ` +
                    `"allowed_hosts": [{"host": "${host}"}, {"host": "${other}"}], "assigned_ports": ${ports}, ` +
                    '{"port": 2, "address": "UNDEFINED", "protocol": "loop"}]}]}]}\n',
            ],
            ["-d rd0", 255, /exported as/],
            ["-R -b rd0", 0],
            ["-X -P 1", 255],
            ["-x -b rd0", 255, /name one with -H/],
            [`-x -b rd0 -H ${host}`, 0, /still mapped to NQN\(s\): nqn\.2014-08\.org\.example:other\./],
            [`-x -b rd0 -P 1 -H ${other}`, 0, /is still exported on other ports/],
            ["-x -b rd0", 0],
            ["-x -b rd0", 255],
            // That an NQN does not authenticate a host is said on standard error, behind what scripts read.
            [
                "-e -b rd0 -P 1 -H nqn.host1",
                0,
                /through port 1 as nqn\.2021-06\.org\.rapiddisk:simhost-rd0\.\n.*nqn\.host1 needs no key, and an NQN does not authenticate a host/,
            ],
            ["-n -j", 0, /"allowed_hosts": \[\{"host": "nqn\.host1"\}\]/],
            ["-x -b rd0 -P 1 -H nqn.host1", 0],
            // So is that everybody on the network, and here, may use it.
            ["-e -b rd0", 0, /through all ports as [^\n]+\.\n.*No host was named \(-H\), so any host may connect/],
            ["-n", 0, new RegExp(`NQN: ${nqn}`)],
            ["-x -b rd0", 0],
            ["-X -P 1", 0],
            ["-X -P 2", 0],
            ["-d rd0", 0],
        );
    });

    it("prints help and version", async () => {
        await row(["-v", 0, BANNER], ["-h", 0, /Usage: rapiddisk/], ["-V", 255], ["", 255], ["--attach 64", 2]);
        const { stdout } = await fixture.rapiddisk("-q -j");
        const { resources } = JSON.parse(stdout) as {
            resources: [{ memory: object[] }, { volumes: { device: string }[] }];
        };
        assert.deepEqual(
            resources[1].volumes.map(({ device }) => device),
            ["sdb"],
        );
    });

    it("needs root, and both modules", async () => {
        const user = await fixture.rapiddisk("-l", { uid: nobody });
        assert.deepEqual([user.status, user.stderr], [243, ""]);
        await fixture.kernel("setModule", "rapiddisk_cache", { loaded: false });
        await eventually(async () => (await fixture.rapiddisk("-v")).status === 255);
        await row(["-v", 255, /rapiddisk-cache is not loaded/], ["-l", 255]);
        await fixture.kernel("setModule", "rapiddisk_cache", { loaded: true });
    });
});
