// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { strict as assert } from "node:assert";
import { ACTION_PREFIX, ERROR_PREFIX, INTERFACE, INTERFACE_OF, SERVICE } from "../../../service/src/facts/busnames.js";
import * as specs from "../../../service/src/generated/specs.js";
import type { InterfaceSpec } from "../../../service/src/bus/index.js";

const described = Object.values(specs as Readonly<Record<string, unknown>>).filter(
    (each): each is InterfaceSpec => typeof each === "object" && each !== null && "methods" in each,
);

describe("names on the bus", () => {
    it("are the interfaces that dbus/*.xml describes", () => {
        assert.deepEqual(Object.values(INTERFACE).sort(), described.map(({ name }) => name).sort());
    });

    it("begin with the name of the service", () => {
        for (const name of [...Object.values(INTERFACE), ERROR_PREFIX]) {
            assert.equal(`${name}.`.startsWith(`${SERVICE}.`), true, name);
        }
    });

    it("give each kind of object the interface that can be removed, saved or cancelled", () => {
        for (const iface of Object.values(INTERFACE_OF)) {
            const methods = described.find(({ name }) => name === iface)?.methods ?? {};
            assert.ok("Remove" in methods || "Cancel" in methods, iface);
        }
    });

    it("begin every polkit action", () => {
        const actions = described.flatMap(({ methods }) =>
            Object.values(methods).flatMap(({ action }) => action ?? []),
        );
        assert.ok(actions.length > 0 && actions.every((action) => action.startsWith(`${ACTION_PREFIX}.`)));
    });
});
