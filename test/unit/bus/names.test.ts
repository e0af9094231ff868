// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { isPath } from "../../../service/src/bus/index.js";
import { socketPaths } from "../../../service/src/bus/connection/address.js";
import { matchRule } from "../../../service/src/bus/connection/subscriptions.js";
import { isBusName, isInterface, isMember } from "../../../service/src/bus/wire/names.js";

describe("names", () => {
    it("follow the specification", () => {
        assert.ok(isPath("/") && isPath("/a/b_1"));
        for (const path of ["", "a", "/a/", "//", "/a//b", "/a-b"]) assert.ok(!isPath(path), path);
        assert.ok(isInterface("a.b_2") && !isInterface("a") && !isInterface("a..b") && !isInterface("a.2b"));
        assert.ok(isMember("Get_1") && !isMember("1Get") && !isMember("a.b") && !isMember("a".repeat(256)));
        assert.ok(isBusName(":1.42") && isBusName("org.a-b.C") && !isBusName("org") && !isBusName("1.2"));
    });
});

describe("addresses of a bus", () => {
    it("give the sockets in order, with escapes", () => {
        assert.deepEqual(socketPaths("unix:path=/run/a%20b,guid=12;tcp:host=x;unix:abstract=/c"), ["/run/a b", "\0/c"]);
    });

    it("are refused when they name no unix socket", () => {
        for (const address of ["", "tcp:host=x", "unix:tmpdir=/tmp", "unix:path=%zz"]) {
            assert.throws(() => socketPaths(address), /bus address/);
        }
    });
});

describe("match rules", () => {
    it("quote what stands in them", () => {
        assert.equal(
            matchRule({ sender: "a.b", pathNamespace: "/x", arg0: "it's" }),
            "type='signal',sender='a.b',path_namespace='/x',arg0='it'\\''s'",
        );
    });
});
