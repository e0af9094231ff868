// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import assert from "node:assert/strict";
import { waysTo } from "../../../cockpit-plugin/src/state/connect.js";
import { byPath, exported, port } from "./objects.js";

describe("page: how to connect", () => {
    const commands = (...args: Parameters<typeof waysTo>): string[] =>
        waysTo(...args).flatMap(({ discover, connect }) => [discover, connect]);

    it("is a pair of commands for each port when any host may", () => {
        const ports = [port(1), port(2, { Transport: "loop", Address: "", Service: "" }), port(3)];
        const on = ports.slice(0, 2).map(({ path }) => path);
        assert.deepEqual(commands(exported("nqn.x:y", "/", { Ports: on }), byPath(...ports)), [
            "nvme discover -t tcp -a 192.0.2.10 -s 4420",
            "nvme connect -t tcp -a 192.0.2.10 -s 4420 -n nqn.x:y",
            "nvme discover -t loop",
            "nvme connect -t loop -n nqn.x:y",
        ]);
    });

    it("names the host, leaves room for its key and asks for TLS where they are needed", () => {
        const one = port(1, { Tls: true, Address: "::", Family: "ipv6" });
        const it = exported("nqn.x", "/", {
            Ports: [one.path],
            AllowAnyHost: false,
            AllowedHosts: ["nqn.a", "nqn.b"],
            AuthenticatedHosts: ["nqn.b"],
        });
        const ways = waysTo(it, byPath(one));
        assert.equal(ways[0]?.discover, "nvme discover -t tcp -a ADDRESS -s 4420 -q nqn.a --tls");
        assert.deepEqual(
            ways.map(({ connect }) => connect),
            [
                "nvme connect -t tcp -a ADDRESS -s 4420 -n nqn.x -q nqn.a --tls",
                "nvme connect -t tcp -a ADDRESS -s 4420 -n nqn.x -q nqn.b --dhchap-secret KEY --tls",
            ],
        );
        assert.deepEqual(
            ways.map(({ key, anyAddress }) => [key, anyAddress]),
            [
                [false, true],
                [true, true],
            ],
        );
    });

    it("is nothing while no host may, and for a port that is gone", () => {
        const one = port(1);
        assert.deepEqual(commands(exported("nqn.x", "/", { Ports: ["/gone"] }), byPath(one)), []);
        assert.deepEqual(commands(exported("nqn.x", "/", { Ports: [one.path], AllowAnyHost: false }), byPath(one)), []);
    });

    it("gives a shell a name of others as one word", () => {
        const one = port(1);
        const [way] = waysTo(exported("nqn.x; reboot", "/", { Ports: [one.path] }), byPath(one));
        assert.match(way?.connect ?? "", / -n 'nqn\.x; reboot'$/);
    });
});
