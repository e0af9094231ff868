// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about the NVMe target. */
import assert from "node:assert/strict";
import type { NvmetNode, NvmetSubsystem } from "../../../service/src/kernel/index.js";
import { attach, look, MIB, patiently, refused, type Promised, type KernelFixture } from "./fixture.js";

const UUID = "0b6ff2c1-9d44-5a38-8a1b-2f6d3c7e5a90";
const PREFIX = "nqn.2021-06.org.rapiddisk:contract-";

/** A subsystem with one switched-off namespace over a new RAM disk. */
async function build(
    fixture: KernelFixture,
): Promise<{ nqn: string; number: number; namespace: NvmetNode; subsystem: NvmetNode }> {
    const number = await attach(fixture, 4 * MIB);
    const nqn = `${PREFIX}${number}`;
    const subsystem: NvmetNode = { kind: "subsystem", nqn };
    const namespace: NvmetNode = { kind: "namespace", nqn, id: 1 };
    const { kernel } = fixture;
    await kernel.nvmetCreate(subsystem);
    await kernel.nvmetWrite(subsystem, "attr_serial", "0123456789abcdef0123");
    await kernel.nvmetWrite(subsystem, "attr_model", "RapidDisk");
    await kernel.nvmetCreate(namespace);
    await kernel.nvmetWrite(namespace, "device_path", `/dev/rd${number}`);
    await kernel.nvmetWrite(namespace, "device_uuid", UUID);
    await kernel.nvmetWrite(namespace, "device_nguid", UUID);
    return { nqn, number, namespace, subsystem };
}

/** A port that listens, once linked, on a loopback address. */
async function port(fixture: KernelFixture, id: number, values: Record<string, string>): Promise<NvmetNode> {
    const node: NvmetNode = { kind: "port", id };
    await fixture.kernel.nvmetCreate(node);
    for (const [name, value] of Object.entries(values)) await fixture.kernel.nvmetWrite(node, name, value);
    return node;
}

const tcp = (service: string, address = "127.0.0.1"): Record<string, string> => ({
    addr_trtype: "tcp",
    addr_adrfam: "ipv4",
    addr_traddr: address,
    addr_trsvcid: service,
});

async function find(fixture: KernelFixture, nqn: string): Promise<NvmetSubsystem | undefined> {
    return (await fixture.kernel.readNvmet()).subsystems.find((one) => one.nqn === nqn);
}

/** Removes in the one right order; what is not there any more is passed over. */
async function takeDown(fixture: KernelFixture, nodes: readonly NvmetNode[]): Promise<void> {
    for (const node of nodes) {
        if (node.kind === "namespace") await fixture.kernel.nvmetWrite(node, "enable", "0").catch(() => undefined);
        await fixture.kernel.nvmetRemove(node).catch(() => undefined);
    }
}

/** Hears what is told of the target. `next` waits for the next notice. */
function listen(fixture: KernelFixture): { next: () => Promise<void>; close: () => void } {
    let heard = 0;
    let wake = (): void => undefined;
    const watcher = fixture.kernel.watch(({ subsystem }) => {
        if (subsystem === "nvmet") heard++;
        wake();
    });
    const next = async (): Promise<void> => {
        const before = heard;
        while (heard === before) await new Promise<void>((resolve) => (wake = resolve));
    };
    return { next, close: () => watcher.close() };
}

export const nvmetPromises: Promised[] = [
    {
        name: "a subsystem is in the tree as it was written, and its device has a user only while it is enabled",
        needs: ["nvmet"],
        run: async (fixture) => {
            const { nqn, number, namespace, subsystem } = await build(fixture);
            try {
                const inode = (await find(fixture, nqn))?.inode;
                assert.ok(inode);
                const expected = {
                    nqn,
                    inode,
                    allowAnyHost: false,
                    serial: "0123456789abcdef0123",
                    model: "RapidDisk",
                    hosts: [],
                    namespaces: [{ id: 1, devicePath: `/dev/rd${number}`, uuid: UUID, nguid: UUID, enabled: false }],
                };
                assert.deepEqual(await find(fixture, nqn), expected);
                assert.deepEqual((await look(fixture)).device(`rd${number}`)?.users, []);
                await fixture.kernel.nvmetWrite(namespace, "enable", "1");
                assert.equal((await find(fixture, nqn))?.namespaces[0]?.enabled, true);
                assert.deepEqual((await look(fixture)).device(`rd${number}`)?.users, [{ kind: "export", name: nqn }]);
                assert.deepEqual((await look(fixture)).all.nvmet.subsystems.map((one) => one.nqn).includes(nqn), true);
                await refused(fixture.kernel.detachRamDisk(number), "EBUSY");
                await fixture.kernel.nvmetWrite(namespace, "revalidate_size", "1");
            } finally {
                await takeDown(fixture, [namespace, subsystem]);
            }
            assert.equal(await find(fixture, nqn), undefined);
            await patiently(fixture, () => fixture.kernel.detachRamDisk(number));
        },
    },
    {
        name: "an export does not claim its device: device-mapper takes it too, but a cache's store is for nobody else to write",
        needs: ["nvmet", "cache"],
        run: async (fixture) => {
            const { number, namespace, subsystem } = await build(fixture);
            const origin = await fixture.origin();
            const name = fixture.freeName();
            const length = ((await look(fixture)).device(origin)?.size ?? 0) / 512;
            const params = `/dev/${origin} /dev/rd${number} ${(4 * MIB) / 512} 0`;
            const create = (): Promise<void> =>
                fixture.kernel.createMapping(name, "", { length, type: "rapiddisk-cache", params });
            const enable = (): Promise<void> => fixture.kernel.nvmetWrite(namespace, "enable", "1");
            try {
                await enable();
                const above = fixture.freeName();
                await fixture.other.createLinear(above, `rd${number}`, 2048);
                await fixture.settle();
                await fixture.other.removeMapping(above);
                await refused(create(), "EBUSY");
                await fixture.kernel.nvmetWrite(namespace, "enable", "0");
                await patiently(fixture, create);
                await refused(enable(), "EBUSY");
                await patiently(fixture, () => fixture.kernel.removeMapping(name));
                await patiently(fixture, enable);
            } finally {
                await takeDown(fixture, [namespace, subsystem]);
            }
        },
    },
    {
        name: "an enabled namespace is neither changed nor removed",
        needs: ["nvmet"],
        run: async (fixture) => {
            const { nqn, namespace, subsystem } = await build(fixture);
            try {
                await fixture.kernel.nvmetWrite(namespace, "enable", "1");
                await refused(fixture.kernel.nvmetWrite(namespace, "device_path", "/dev/rd1"), "EBUSY");
                await refused(fixture.kernel.nvmetWrite(namespace, "device_uuid", UUID), "EBUSY");
                await refused(fixture.kernel.nvmetRemove(namespace), "EBUSY");
                await refused(fixture.kernel.nvmetRemove(subsystem), "ENOTEMPTY");
                assert.equal((await find(fixture, nqn))?.namespaces[0]?.enabled, true);
            } finally {
                await takeDown(fixture, [namespace, subsystem]);
            }
        },
    },
    {
        name: "a port refuses what it cannot listen on, and changes while something is reached through it",
        needs: ["nvmet", "nvmet-tcp"],
        run: async (fixture) => {
            const { nqn, namespace, subsystem } = await build(fixture);
            const ids = [60901, 60902, 60903, 60904];
            const link = (id = 0): NvmetNode => ({ kind: "port-link", port: id, nqn });
            try {
                await port(fixture, ids[0] ?? 0, tcp("44201"));
                await port(fixture, ids[1] ?? 0, tcp("44201"));
                await port(fixture, ids[2] ?? 0, tcp("44201", "192.0.2.250"));
                await port(fixture, ids[3] ?? 0, {});
                await fixture.kernel.nvmetCreate(link(ids[0]));
                await refused(fixture.kernel.nvmetCreate(link(ids[0])), "EEXIST");
                await refused(fixture.kernel.nvmetCreate(link(ids[1])), "EADDRINUSE");
                await refused(fixture.kernel.nvmetCreate(link(ids[2])), "EADDRNOTAVAIL");
                await refused(fixture.kernel.nvmetCreate(link(ids[3])), "EINVAL");
                await refused(
                    fixture.kernel.nvmetWrite({ kind: "port", id: 60901 }, "addr_trsvcid", "44202"),
                    "EACCES",
                );
                await refused(fixture.kernel.nvmetRemove({ kind: "port", id: 60901 }), "ENOTEMPTY");
                await refused(fixture.kernel.nvmetRemove(subsystem), "EBUSY");
                const tree = await fixture.kernel.readNvmet();
                const { inode, ...shown } = tree.ports.find((one) => one.id === 60901) ?? {};
                assert.ok(inode);
                assert.deepEqual(shown, {
                    id: 60901,
                    transport: "tcp",
                    family: "ipv4",
                    address: "127.0.0.1",
                    service: "44201",
                    interface: "lo",
                    tls: false,
                    subsystems: [nqn],
                });
            } finally {
                const links = ids.map((id) => link(id));
                const ports = ids.map((id): NvmetNode => ({ kind: "port", id }));
                await takeDown(fixture, [...links, namespace, subsystem, ...ports]);
            }
            const left = (await fixture.kernel.readNvmet()).ports.filter((one) => ids.includes(one.id));
            assert.deepEqual(left, []);
        },
    },
    {
        name: "hosts are allowed by name or all at once, never both, and one that is allowed somewhere stays",
        needs: ["nvmet"],
        run: async (fixture) => {
            const { nqn, namespace, subsystem } = await build(fixture);
            const host = "nqn.2014-08.org.nvmexpress:uuid:11111111-2222-4333-8444-555555555555";
            const allowed: NvmetNode = { kind: "allowed-host", nqn, host };
            const node: NvmetNode = { kind: "host", host };
            try {
                await refused(fixture.kernel.nvmetCreate(allowed), "ENOENT");
                await fixture.kernel.nvmetCreate(node);
                await refused(fixture.kernel.nvmetCreate(node), "EEXIST");
                await fixture.kernel.nvmetCreate(allowed);
                await refused(fixture.kernel.nvmetCreate(allowed), "EEXIST");
                await refused(fixture.kernel.nvmetWrite(subsystem, "attr_allow_any_host", "1"), "EINVAL");
                await refused(fixture.kernel.nvmetRemove(node), "EBUSY");
                assert.deepEqual((await find(fixture, nqn))?.hosts, [host]);
                await fixture.kernel.nvmetRemove(allowed);
                await refused(fixture.kernel.nvmetRemove(allowed), "ENOENT");
                await fixture.kernel.nvmetWrite(subsystem, "attr_allow_any_host", "1");
                await refused(fixture.kernel.nvmetCreate(allowed), "EINVAL");
                assert.equal((await find(fixture, nqn))?.allowAnyHost, true);
            } finally {
                await takeDown(fixture, [namespace, allowed, subsystem, node]);
            }
        },
    },
    {
        name: "a key can be set, told apart from none, and cleared; no error repeats it",
        needs: ["nvmet", "nvmet-auth"],
        run: async (fixture) => {
            const host = "nqn.2014-08.org.nvmexpress:uuid:21111111-2222-4333-8444-555555555555";
            const node: NvmetNode = { kind: "host", host };
            const key = "DHHC-1:00:bm90IGEgcmVhbCBrZXksIG9ubHkgb25lIGZvciB0ZXN0c3I5GQ==:";
            let inode = 0;
            const read = async () => {
                const { inode: number = 0, ...shown } =
                    (await fixture.kernel.readNvmet()).hosts.find((one) => one.nqn === host) ?? {};
                inode = number;
                return shown;
            };
            try {
                await fixture.kernel.nvmetCreate(node);
                assert.deepEqual(await read(), { nqn: host, hasKey: false, hasControllerKey: false });
                await fixture.kernel.nvmetWrite(node, "dhchap_key", key);
                await fixture.kernel.nvmetWrite(node, "dhchap_hash", "hmac(sha512)");
                await fixture.kernel.nvmetWrite(node, "dhchap_dhgroup", "ffdhe2048");
                assert.deepEqual(await read(), { nqn: host, hasKey: true, hasControllerKey: false });
                assert.equal(await fixture.kernel.nvmetRead(node, "dhchap_key"), key);
                const error = await refused(fixture.kernel.nvmetWrite(node, "dhchap_key", "hunter2"), "EINVAL");
                assert.ok(!error.message.includes("hunter2"));
                await refused(fixture.kernel.nvmetWrite(node, "dhchap_hash", "sha256"), "EINVAL");
                await fixture.kernel.nvmetWrite(node, "dhchap_key", "");
                const before = inode;
                assert.deepEqual(await read(), { nqn: host, hasKey: false, hasControllerKey: false });
                assert.equal(inode, before, "one object has one number");
                await fixture.kernel.nvmetRemove(node);
                await fixture.kernel.nvmetCreate(node);
                await read();
                assert.ok(inode > 0 && inode !== before, "the next of the same name has another");
            } finally {
                await takeDown(fixture, [node]);
            }
        },
    },
    {
        name: "names that are no single component, numbers out of range, and attributes this kernel lacks are refused",
        needs: ["nvmet"],
        run: async (fixture) => {
            const { kernel } = fixture;
            const create = async (node: NvmetNode): Promise<void> => kernel.nvmetCreate(node);
            for (const nqn of ["", ".", "..", "a/b", "../../x", "a\nb", "x".repeat(256)]) {
                await refused(create({ kind: "subsystem", nqn }), "EINVAL");
                await refused(create({ kind: "host", host: nqn }), "EINVAL");
            }
            for (const id of [0, -1, 1.5, 65536]) await refused(create({ kind: "port", id }), "EINVAL");
            const { namespace, subsystem } = await build(fixture);
            try {
                const write = async (name: string, value: string): Promise<void> =>
                    kernel.nvmetWrite(subsystem, name, value);
                await refused(write("attr_unheard_of", "1"), "ENOTSUP");
                await refused(write("../../x", "1"), "EINVAL");
                await refused(write("attr_serial", ""), "EINVAL");
                await refused(write("attr_serial", "a\nb"), "EINVAL");
                await refused(kernel.nvmetRead(subsystem, "attr_unheard_of"), "ENOTSUP");
            } finally {
                await takeDown(fixture, [namespace, subsystem]);
            }
            await refused(kernel.nvmetWrite(subsystem, "attr_serial", "1"), "ENOENT", "ENOTSUP");
            await refused(kernel.nvmetRemove(subsystem), "ENOENT");
        },
    },
    {
        name: "what others do to the target is told of",
        needs: ["nvmet"],
        run: async (fixture) => {
            await fixture.quiet();
            const { kernel } = fixture;
            const { next, close } = listen(fixture);
            await fixture.quiet();
            const node: NvmetNode = { kind: "subsystem", nqn: `${PREFIX}watched` };
            try {
                await kernel.nvmetCreate(node);
                await next();
                await kernel.nvmetWrite(node, "attr_allow_any_host", "1");
                await next();
                await kernel.nvmetRemove(node);
                await next();
            } finally {
                await takeDown(fixture, [node]);
                close();
            }
        },
    },
    {
        name: "what others undo of ours at once is told of",
        needs: ["nvmet"],
        run: async (fixture) => {
            await fixture.quiet();
            const { next, close } = listen(fixture);
            await fixture.quiet();
            const node: NvmetNode = { kind: "subsystem", nqn: `${PREFIX}undone` };
            try {
                await fixture.kernel.nvmetCreate(node);
                const told = next();
                await fixture.other.removeNvmet(node.nqn);
                await told;
                assert.equal(
                    (await fixture.kernel.readNvmet()).subsystems.some(({ nqn }) => nqn === node.nqn),
                    false,
                );
            } finally {
                await takeDown(fixture, [node]);
                close();
            }
        },
    },
    {
        name: "a reading of one subsystem tells of it, of its hosts and of the ports, and of others that came or went",
        needs: ["nvmet"],
        run: async (fixture) => {
            const { nqn, number, subsystem, namespace } = await build(fixture);
            const since = await fixture.kernel.readNvmet();
            const [host, other] = [`${nqn}-host`, `${nqn}-other`];
            const made: NvmetNode[] = [
                { kind: "subsystem", nqn: other },
                { kind: "host", host },
                { kind: "allowed-host", nqn, host },
            ];
            try {
                for (const node of made) await fixture.kernel.nvmetCreate(node);
                await fixture.kernel.nvmetWrite(namespace, "enable", "1");
                const part = await fixture.kernel.readNvmet({ nqn, since });
                assert.deepEqual(part, await fixture.kernel.readNvmet());
                assert.deepEqual(part.subsystems.find((one) => one.nqn === nqn)?.hosts, [host]);
                assert.equal((await look(fixture)).device(`rd${number}`)?.users.length, 1);
                await takeDown(fixture, [...made].reverse());
                await takeDown(fixture, [namespace, subsystem]);
                assert.deepEqual(
                    await fixture.kernel.readNvmet({ nqn, since: part }),
                    await fixture.kernel.readNvmet(),
                );
            } finally {
                await takeDown(fixture, [...made].reverse());
                await takeDown(fixture, [namespace, subsystem]);
            }
        },
    },
    {
        name: "features are told, probing leaves nothing behind, and the network has the loopback address",
        needs: ["nvmet"],
        run: async (fixture) => {
            const before = await fixture.kernel.readNvmet();
            const features = await fixture.kernel.nvmetFeatures();
            assert.deepEqual(Object.keys(features).sort(), ["auth", "tls", "tlshd"]);
            assert.deepEqual(await fixture.kernel.readNvmet(), before);
            const network = await fixture.kernel.readNetwork();
            const loopback = { interface: "lo", family: "ipv4", address: "127.0.0.1" };
            assert.deepEqual(
                network.addresses.find((one) => one.address === "127.0.0.1"),
                loopback,
            );
            assert.notEqual(network.hostname, "");
            const sessions = await fixture.kernel.readSessions();
            assert.ok(Array.isArray(sessions.tcp) && Array.isArray(sessions.loop));
        },
    },
];
