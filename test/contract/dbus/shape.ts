// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Promises about the shape of the contract: every interface, member, signature and type, as introspection tells them. */
import assert from "node:assert/strict";
import { type BusClient, type InterfaceSpec, type Variant } from "../../../service/src/bus/index.js";
import { cacheInterface, interfaces } from "../../../service/src/generated/specs.js";
import { BUS_NAME, call, MIB, refusal, ROOT } from "./calls.js";
import { clean, type Promised, type ServiceFixture, type Rows } from "./fixture.js";

/** What the contract fixes, written out by hand: the generated description must not be its own witness. */
const FIXED: Record<string, { methods: Record<string, [string, string]>; properties: Record<string, string> }> = {
    "org.rapiddisk.Manager": {
        methods: {
            LoadModules: ["a{sv}", "as"],
            GetResources: ["a{sv}", "aa{sv}"],
            ListVolumes: ["", "aa{sv}"],
            ListCaches: ["", "aa{sv}"],
            ListPorts: ["", "aa{sv}"],
            ListExports: ["", "aa{sv}"],
            GetAllStatistics: ["a{sv}", "a{oa{sv}}"],
            Resolve: ["s", "o"],
            CreateVolume: ["ta{sv}", "o"],
            CreateCache: ["sssa{sv}", "o"],
            CreatePort: ["ussa{sv}", "o"],
            CreateExport: ["sa{sv}", "o"],
        },
        properties: {
            Version: "s",
            ApiVersion: "u",
            Features: "as",
            Modules: "a{sb}",
            MemoryTotal: "t",
            MemoryAvailable: "t",
            MemoryUsed: "t",
            MemoryFree: "t",
            MemoryCommitted: "t",
        },
    },
    "org.rapiddisk.Manager.Volume": {
        methods: {
            Resize: ["ta{sv}", ""],
            SetReadOnly: ["ba{sv}", ""],
            Erase: ["a{sv}", ""],
            Remove: ["a{sv}", ""],
            GetStatistics: ["a{sv}", "a{sv}"],
        },
        properties: {
            Name: "s",
            Number: "u",
            Device: "s",
            Size: "t",
            Used: "t",
            ReadOnly: "b",
            Errors: "t",
            InUse: "b",
            Users: "as",
            UserDetails: "aa{sv}",
            Persistent: "b",
        },
    },
    "org.rapiddisk.Manager.Cache": {
        methods: {
            GetStatistics: ["a{sv}", "a{sv}"],
            ResetStatistics: ["a{sv}", ""],
            Flush: ["a{sv}", ""],
            Resize: ["a{sv}", ""],
            Remove: ["a{sv}", ""],
        },
        properties: {
            Name: "s",
            Device: "s",
            Volume: "o",
            Source: "s",
            State: "s",
            Mode: "s",
            Size: "t",
            CacheSize: "t",
            BlockSize: "u",
            InUse: "b",
            Users: "as",
            UserDetails: "aa{sv}",
            Persistent: "b",
        },
    },
    "org.rapiddisk.Manager.Port": {
        methods: { Remove: ["a{sv}", ""] },
        properties: {
            Id: "u",
            Transport: "s",
            Address: "s",
            Family: "s",
            Service: "s",
            Interface: "s",
            Exports: "ao",
        },
    },
    "org.rapiddisk.Manager.Export": {
        methods: {
            AllowHost: ["sa{sv}", ""],
            DenyHost: ["sa{sv}", ""],
            AddPort: ["ua{sv}", ""],
            RemovePort: ["ua{sv}", ""],
            SetEnabled: ["ba{sv}", ""],
            Revalidate: ["a{sv}", ""],
            Remove: ["a{sv}", ""],
        },
        properties: {
            Nqn: "s",
            NamespaceId: "u",
            Device: "s",
            Backing: "o",
            Enabled: "b",
            AllowAnyHost: "b",
            AllowedHosts: "as",
            Ports: "ao",
            Serial: "s",
            Model: "s",
            Persistent: "b",
            Managed: "b",
        },
    },
    "org.rapiddisk.Manager.Job": {
        methods: { Cancel: ["a{sv}", ""] },
        properties: {
            Operation: "s",
            State: "s",
            Progress: "d",
            Bytes: "t",
            ExpectedEndTime: "t",
            Objects: "ao",
            Error: "s",
            Message: "s",
        },
    },
};

async function introspect(client: BusClient, path: string): Promise<string> {
    const target = {
        destination: BUS_NAME,
        path,
        interface: "org.freedesktop.DBus.Introspectable",
        member: "Introspect",
    };
    const [xml] = await client.call(target, "", []);
    return xml as string;
}

/** Methods and properties of an interface in introspection XML. */
function shapeOf(
    xml: string,
    name: string,
): { methods: Record<string, [string, string]>; properties: Record<string, string> } {
    const body = new RegExp(`<interface name="${name.replaceAll(".", "\\.")}">(.*?)</interface>`, "s").exec(xml)?.[1];
    assert.ok(body !== undefined, `${name} is not in the introspection data`);
    const methods: Record<string, [string, string]> = {};
    for (const [, method, inner] of body.matchAll(/<method name="(\w+)"(?:\/>|>(.*?)<\/method>)/gs)) {
        const args = [...(inner ?? "").matchAll(/<arg ([^>]*)>/g)].map(([, attributes]) => attributes ?? "");
        const of = (direction: string): string =>
            args
                .filter((attributes) => attributes.includes(`direction="${direction}"`))
                .map((attributes) => /type="([^"]*)"/.exec(attributes)?.[1] ?? "?")
                .join("");
        assert.ok(
            args.every((attributes) => /name="[^"]+"/.test(attributes)),
            `${method}: an argument has no name`,
        );
        methods[method ?? ""] = [of("in"), of("out")];
    }
    const properties: Record<string, string> = {};
    for (const [, attributes] of body.matchAll(/<property ([^>]*)>/g)) {
        properties[/name="(\w+)"/.exec(attributes ?? "")?.[1] ?? ""] =
            /type="([^"]*)"/.exec(attributes ?? "")?.[1] ?? "?";
    }
    return { methods, properties };
}

async function checkObject(client: BusClient, path: string, name: string): Promise<void> {
    const shape = shapeOf(await introspect(client, path), name);
    const fixed = FIXED[name];
    const spec = (interfaces as Record<string, InterfaceSpec | undefined>)[name];
    assert.ok(fixed && spec);
    for (const [member, signature] of Object.entries(fixed.methods)) {
        assert.deepEqual(shape.methods[member], signature, `${name}.${member}`);
    }
    for (const [property, type] of Object.entries(fixed.properties)) {
        assert.equal(shape.properties[property], type, `${name}.${property}`);
    }
    assert.deepEqual(Object.keys(shape.methods).sort(), Object.keys(spec.methods).sort());
    const target = { destination: BUS_NAME, path, interface: "org.freedesktop.DBus.Properties" };
    const [all] = (await client.call({ ...target, member: "GetAll" }, "s", [name])) as [Map<string, Variant>];
    for (const [property, type] of Object.entries(shape.properties)) {
        assert.equal(all.get(property)?.signature, type, `${name}.${property} in GetAll`);
        const [value] = (await client.call({ ...target, member: "Get" }, "ss", [name, property])) as [Variant];
        assert.equal(value.signature, type, `${name}.${property} in Get`);
        const set = refusal(client.call({ ...target, member: "Set" }, "ssv", [name, property, value]));
        assert.equal((await set).name, "org.freedesktop.DBus.Error.PropertyReadOnly", `${name}.${property} in Set`);
    }
}

const promised: Promised[] = [
    {
        name: "the root object has every member of the contract with its signature, and properties with their types",
        run: ({ client }) => checkObject(client, ROOT, "org.rapiddisk.Manager"),
    },
    {
        name: "a volume has every member of the contract with its signature, and properties with their types",
        run: async ({ client }) => {
            const [path] = (await call(client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(MIB), {}])) as [string];
            await checkObject(client, path, "org.rapiddisk.Manager.Volume");
        },
    },
    {
        name: "a cache has every member of the contract with its signature, and properties with their types",
        run: async (fixture) => {
            const { client } = fixture;
            const [volume] = await call(client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(16 * MIB), {}]);
            const args = [volume, await fixture.origin(), "write-through", {}];
            const [path] = (await call(client, ROOT, "", "CreateCache", "sssa{sv}", args)) as [string];
            await checkObject(client, path, "org.rapiddisk.Manager.Cache");
            const [rows] = (await call(client, ROOT, "", "ListCaches", "", [])) as [Rows];
            assert.deepEqual(
                [...(rows[0]?.keys() ?? [])].sort(),
                ["path", ...Object.keys(cacheInterface.properties)].sort(),
            );
        },
    },
    {
        name: "a job has every member of the contract with its signature, and stays to be seen after its end",
        needs: ["writecache"],
        run: async (fixture) => {
            const { client } = fixture;
            const [volume] = await call(client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(16 * MIB), {}]);
            const args = [volume, await fixture.origin(), "writeback", {}];
            const [path] = (await call(client, ROOT, "", "CreateCache", "sssa{sv}", args)) as [string];
            await call(client, path, "Cache", "Flush", "a{sv}", [{}]);
            const jobs = [...(await introspect(client, `${ROOT}/jobs`)).matchAll(/<node name="(\d+)"/g)];
            const last = Math.max(...jobs.map(([, id]) => Number(id)));
            assert.ok(last > 0, "there is no job");
            await checkObject(client, `${ROOT}/jobs/${last}`, "org.rapiddisk.Manager.Job");
        },
    },
    {
        name: "a port and an export have every member of the contract with its signature, and go together",
        needs: ["nvmet"],
        run: async ({ client }) => {
            await call(client, ROOT, "", "LoadModules", "a{sv}", [{}]);
            const [volume] = await call(client, ROOT, "", "CreateVolume", "ta{sv}", [BigInt(16 * MIB), {}]);
            const [port] = (await call(client, ROOT, "", "CreatePort", "ussa{sv}", [0, "loop", "", {}])) as [string];
            // A loop port reaches this host alone, so that any host is no danger by default.
            const [made] = (await call(client, ROOT, "", "CreateExport", "sa{sv}", [volume, {}])) as [string];
            await checkObject(client, port, "org.rapiddisk.Manager.Port");
            await checkObject(client, made, "org.rapiddisk.Manager.Export");
            const busy = await refusal(call(client, volume as string, "Volume", "Remove", "a{sv}", [{}]));
            assert.equal(busy.name, "org.rapiddisk.Manager.Error.Busy");
            const [rows] = (await call(client, ROOT, "", "ListExports", "", [])) as [Rows];
            const row = rows.find((one) => one.get("path")?.value === made);
            assert.deepEqual(row?.get("Ports")?.value, [port]);
            assert.equal(row?.get("AllowAnyHost")?.value, true);
            assert.equal(row?.get("Backing")?.value, volume);
        },
    },
    {
        name: "GetResources tells name, path, size, vendor, model, type, in-use, users (also as values) and cacheable of every block device",
        run: async (fixture) => {
            const [rows] = (await call(fixture.client, ROOT, "", "GetResources", "a{sv}", [{}])) as [Rows];
            const types = {
                name: "s",
                path: "s",
                size: "t",
                vendor: "s",
                model: "s",
                type: "s",
                "in-use": "b",
                users: "as",
                "user-details": "aa{sv}",
                cacheable: "b",
            };
            for (const row of rows) {
                assert.deepEqual(Object.fromEntries([...row].map(([key, { signature }]) => [key, signature])), types);
            }
            const origin = await fixture.origin();
            const [found] = rows.filter(
                (row) => row.get("path")?.value === origin || origin.endsWith(`/${String(row.get("name")?.value)}`),
            );
            if (!origin.startsWith("/dev/disk/")) {
                assert.equal(found?.get("cacheable")?.value, true, `${origin} should be cacheable`);
            }
        },
    },
    {
        name: "the standard interfaces answer with the standard errors",
        run: async ({ client }) => {
            const expect = async (path: string, iface: string, member: string, error: string): Promise<void> => {
                const target = { destination: BUS_NAME, path, interface: iface, member };
                assert.equal((await refusal(client.call(target, "", []))).name, `org.freedesktop.DBus.Error.${error}`);
            };
            await expect(`${ROOT}/volumes/nope`, "org.rapiddisk.Manager.Volume", "Erase", "UnknownObject");
            await expect(ROOT, "org.rapiddisk.Manager.Nope", "Erase", "UnknownInterface");
            await expect(ROOT, "org.rapiddisk.Manager", "Nope", "UnknownMethod");
            await expect(ROOT, "org.rapiddisk.Manager", "CreateVolume", "InvalidArgs");
        },
    },
];

/** Each takes away what it made. */
export const shapePromises: readonly Promised[] = promised.map(({ run, ...rest }) => ({
    ...rest,
    run: async (fixture: ServiceFixture) => {
        await run(fixture);
        await clean(fixture);
    },
}));
