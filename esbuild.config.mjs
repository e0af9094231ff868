// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
//
// Builds everything into dist/: programs, page, and the notices that have to be shipped with them.
import { buildPage } from "./cockpit-plugin/esbuild.mjs";
import { buildPrograms, programs } from "./service/esbuild.mjs";
import { writeLicences } from "./tools/licences/write.mjs";

const tests = {
    "test/contract-kernel": "test/contract/kernel/main.ts",
    "test/contract-dbus": "test/contract/dbus/main.ts",
};

const service = { name: "rapiddisk", what: "RapidDisk Manager (service, command and HTTP bridge)" };
const page = { name: "cockpit-rapiddisk", what: "RapidDisk Manager's page in Cockpit" };

writeLicences(`dist/doc/${service.name}`, service, await buildPrograms(programs, "dist"));
await buildPrograms(tests, "dist");
writeLicences(`dist/doc/${page.name}`, page, await buildPage("dist/cockpit"));
