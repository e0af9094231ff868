// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { INTERFACE, ROOT } from "../../../service/src/facts/busnames.js";
import { request, options, Variant, objectPath, nameOfPath } from "../../../service/src/client/index.js";
import { busctlLine, splitSignature } from "../../../service/src/cli/explain.js";
import { jsonName, renderJson } from "../../../service/src/client/json.js";
import { renderPairs, renderTable } from "../../../service/src/cli/output/table.js";
import { columns, cut, printable } from "../../../service/src/cli/output/text.js";
import fc from "fast-check";

describe("tables", () => {
    const layout = [
        { title: "NAME" },
        { title: "SIZE", align: "right" as const },
        { title: "USED BY", flexible: true },
    ];

    it("are aligned, without trailing blanks", () => {
        const text = renderTable(
            layout,
            [
                ["rd0", "512 MiB", "-"],
                ["rd10", "1 GiB", "mounted on /mnt"],
            ],
            { color: false },
        );
        assert.equal(text, "NAME     SIZE  USED BY\nrd0   512 MiB  -\nrd10    1 GiB  mounted on /mnt\n");
    });

    it("keep to the width by cutting flexible columns only", () => {
        const rows = [["rd0", "512 MiB", "mounted on /a/very/long/path"]];
        const text = renderTable(layout, rows, { color: false, width: 25 });
        assert.equal(text, "NAME     SIZE  USED BY\nrd0   512 MiB  mounted o…\n");
        const narrow = renderTable(layout, rows, { color: false, width: 5 });
        assert.match(narrow, /512 MiB/);
    });

    it("are whole where there is no terminal", () => {
        assert.match(renderTable(layout, [["rd0", "1", "x".repeat(500)]], { color: false }), /x{500}/);
    });

    it("emphasize titles only where color is wanted", () => {
        assert.equal(renderTable(layout, [], { color: true }), "\u001b[1mNAME  SIZE  USED BY\u001b[0m\n");
        assert.equal(renderTable(layout, [], { color: false }), "NAME  SIZE  USED BY\n");
    });

    it("show control characters instead of obeying them", () => {
        const text = renderTable(layout, [["rd0", "1", "evil\u001b[2J\nname\u202e"]], { color: false });
        assert.match(text, /evil\\x1b\[2J\\x0aname\\u202e/);
        assert.match(renderPairs([["Name", "a\u0007b"]], { color: false }), /Name:\s+a\\x07b\n/);
    });

    it("count wide characters as two columns", () => {
        assert.equal(columns("ab"), 2);
        assert.equal(columns("漢字"), 4);
        assert.equal(cut("漢字漢字", 5), "漢字…");
        assert.equal(printable("漢字 é"), "漢字 é");
    });
});

describe("JSON", () => {
    it("keeps every digit of an integer", () => {
        assert.equal(
            renderJson({ a: 18446744073709551615n, b: [1, true, null, "x"], c: {}, d: [] }, 0),
            '{"a":18446744073709551615,"b":[1,true,null,"x"],"c":{},"d":[]}',
        );
    });

    it("is indented for people", () => {
        assert.equal(renderJson([{ a: 1n }]), '[\n  {\n    "a": 1\n  }\n]');
    });

    it("is what JSON.parse reads back", () => {
        fc.assert(
            fc.property(fc.jsonValue({ depthSize: "small" }), fc.constantFrom(0, 2), (value, indent) => {
                assert.deepEqual(JSON.parse(renderJson(value as never, indent)), JSON.parse(JSON.stringify(value)));
            }),
        );
    });

    it("has names in lower case", () => {
        assert.deepEqual(["ReadOnly", "Name", "in-use", "num_wb_blocks", "CacheSize"].map(jsonName), [
            "read_only",
            "name",
            "in_use",
            "num_wb_blocks",
            "cache_size",
        ]);
    });
});

describe("object paths", () => {
    it("follow the escaping rule", () => {
        assert.equal(objectPath("caches", "rc-wt_loop5"), "/org/rapiddisk/Manager/caches/rc_2dwt_5floop5");
        assert.equal(objectPath("volumes", "rd0"), "/org/rapiddisk/Manager/volumes/rd0");
        assert.equal(nameOfPath("/org/rapiddisk/Manager/caches/rc_2dwt_5floop5"), "rc-wt_loop5");
    });

    it("give any name back, and are always valid", () => {
        fc.assert(
            fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (name) => {
                const path = objectPath("caches", name);
                assert.match(path, /^(\/[A-Za-z0-9_]+)+$/);
                assert.equal(nameOfPath(path), name);
            }),
        );
    });
});

describe("--explain", () => {
    it("writes a call as busctl wants it", () => {
        const call = request(
            INTERFACE.manager,
            ROOT,
            "CreateVolume",
            536870912n,
            options({ number: new Variant("u", 7), persist: new Variant("b", true) }),
        );
        assert.equal(
            busctlLine(call),
            "busctl --timeout=infinity call org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager CreateVolume " +
                "'ta{sv}' 536870912 2 number u 7 persist b true",
        );
    });

    it("writes a call without arguments, and lets a reading end after busctl's own 25 s, as here", () => {
        assert.match(busctlLine(request(INTERFACE.manager, ROOT, "ListVolumes")), /^busctl call .* ListVolumes$/);
    });

    it("writes arrays and empty texts, and ends options before words that look like some", () => {
        const call = request(
            INTERFACE.manager,
            ROOT,
            "CreateExport",
            "",
            options({ hosts: new Variant("as", ["-a b", "c"]) }),
        );
        assert.equal(
            busctlLine(call),
            "busctl --timeout=infinity call -- org.rapiddisk.Manager /org/rapiddisk/Manager org.rapiddisk.Manager CreateExport " +
                "'sa{sv}' '' 1 hosts as 2 '-a b' c",
        );
    });

    it("splits signatures", () => {
        assert.deepEqual(splitSignature("sta{sv}asb"), ["s", "t", "a{sv}", "as", "b"]);
        assert.deepEqual(splitSignature("aa{sv}u"), ["aa{sv}", "u"]);
        assert.deepEqual(splitSignature(""), []);
    });
});
