// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { ROOT } from "../../../service/src/facts/busnames.js";
import { BusError, getManagedObjects, ManagerClient, Variant } from "../../../service/src/client/index.js";
import { type ObjectChange, ObjectCache } from "../../../service/src/rest/state/objectcache.js";

type Signal = { path: string; interface: string; member: string; args: unknown[] };
type Listener = (signal: Signal) => void;
const VOLUME = "org.rapiddisk.Manager.Volume";
const OBJECTS = "org.freedesktop.DBus.ObjectManager";
const path = (name: string): string => `${ROOT}/volumes/${name}`;
const volume = (size: bigint): Map<string, Map<string, Variant>> =>
    new Map([[VOLUME, new Map<string, Variant>([["Size", new Variant("t", size)]])]]);

/** A service of which a test decides what it says and when. */
class FakeService {
    tree = new Map([[path("rd0"), volume(1n)]]);
    loads = 0;
    /** Called before the answer to GetManagedObjects. */
    beforeAnswer = (): void => undefined;
    fails: BusError | undefined;
    private readonly listeners: { member: string | undefined; listener: Listener }[] = [];

    readonly manager = new ManagerClient({
        name: ":1.1",
        closed: new Promise<void>(() => undefined),
        close: async () => undefined,
        subscribe: async (match, listener) => {
            this.listeners.push({ member: match.member, listener });
            return { close: async () => undefined };
        },
        call: async ({ member }, _signature, args) => {
            if (member === "NameHasOwner") return [true];
            if (this.fails !== undefined) throw this.fails;
            if (member === "GetAll") return [new Map([["Revision", new Variant("t", args[0] === "" ? 0n : 7n)]])];
            this.loads += 1;
            const answer = [new Map(this.tree)];
            this.beforeAnswer();
            return answer;
        },
    });

    signal(iface: string, member: string, at: string, ...args: unknown[]): void {
        for (const one of this.listeners) {
            if (one.member === undefined) one.listener({ path: at, interface: iface, member, args });
        }
    }
    added(name: string, size: bigint): void {
        this.signal(OBJECTS, "InterfacesAdded", ROOT, path(name), volume(size));
    }
    removed(name: string): void {
        this.signal(OBJECTS, "InterfacesRemoved", ROOT, path(name), [VOLUME]);
    }
    resized(name: string, size: bigint): void {
        const values = new Map([["Size", new Variant("t", size)]]);
        this.signal("org.freedesktop.DBus.Properties", "PropertiesChanged", path(name), VOLUME, values, []);
    }
    owner(present: boolean): void {
        for (const one of this.listeners) {
            const args = ["org.rapiddisk.Manager", "", present ? ":1.2" : ""];
            if (one.member === "NameOwnerChanged") one.listener({ path: "", interface: "", member: "", args });
        }
    }
}

describe("a request of a client that may start nothing", () => {
    it("says so to the bus, each of them", async () => {
        const starts: (boolean | undefined)[] = [];
        const bus: ConstructorParameters<typeof ManagerClient>[0] = {
            name: ":1.1",
            closed: new Promise<void>(() => undefined),
            close: async () => undefined,
            subscribe: async () => ({ close: async () => undefined }),
            call: async (_target, _signature, _args, options) => {
                starts.push(options?.autoStart);
                return [new Map()];
            },
        };
        for (const manager of [new ManagerClient(bus, undefined, false), new ManagerClient(bus)]) {
            await manager.send(getManagedObjects());
        }
        assert.deepEqual(starts, [false, true]);
    });
});

describe("the object cache", () => {
    const sizes = (objects: ObjectCache): Record<string, unknown> =>
        Object.fromEntries([...objects.all("volumes")].map(([at, { Size }]) => [at.slice(path("").length), Size]));

    it("is read once and kept by signals, each of which is told", async () => {
        const service = new FakeService();
        const objects = new ObjectCache(service.manager);
        const told: string[] = [];
        objects.on("change", ({ what, path: at }: ObjectChange) => told.push(`${what} ${at.slice(path("").length)}`));
        await objects.start();
        service.added("rd1", 2n);
        service.resized("rd1", 3n);
        service.resized("nope", 3n);
        service.removed("rd0");
        service.removed("rd0");
        assert.deepEqual(sizes(objects), { rd1: 3n });
        assert.deepEqual(told, ["added rd1", "changed rd1", "removed rd0"]);
        assert.equal(service.loads, 1);
        assert.equal(objects.byName("volumes", "rd1")?.properties.Size, 3n);
        assert.equal(objects.byName("volumes", "__proto__"), undefined);
    });

    it("misses nothing that happens while it is read", async () => {
        const service = new FakeService();
        const objects = new ObjectCache(service.manager);
        service.beforeAnswer = () => {
            service.resized("rd0", 5n);
            service.added("rd1", 6n);
            service.added("rd2", 7n);
            service.removed("rd2");
        };
        await objects.start();
        assert.deepEqual(sizes(objects), { rd0: 5n, rd1: 6n });
    });

    it("is empty and says so when the service has gone, does not start it, and is read again when it comes", async () => {
        const service = new FakeService();
        const objects = new ObjectCache(service.manager);
        await objects.start();
        service.owner(false);
        service.fails = new BusError("org.freedesktop.DBus.Error.ServiceUnknown", "nobody");
        await assert.rejects(objects.whenPresent(), /has ended\. Start it with/);
        assert.equal(service.loads, 1, "it was called, which would have started it");
        service.fails = undefined;
        service.tree = new Map([[path("rd9"), volume(9n)]]);
        service.owner(true);
        await objects.whenPresent();
        assert.deepEqual(sizes(objects), { rd9: 9n });
    });

    it("says why when the service cannot be started", async () => {
        const service = new FakeService();
        service.fails = new BusError("org.freedesktop.DBus.Error.TimedOut", "It did not start.");
        const objects = new ObjectCache(service.manager);
        await objects.start();
        await assert.rejects(objects.whenPresent(), /It did not start\./);
    });

    it("takes no property of a foreign object or interface for one of ours", async () => {
        const service = new FakeService();
        const objects = new ObjectCache(service.manager);
        await objects.start();
        service.signal(OBJECTS, "InterfacesAdded", ROOT, "/org/example/volumes/rd5", volume(1n));
        service.signal(OBJECTS, "InterfacesAdded", ROOT, `${ROOT}/volumes/rd5/x`, volume(1n));
        service.signal(OBJECTS, "InterfacesAdded", ROOT, `${ROOT}/__proto__/rd5`, volume(1n));
        assert.deepEqual(Object.keys(sizes(objects)), ["rd0"]);
    });
});
