// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { needsRoot } from "../harness/index.js";
import { call, GIB, ROOT } from "../daemon/fixture.js";
import { startRest, type Bridge, type RestFixture } from "./fixture.js";

const MIB = 1048576;

describe("the URLs of rapiddisk 9", function () {
    let fixture: RestFixture;
    let bridge: Bridge;
    let token: string;

    before(async function () {
        needsRoot(this);
        fixture = await startRest();
        await fixture.service.sim.call("addDisk", { name: "sdb", size: GIB, vendor: "ATA", model: "QEMU HARDDISK" });
        bridge = await fixture.bridge();
        ({ token } = await fixture.token("operate"));
    });
    after(() => fixture?.stop());

    async function get(path: string, status: number, body: string | RegExp): Promise<void> {
        check(path, await bridge.ask("GET", `/v1/${path}`), status, body);
    }
    async function post(path: string, status: number, body: string | RegExp, as = token): Promise<void> {
        check(path, await bridge.ask("POST", `/v1/${path}`, { token: as }), status, body);
    }
    function check(
        path: string,
        answer: { status: number; body: string; headers: object },
        status: number,
        body: string | RegExp,
    ): void {
        if (typeof body === "string") {
            assert.equal(answer.body, body, path);
        } else {
            assert.match(answer.body, body, path);
        }
        assert.equal(answer.status, status, `${path}: ${answer.body}`);
        assert.equal(
            (answer.headers as { "content-type"?: string })["content-type"],
            "application/json; charset=utf-8",
            path,
        );
    }
    const done = (message: string): string => `{"status": "Success", "message": "${message}"}`;

    it("answer byte for byte as scripts expect it", async () => {
        await get("checkServiceStatus", 200, '{"status": "OK", "version": "10.0.0"}');
        await get("listRapidDiskVolumes", 200, '{"volumes": [{"rapiddisk": []}, {"rapiddisk_cache": []}]}');
        await get(
            "listAllResources",
            200,
            /^\{"resources": \[\{"memory": \[\{"mem_total": \d+, "mem_free": \d+\}\]\}, \{"volumes": \[\{"device": "sdb", "size": 1073741824, "vendor": "ATA", "model": "QEMU HARDDISK"\}\]\}\]\}$/,
        );
        await post("createRapidDisk/64", 200, done("Attached device rd0 of size 64 Mbytes."));
        await post("createRapidDisk/16", 200, done("Attached device rd1 of size 16 Mbytes."));
        await post(
            "createRapidDiskCache/rd0/sdb/write-around",
            200,
            done("Command to map rc-wa_sdb with rd0 and /dev/sdb has been sent."),
        );
        await post("lockRapidDisk/rd1", 200, done("Device rd1 is now set to read-only"));
        await get(
            "listRapidDiskVolumes",
            200,
            '{"volumes": [{"rapiddisk": [{"device": "rd1", "size": 16777216, "usage": 0, "status": "locked"}, ' +
                '{"device": "rd0", "size": 67108864, "usage": 0, "status": "unlocked"}]}, {"rapiddisk_cache": ' +
                '[{"device": "rc-wa_sdb", "cache": "rd0", "source": "sdb", "mode": "write-around"}]}]}',
        );
        const zeros = (
            "reads writes cache_hits replacement write_replacement read_invalidates write_invalidates uncached_reads " +
            "uncached_writes disk_reads disk_writes cache_reads cache_writes"
        )
            .split(" ")
            .map((name) => `"${name}": 0`)
            .join(", ");
        await get(
            "showRapidDiskCacheStats/rc-wa_sdb",
            200,
            `{"statistics": [{"cache_stats": [{"device": "rc-wa_sdb", ${zeros}}]}]}`,
        );
        await post("unlockRapidDisk/rd1", 200, done("Device rd1 is now set to read-write"));
        await post("removeRapidDiskCache/rc-wa_sdb", 200, done("Command to unmap rc-wa_sdb has been sent."));
        await post("resizeRapidDisk/rd0/128", 200, done("Resized device rd0 to 128 Mbytes."));
        await post("flushRapidDisk/rd0", 200, done("Flushed all data from device rd0."));
        await post("removeRapidDisk/rd0", 200, done("Detached device rd0."));
        await post("removeRapidDisk/rd1", 200, done("Detached device rd1."));
        await get("listRapidDiskVolumes", 200, '{"volumes": [{"rapiddisk": []}, {"rapiddisk_cache": []}]}');
    });

    it("take write-back and writeback, for those who may keep writes in RAM", async () => {
        const admin = (await fixture.token("admin")).token;
        await post("createRapidDisk/8", 200, /rd0/);
        await post("createRapidDiskCache/rd0/sdb/write-back", 403, /"status": "Failed".*scope admin/);
        for (const word of ["write-back", "writeback"]) {
            await post(`createRapidDiskCache/rd0/sdb/${word}`, 200, /map rc-wb_sdb with rd0/, admin);
            await get(
                "showRapidDiskCacheStats/rc-wb_sdb",
                200,
                /"device": "rc-wb_sdb", "errors": 0, "num_blocks": \d+/,
            );
            await post("removeRapidDiskCache/rc-wb_sdb", 200, /Command to unmap/);
        }
        await post("removeRapidDisk/rd0", 200, /Detached/);
    });

    it("say with a status what happened, and keep the body", async () => {
        const failed = /^\{"status": "Failed", "message": ".+"\}$/;
        await post("removeRapidDisk/rd7", 404, failed);
        await post("resizeRapidDisk/rd7/1", 404, failed);
        await post("createRapidDisk/0", 400, failed);
        for (const size of ["16x", "-1", "1e3", "0x10", "%31%20", "99999999999999999999"]) {
            await post(`createRapidDisk/${size}`, 400, failed);
        }
        const size =
            /"message": "\{size\} in the path must be a number of MiB, 1 to 8796093022207, in digits without a unit, for example 64\."/;
        await post("createRapidDisk/0", 400, size);
        await post("createRapidDisk/4M", 400, size);
        await post("createRapidDisk/99999999999999999999", 400, size);
        await post("createRapidDisk/8796093022208", 400, /1 to 8796093022207 MiB/);
        await post("resizeRapidDisk/rd0/0", 400, size);
        await post("createRapidDisk/99999999", 507, failed);
        await get("showRapidDiskCacheStats/ubuntu--vg-root", 404, failed);
        await get("showRapidDiskCacheStats/%2e%2e%2fetc", 400, failed);
        await post("createRapidDisk/8", 200, /rd0/);
        await post("createRapidDiskCache/rd0/nosuch/write-through", 404, failed);
        await post("createRapidDiskCache/rd0/sdb/write-sideways", 400, failed);
        await post("createRapidDiskCache/rd0/..%2Fsda/write-through", 400, failed);
        await fixture.service.sim.call("mount", "rd0", "/mnt");
        await post("removeRapidDisk/rd0", 409, /\/mnt/);
        await fixture.service.sim.call("unmount", "rd0", "/mnt");
        await post("removeRapidDisk/rd0", 200, /Detached/);
    });

    it("are exact: what only begins like one is nothing", async () => {
        for (const path of [
            "createRapidDisk4",
            "removeRapidDiskrd1",
            "listAllNVMeTargetsXYZ",
            "checkServiceStatus/",
            "createRapidDisk",
            "createRapidDisk/4/5",
            "createRapidDisk//4",
            "nothing",
        ]) {
            const answers = [
                await bridge.ask("GET", `/v1/${path}`),
                await bridge.ask("POST", `/v1/${path}`, { token }),
            ];
            for (const answer of answers) {
                assert.ok([404, 405].includes(answer.status), `${path}: ${answer.status} ${answer.body}`);
                assert.match(answer.body, /^\{"status": "Failed"/);
            }
        }
        const wrong = await bridge.ask("GET", "/v1/createRapidDisk/4");
        assert.equal(wrong.status, 405);
        assert.equal(wrong.headers.allow, "POST");
        assert.equal((await bridge.ask("PUT", "/v1/checkServiceStatus")).status, 405);
    });

    it("ignore bodies and query strings, and keep the connection", async () => {
        const answer = await bridge.ask("POST", "/v1/createRapidDisk/4?size=9", {
            token,
            raw: "anything",
            headers: { "content-type": "application/x-www-form-urlencoded" },
        });
        assert.equal(answer.body, done("Attached device rd0 of size 4 Mbytes."));
        assert.equal(answer.headers.connection, "keep-alive");
        await post("removeRapidDisk/rd0", 200, /Detached/);
    });

    it("answer with the old statuses when the settings say so", async () => {
        const old = await fixture.bridge("v1-status = upstream\n");
        const status = async (method: string, path: string): Promise<number> =>
            (await old.ask(method, `/v1/${path}`, { token })).status;
        assert.equal(await status("POST", "removeRapidDisk/rd7"), 200);
        assert.equal(await status("POST", "createRapidDisk/16x"), 200);
        assert.equal(await status("POST", "createRapidDiskCache/rd0/sdb/never"), 400);
        assert.equal(await status("GET", "showRapidDiskCacheStats/nope"), 400);
        assert.equal(await status("GET", "nothing"), 400);
        assert.equal(await status("DELETE", "checkServiceStatus"), 400);
        assert.equal((await old.ask("POST", "/v1/createRapidDisk/4")).status, 401);
    });

    it("show at once what others made", async () => {
        await call(fixture.fixture.client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(4 * MIB), {}]);
        await get("listRapidDiskVolumes", 200, /"device": "rd0", "size": 4194304/);
        await call(fixture.fixture.client, `${ROOT}/volumes/rd0`, "Volume", "Remove", "a{sv}", [{}]);
        await get("listRapidDiskVolumes", 200, /"rapiddisk": \[\]/);
    });

    it("are open to all on the loopback only when the loud switch is set", async () => {
        assert.equal((await bridge.ask("POST", "/v1/createRapidDisk/4")).status, 401);
        const open = await fixture.bridge("insecure-open-v1 = yes\n");
        assert.match(open.log(), /EVERY user and program of this host/);
        assert.equal((await open.ask("POST", "/v1/createRapidDisk/4")).status, 200);
        assert.match(open.log(), /audit: identity=anonymous \(insecure-open-v1\) .*CreateVolume/);
        assert.equal((await open.ask("DELETE", "/v2/volumes/rd0")).status, 401, "v2 stays closed");
        const page = { origin: "http://evil.example" };
        assert.equal((await open.ask("POST", "/v1/removeRapidDisk/rd0", { headers: page })).status, 403);
        assert.equal((await open.ask("POST", "/v1/removeRapidDisk/rd0")).status, 200);
    });
});
