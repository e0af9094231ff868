// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { connectionLists, Peers } from "../../../service/src/rest/access/peers.js";
import { Places, type PlaceHolder } from "../../../service/src/rest/access/places.js";

interface One extends PlaceHolder {
    name: string;
}

const one = (name: string, key: string, more: Partial<PlaceHolder> = {}): One => ({
    name,
    key,
    isKnown: false,
    isBusy: false,
    ...more,
});

/** Takes places for all and gives the names of those who lost theirs, looking when there are too few. */
function crowd(most: number, all: One[]): string[] {
    const places = new Places<One>(most, 0, (items) => items);
    return all.flatMap((item) => (places.add(item) ? places.overflow().map(({ name }) => name) : []));
}

describe("places that peers share", () => {
    it("are enough for everybody until there are too few", () => {
        assert.deepEqual(crowd(3, [one("a", "x"), one("b", "x"), one("c", "x")]), []);
    });

    it("are kept from one who has most of them: what comes of his last, another's takes one of his", () => {
        const many = [one("a", "x"), one("b", "x"), one("c", "x"), one("d", "x")];
        assert.deepEqual(crowd(3, many), ["d"]);
        assert.deepEqual(crowd(3, [...many, one("root", "y"), one("e", "x")]), ["d", "c", "e"]);
    });

    it("are lost last by who is being served, and by who has shown who he is", () => {
        const busy = [one("a", "x"), one("b", "x", { isBusy: true }), one("c", "y")];
        assert.deepEqual(crowd(2, busy), ["a"]);
        const known = [one("a", "t", { isKnown: true }), one("b", "t", { isKnown: true }), one("c", "x")];
        assert.deepEqual(crowd(2, known), ["c"]);
        const all = ["a", "b", "c"].map((name) => one(name, "t", { isKnown: true }));
        assert.deepEqual(crowd(2, all), ["c"]);
    });

    it("go to who comes where everybody is another: one of a thousand users is not shut out by the rest", () => {
        const users = Array.from({ length: 4 }, (_, index) => one(`${index}`, `user ${index}`));
        assert.deepEqual(crowd(3, users), ["0"]);
    });

    it("are looked at only when there are too few, and once for many who come together", () => {
        let looks = 0;
        const places = new Places<One>(2, 2, (items) => {
            looks += 1;
            return items;
        });
        const few = ["a", "b", "c", "d", "e"].map((name) => places.add(one(name, "x")));
        assert.deepEqual(few, [false, false, false, false, true]);
        assert.deepEqual(
            places.overflow().map(({ name }) => name),
            ["e", "d", "c"],
        );
        assert.deepEqual([looks, places.size], [1, 2]);
        assert.deepEqual(places.overflow(), []);
        assert.equal(looks, 1);
    });
});

describe("who is at the other end", () => {
    const header = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
    const row = (local: string, remote: string, uid: number, inode: number): string =>
        `   3: ${local} ${remote} 01 00000000:00000000 02:0000 00000000  ${uid}        0 ${inode} 2 0 20 4 30 10 -1`;
    const end = (remoteAddress: string, remotePort: number, localAddress = remoteAddress) => ({
        localAddress,
        localPort: 9118,
        remoteAddress,
        remotePort,
    });

    it("is by address for who comes from elsewhere, of IPv6 by its network", () => {
        const peers = new Peers(() => assert.fail("the list of connections says nothing of them"));
        const addresses = ["192.0.2.7", "2001:db8:0:1::7", "2001:db8:0:1:2:3:4:5", "2001:db8::", "fe80::1%eth0"];
        assert.deepEqual(peers.keysOf(addresses.map((address) => end(address, 1, "192.0.2.1"))), [
            "address 192.0.2.7",
            "network 2001:db8:0:1",
            "network 2001:db8:0:1",
            "network 2001:db8:0:0",
            "network fe80:0:0:0",
        ]);
    });

    it("is a user on the loopback; one that the list does not tell is nobody's, never root's", function () {
        const hex = (little: string, big: string): string =>
            new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? little : big;
        const [four, other] = [hex("0100007F", "7F000001"), hex("0200007F", "7F000002")];
        const six = `${"0".repeat(24)}${hex("01000000", "00000001")}`;
        let reads = 0;
        const peers = new Peers(() => {
            reads += 1;
            return [
                header,
                row(`${four}:239E`, `${four}:1001`, 0, 77), // Our own end.
                row(`${other}:1001`, `${four}:239E`, 5, 79), // The same port of another address.
                row(`${four}:1001`, `${four}:239E`, 1000, 78),
                row(`${four}:1002`, `${four}:239E`, 0, 0), // Closed by its process.
                row(`${six}:1001`, `${six}:239E`, 1001, 80),
            ].join("\n");
        });
        const ends = [end("127.0.0.1", 0x1001), end("127.0.0.1", 0x1002), end("::1", 0x1001)];
        assert.deepEqual(peers.keysOf(ends), ["user 1000", "address 127.0.0.1", "user 1001"]);
        assert.deepEqual(peers.keysOf([ends[0]!]), ["user 1000"]);
        assert.equal(reads, 1);
    });

    it("is told by this host's kernel, also through descriptors that systemd has opened", async function () {
        const opened = existsSync("/proc/1/net/tcp6") ? ["tcp", "tcp6"] : ["tcp"];
        const tables = opened.map((name) => openSync(`/proc/self/net/${name}`, "r"));
        for (const [host, fds] of [
            ["127.0.0.1", []],
            ["::1", []],
            ["127.0.0.1", tables],
            ["127.0.0.1", tables],
            ["::1", tables],
        ] as const) {
            const peers = new Peers(connectionLists(fds));
            const server = createServer();
            server.listen(0, host);
            try {
                await once(server, "listening");
            } catch (error) {
                console.log(`      skipped: ${(error as Error).message}`);
                continue;
            }
            const taken = once(server, "connection") as Promise<[Socket]>;
            const client = connect((server.address() as AddressInfo).port, host);
            const [socket] = await taken;
            assert.deepEqual(peers.keysOf([socket]), [`user ${process.getuid!()}`]);
            client.destroy();
            server.close();
        }
        tables.forEach((fd) => closeSync(fd));
    });
});
