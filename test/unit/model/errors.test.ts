// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { BusError } from "../../../service/src/bus/index.js";
import { toBusError } from "../../../service/src/daemon/handlers.js";
import { KernelError } from "../../../service/src/kernel/index.js";
import { ModelError, toModelError } from "../../../service/src/model/errors.js";
import { printable } from "../../../service/src/system/printable.js";

describe("an error", () => {
    it("about a source that is no disk is the caller's", () => {
        const told = toModelError(new KernelError("ENOTBLK", '"/dev/null" is not a block device.'), "/dev/null");
        assert.equal(told.kind, "InvalidArgument");
        assert.equal(told.message, '"/dev/null" is not a block device (ENOTBLK).');
    });

    it("has nothing that a terminal obeys, whatever name the caller has made up", () => {
        const name = "/dev/\n\x1b[2J\r\x9b2J\u202egnp\u2028x\0";
        const told = toBusError(new ModelError("NotFound", `${name}: There is none.`)) as BusError;
        assert.ok(told instanceof BusError);
        assert.equal(told.message, String.raw`/dev/\x0a\x1b[2J\x0d\x9b2J\u202egnp\u2028x\x00: There is none.`);
        assert.equal(printable("Größe 5 µs — ok"), "Größe 5 µs — ok");
    });
});
