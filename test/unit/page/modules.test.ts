// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { lackingModules, missingModules } from "../../../cockpit-plugin/src/state/modules.js";
import type { Manager } from "../../../cockpit-plugin/src/state/objects.js";

describe("page: kernel modules", () => {
    const manager = (Modules: Record<string, boolean>, ...Features: string[]) =>
        ({ Modules, Features }) as unknown as Manager;

    it("that are only not loaded are no cause for alarm", () => {
        const host = manager({ rapiddisk: true, dm_writecache: false }, "volumes", "cache-writeback");
        assert.deepEqual(missingModules(host), ["dm_writecache"]);
        assert.deepEqual(lackingModules(host), []);
    });

    it("that cannot be loaded either are named, but those of the target, which not every host has", () => {
        const host = manager(
            { rapiddisk: true, rapiddisk_cache: false, dm_writecache: false, nvmet: false },
            "volumes",
        );
        assert.deepEqual(lackingModules(host), ["rapiddisk_cache", "dm_writecache"]);
    });

    it("are not known before the service is", () => assert.deepEqual(lackingModules(null), []));
});
