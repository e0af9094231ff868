// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { openPage, sharedBrowser, type Window } from "../harness/index.js";
import { theMachine } from "./machine.js";

const NQN = "nqn.2021-06.org.rapiddisk:page-journey";

describe("page: a journey on the real kernel", function () {
    this.bail(true);
    const machine = theMachine();
    let window: Window;
    const at = (test: string) => window.frame.locator(`[data-test="${test}"]`).first();
    const row = (path: string) => window.frame.locator(`[data-row="/org/rapiddisk/Manager/${path}"]`);
    /** Opens a dialog with a button of the page. */
    const open = async (button: string) => {
        await window.frame.locator(`.rd-buttons [data-test="${button}"]`).first().click();
        await at(`dialog-${button}`).waitFor();
    };
    const submit = async () => {
        await at("dialog-submit").click();
        await window.frame.locator("[role=dialog]").waitFor({ state: "detached" });
    };
    /** Object paths of a kind, as the service tells. */
    const objects = async (kind: string): Promise<string[]> => {
        const tree = await machine.shell("busctl tree --list org.rapiddisk.Manager");
        return tree.split("\n").filter((line) => line.startsWith(`/org/rapiddisk/Manager/${kind}/`));
    };

    after(async () => {
        // Whatever went wrong, the machine ends with the test; nothing has to be undone there.
        await window?.page.context().close();
    });

    it("logs in, with limited access: nothing can be changed, and the page says why", async () => {
        window = await openPage(await sharedBrowser(), machine.url, {
            password: machine.password,
            administrator: false,
            patience: 120_000,
        });
        await window.until(`document.querySelector("[data-access=limited]") !== null`, "limited access");
        await at("limited").waitFor();
        assert.equal(await at("create-volume").getAttribute("aria-disabled"), "true");
    });

    it("becomes administrator without the page being loaded again", async () => {
        await window.evaluate("window.stillHere = true");
        await window.becomeAdministrator(machine.password);
        await window.until(`document.querySelector("[data-access=administrator]") !== null`, "administrative access");
        assert.equal(await window.evaluate("window.stillHere"), true);
    });

    it("loads the kernel modules that are missing", async () => {
        await open("load-modules");
        await submit();
        assert.match(await machine.shell("lsmod"), /^nvmet_tcp /m);
    });

    it("creates a volume", async () => {
        await open("create-volume");
        await at("field-size").fill("64");
        await at("field-size-unit").selectOption("MiB");
        await submit();
        await row("volumes/rd0").waitFor();
        assert.equal((await machine.shell("blockdev --getsize64 /dev/rd0")).trim(), String(64 * 2 ** 20));
        await window.shot("vm-volume");
    });

    it("caches a disk", async () => {
        await machine.shell("dd if=/dev/urandom of=/dev/vdb bs=1M count=32 oflag=direct status=none");
        await open("create-cache");
        await window.frame
            .locator(`[data-test=field-volume] option:checked[value="rd0"]`)
            .waitFor({ state: "attached" });
        await at("field-source").selectOption("/dev/vdb");
        await submit();
        await row("caches/rc_2dwt_5fvdb").waitFor();
        assert.match(await machine.shell("dmsetup table rc-wt_vdb"), /rapiddisk-cache/);
    });

    it("sees the hit ratio rise while fio reads", async () => {
        await window.go("/caches/rc-wt_vdb");
        await at("ratio").waitFor();
        const reading = machine.shell(
            "fio --name=r --filename=/dev/mapper/rc-wt_vdb --rw=randread --bs=4k --size=16M --direct=1 --time_based " +
                "--runtime=600 --rate_iops=500 --ioengine=psync --output=/dev/null & echo $! >/run/fio.pid; wait",
        );
        reading.catch(() => undefined);
        const ratio = `Number(/[0-9]+/.exec(document.querySelector("[data-test=ratio]").textContent)?.[0])`;
        await window.until(`${ratio} > 0`, "the first hits");
        const first = await window.evaluate<number>(ratio);
        await window.until(`${ratio} > Math.min(90, ${first} + 10)`, `a ratio above ${first} %`);
        await window.shot("vm-hits");
        await machine.shell("kill $(cat /run/fio.pid); while pgrep -x fio >/dev/null; do sleep 0.2; done");
        await reading.catch(() => undefined);
    });

    it("exports it, and sees who connects", async () => {
        await window.go("/");
        await open("create-port");
        await at("field-address-choice").selectOption("127.0.0.1");
        await submit();
        await row("ports/1").waitFor();
        await open("create-export");
        await at("field-device").selectOption("rc-wt_vdb");
        await at("field-who-any").click();
        await at("field-nqn").fill(NQN);
        await submit();
        const [path = ""] = await objects("exports");
        await row(path.replace("/org/rapiddisk/Manager/", "")).waitFor();
        await window.go(`/exports/${encodeURIComponent(NQN)}`);
        await machine.shell(`modprobe nvme-tcp && nvme connect -t tcp -a 127.0.0.1 -s 4420 -n ${NQN}`);
        await window.frame.locator("[data-host]").first().waitFor();
        await window.shot("vm-connected");
    });

    it("says that the service was killed, and comes back with it", async () => {
        await machine.shell("systemctl kill --signal=KILL rapiddiskd.service");
        await window.until(`document.querySelector("[data-phase=ready]") === null`, "the service to be gone");
        await window.until(`document.querySelector("[data-phase=ready]") !== null`, "the service to be back");
        await window.frame.locator("[data-host]").first().waitFor();
        assert.equal(await window.evaluate("window.stillHere"), true);
    });

    it("undoes everything", async () => {
        await machine.shell(`nvme disconnect -n ${NQN}`);
        await open("remove");
        await submit();
        for (const place of ["/ports/1", "/caches/rc-wt_vdb", "/volumes/rd0"]) {
            await window.go(place);
            await open("remove");
            await submit();
        }
        for (const kind of ["exports", "ports", "caches", "volumes"]) assert.deepEqual(await objects(kind), [], kind);
        assert.equal((await machine.shell("ls /dev/rd* /dev/mapper/rc* 2>/dev/null | wc -l")).trim(), "0");
    });

    it("makes no mistake in all that", () => window.close());
});
