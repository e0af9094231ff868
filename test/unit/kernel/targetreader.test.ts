// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { targetWatch } from "../../../service/src/kernel/digests.js";
import { TargetReader } from "../../../service/src/kernel/nvmet/reader.js";
import { readTree } from "../../../service/src/kernel/nvmet/tree.js";
import { Paths } from "../../../service/src/kernel/paths.js";
import { RootFixture } from "./fixture.js";

const NVMET = "sys/kernel/config/nvmet";

describe("readings of the NVMe target, one after another", () => {
    let root: RootFixture;
    let paths: Paths;
    let watch: ReturnType<typeof targetWatch>;
    let reader: TargetReader;

    /** Makes an export on port 1, as configfs shows it. */
    const make = (nqn: string): void => {
        root.file(`${NVMET}/subsystems/${nqn}/attr_allow_any_host`, "0\n");
        root.file(`${NVMET}/subsystems/${nqn}/attr_serial`, "1\n");
        root.file(`${NVMET}/subsystems/${nqn}/namespaces/1/enable`, "1\n");
        root.file(`${NVMET}/subsystems/${nqn}/namespaces/1/device_path`, "/dev/rd0\n");
        mkdirSync(`${root.root}/${NVMET}/subsystems/${nqn}/allowed_hosts`);
        link(nqn);
    };
    const link = (nqn: string): void =>
        symlinkSync(`../../../subsystems/${nqn}`, `${root.root}/${NVMET}/ports/1/subsystems/${nqn}`);
    const remove = (path: string): void => rmSync(`${root.root}/${NVMET}/${path}`, { recursive: true });

    beforeEach(() => {
        root = new RootFixture();
        root.file(`${NVMET}/ports/1/addr_traddr`, "192.0.2.1\n");
        root.file(`${NVMET}/hosts/h/dhchap_key`, "\n");
        mkdirSync(`${root.root}/${NVMET}/ports/1/subsystems`);
        make("a");
        make("b");
        paths = new Paths(root.root);
        watch = targetWatch(paths);
        reader = new TargetReader(paths, watch);
    });

    afterEach(() => {
        watch.close();
        root.remove();
    });

    it("say the same as a whole one after every kind of change", async () => {
        const changes: (() => void)[] = [
            () => undefined,
            () => root.file(`${NVMET}/subsystems/a/namespaces/1/enable`, "0\n"),
            () => root.file(`${NVMET}/subsystems/a/attr_serial`, "2\n"),
            () => make("c"),
            () => root.file(`${NVMET}/subsystems/c/namespaces/1/enable`, "0\n"),
            () => root.file(`${NVMET}/subsystems/c/namespaces/2/enable`, "1\n"),
            () => symlinkSync("../../../hosts/h", `${root.root}/${NVMET}/subsystems/b/allowed_hosts/h`),
            () => root.file(`${NVMET}/hosts/h/dhchap_key`, "DHHC-1:00:x:\n"),
            () => remove("ports/1/subsystems/c"),
            () => root.file(`${NVMET}/ports/1/addr_traddr`, "192.0.2.2\n"),
            () => remove("subsystems/c"),
            () => (remove("subsystems/b"), make2()),
            () => root.file(`${NVMET}/ports/2/addr_traddr`, "192.0.2.3\n"),
            () => remove("hosts/h"),
            () => remove(""),
        ];
        const make2 = (): void => {
            remove("ports/1/subsystems/b");
            make("b");
        };
        for (const change of changes) {
            change();
            assert.deepEqual(await reader.read(), await readTree(paths), String(change));
        }
    });

    it("read again only what changed", async () => {
        const first = await reader.read();
        root.file(`${NVMET}/subsystems/a/namespaces/1/enable`, "0\n");
        const second = await reader.read();
        assert.equal(second.subsystems[0]?.namespaces[0]?.enabled, false);
        assert.equal(second.subsystems[1], first.subsystems[1]);
        assert.equal(second.hosts[0], first.hosts[0]);
        assert.deepEqual((await reader.read()).subsystems, second.subsystems);
    });

    it("find what no notice told of when everything is to be read", async () => {
        const before = await reader.read();
        const revision = watch.revision.bind(watch);
        const kept = revision("subsystems/a");
        watch.revision = (object) => (object === "subsystems/a" ? kept : revision(object));
        root.file(`${NVMET}/subsystems/a/attr_serial`, "7\n");
        assert.equal((await reader.read()).subsystems[0], before.subsystems[0]);
        assert.equal((await reader.readAll()).subsystems[0]?.serial, "7");
    });

    it("read everything where the system refuses to tell of changes", async () => {
        const blind = new TargetReader(paths, Object.assign(targetWatch(paths), { current: async () => false }));
        const first = await blind.read();
        const second = await blind.read();
        assert.notEqual(second.subsystems[0], first.subsystems[0]);
        assert.deepEqual(second, first);
    });
});
