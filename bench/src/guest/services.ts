// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The installed service on the system bus of the guest, with real volumes, against the guest's udisks2. */
import { callLatency, managedObjects, residentMemory, startCell, startTimes } from "../bus/measure.js";
import { commandTimes, listTimes } from "../bus/commands.js";
import { RawClient } from "../bus/rawclient.js";
import { rapidDisk, udisks, type Service } from "../bus/services.js";
import { run } from "../exec.js";
import { withStage, type Stage } from "../stage.js";
import { newCell, record, type Cell } from "../cell.js";
import type { Context } from "./context.js";
import { attachRapidDisk, modprobe, settle } from "./devices.js";

const BUS = "unix:path=/run/dbus/system_bus_socket";
const CLI = ["/usr/bin/rapiddisk"] as const;
const VOLUME_BYTES = 2 ** 20;
/** Calls between two looks at memory: emulation is some twenty times slower than the processor. */
const MEMORY_CALLS = 10_000;
/** When waiting for a signal is given up. */
const FOREIGN_MS = 60_000;

/** How systemd would start a unit: program and arguments. */
async function commandOf(unit: string): Promise<string[]> {
    const shown = await run("systemctl", ["show", "-p", "ExecStart", "--value", unit]);
    const argv = /argv\[\]=(.*?) ;/.exec(shown.stdout)?.[1]?.trim().split(/\s+/);
    if (argv === undefined) throw new Error(`${unit} is not installed in the guest: ${shown.stdout.trim()}`);
    return argv;
}

/** The two services, started by hand while their units rest, and a connection to the bus. */
async function prepare(stage: Stage): Promise<{ client: RawClient; ours: Service; peer: Service }> {
    await modprobe("rapiddisk");
    const ours = rapidDisk(await commandOf("rapiddiskd.service"));
    const peer = udisks(await commandOf("udisks2.service"));
    for (const unit of ["rapiddiskd.service", "udisks2.service"]) await run("systemctl", ["stop", unit]);
    const client = await RawClient.connect(BUS);
    stage.defer("client", () => client.close());
    stage.defer("units", async () => {
        await run("systemctl", ["start", "rapiddiskd.service"]);
    });
    return { client, ours, peer };
}

/** Has systemd run both services while `body` measures; they are stopped afterwards. */
async function running<T>(services: readonly Service[], body: () => Promise<T>): Promise<T> {
    const units = services.map(({ unit }) => unit);
    try {
        for (const unit of units) await run("systemctl", ["start", unit]);
        return await body();
    } finally {
        for (const unit of units) await run("systemctl", ["stop", unit]);
    }
}

/** Attaches volumes rd0 … so that there are `count`. */
export async function attachVolumes(context: Context, stage: Stage, from: number, count: number): Promise<void> {
    context.say(`attaching volumes up to ${count}`);
    for (let number = from; number < count; number++) attachRapidDisk(stage, number, VOLUME_BYTES, true);
    await settle();
}

/** D-Bus service against udisks2. */
export async function dbus(context: Context): Promise<void> {
    const { where, rounds } = context;
    await withStage(async (stage) => {
        const { client, ours, peer } = await prepare(stage);
        const services = [ours, peer];
        context.say("start with 0 volumes");
        const empty = startCell(where, "0 volumes");
        await startTimes(empty, client, services, rounds);
        context.emit(empty);
        context.say("call latency");
        const latencies = await running(services, () => callLatency(where, client, services, rounds + 2, 100));
        for (const cell of latencies) context.emit(cell);
        context.say(`memory over ${MEMORY_CALLS} calls`);
        for (const cell of await residentMemory(where, client, services, MEMORY_CALLS)) context.emit(cell);
        await attachVolumes(context, stage, 0, 250);
        const counted = await running(services, async () => {
            const contestants = [];
            for (const service of services) contestants.push({ service, objects: await objects(service) });
            return managedObjects(where, client, contestants, rounds + 2);
        });
        context.emit(counted);
        await attachVolumes(context, stage, 250, 500);
        context.say("start with 500 volumes");
        const full = startCell(where, "500 volumes");
        await startTimes(full, client, services, rounds);
        context.emit(full);
    });
}

/** Objects in the answer of a service's GetManagedObjects, counted by busctl. */
async function objects(service: Service): Promise<number> {
    const { destination, path, interface: iface, member } = service.managedObjects;
    const answer = await run("busctl", ["--system", "--json=short", "call", destination, path, iface, member]);
    return Object.keys((JSON.parse(answer.stdout) as { data: [object] }).data[0]).length;
}

/** Start of the installed command. */
export async function cli(context: Context): Promise<void> {
    await withStage(async (stage) => {
        const { ours } = await prepare(stage);
        await attachVolumes(context, stage, 0, 10);
        const cells = await running([ours], () => commandTimes(context.where, CLI, context.rounds + 1));
        for (const cell of cells) context.emit(cell);
    });
}

/** From a change that somebody else made, past the service, until it is signalled; 2 s are promised. */
async function foreignChanges(context: Context, client: RawClient, count: number): Promise<Cell> {
    const cell = newCell({
        group: "volumes",
        where: context.where,
        name: `attached and detached by others, ${count} volumes: until signalled`,
        unit: "ms",
        better: "lower",
        subject: "rapiddisk",
        bars: [{}],
    });
    const path = `/org/rapiddisk/Manager/volumes/rd${count}`;
    for (let round = 0; round < context.rounds; round++) {
        await withStage(async (stage) => {
            const added = await client.watchObject("InterfacesAdded", path, FOREIGN_MS);
            const attached = performance.now();
            attachRapidDisk(stage, count, VOLUME_BYTES, true);
            record(cell, "rapiddisk", (await added()) - attached);
            await settle();
            const removed = await client.watchObject("InterfacesRemoved", path, FOREIGN_MS);
            const detached = performance.now();
            await stage.end();
            record(cell, "rapiddisk", (await removed()) - detached);
        });
    }
    return cell;
}

/** Many real volumes in one list. */
export async function volumes(context: Context): Promise<void> {
    await withStage(async (stage) => {
        const { client, ours } = await prepare(stage);
        await attachVolumes(context, stage, 0, 1023);
        const cells = await running([ours], async () => {
            const changes = await foreignChanges(context, client, 1023);
            await attachVolumes(context, stage, 1023, 1024);
            return [...(await listTimes(context.where, client, CLI, 1024, context.rounds)), changes];
        });
        for (const cell of cells) context.emit(cell);
    });
}
