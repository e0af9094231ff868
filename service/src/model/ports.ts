// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { isDeepStrictEqual } from "node:util";
import type { NvmetPort } from "../kernel/port.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { otherIsThere } from "./forget.js";
import { changedMeanwhile, portMark } from "./identity.js";
import type { Operation } from "./operations.js";
import { runPlan, type Step } from "./plan.js";
import {
    checkPortRequest,
    isSavedPort,
    needTls,
    needTransport,
    portWords,
    resolvePort,
    type PortRequest,
} from "./portplan.js";
import { savedOnPort } from "./savedas.js";
import { busy } from "./retrybusy.js";
import type { PortEntry } from "./storage.js";
import { portSteps } from "./targetsteps.js";
import type { Authorize, Permission, Port } from "./types.js";

/** What may be done with ports of the NVMe target. Each method: check, ask permission, check again under lock, act, read back. */
export class Ports {
    constructor(private readonly context: ModelContext) {}

    /** Finds a port. @param id number of the port in decimal @throws ModelError NotFound */
    get(id: string): Port {
        const port = this.context.tree.ports.get(id);
        if (port === undefined) {
            throw new ModelError("NotFound", `There is no port ${id}.`);
        }
        return port;
    }

    /**
     * Makes a port. Nothing is reachable through it before an export is put on it.
     * @returns its number
     * @throws ModelError InvalidArgument, NotFound, AlreadyExists, Busy, NotSupported
     */
    async create(request: PortRequest & { persist?: boolean }, authorize: Authorize): Promise<string> {
        const { context } = this;
        const planned = await this.plan(request);
        const details = {
            "port.id": String(planned.id),
            "port.transport": planned.transport,
            "port.address": planned.address,
        };
        await authorize([{ action: "port-manage", details: { ...details, "port.service": planned.service } }]);
        return await context.locks.run(`port-create of port ${planned.id}`, [lockId.target], async () => {
            try {
                const want = await this.plan(request);
                // A request without a number gets the next one when others took it meanwhile; all else is as authorized.
                if (!isDeepStrictEqual({ ...want, id: 0 }, { ...planned, id: 0 })) {
                    throw changedMeanwhile(`Port ${planned.id} as ${portWords(planned)}`);
                }
                const known = context.saved.port(want.id);
                const shadows = known !== undefined && !isSavedPort(want, known);
                const needed = shadows ? savedOnPort(context.saved.current, want.id) : [];
                if (request.persist === true && needed.length > 0) {
                    throw busy(`The saved port ${want.id}`, needed);
                }
                // What is saved of another one of this number stays, unless this one is saved in its place.
                const after = request.persist === true ? want : shadows ? undefined : (known ?? null);
                await this.run(
                    "port-create",
                    want,
                    [
                        ...portSteps(context, want),
                        ...(request.persist === true ? context.saved.portStep(want.id, want) : []),
                    ],
                    after,
                );
                return String(want.id);
            } catch (error) {
                throw toModelError(error, `Port ${planned.id}`);
            } finally {
                await context.refresher.readBack(() => context.refresher.refreshTarget());
            }
        });
    }

    /** Removes a port. @throws ModelError NotFound, Busy naming the exports that are reached through it */
    async remove(id: string, authorize: Authorize): Promise<void> {
        await this.locked("port-remove", id, "port-manage", authorize, async (port) => {
            if (port.subsystems.length > 0) {
                throw busy(
                    `Port ${id}`,
                    port.subsystems.map((nqn) => `export ${nqn}`),
                );
            }
            const { kernel, ownership, saved } = this.context;
            const shadowed = saved.port(port.id) !== undefined && this.savedAs(port) === undefined;
            const needed = shadowed ? [] : savedOnPort(saved.current, port.id);
            if (needed.length > 0) {
                throw busy(`Port ${id}`, needed);
            }
            const steps: Step[] = [
                ...(this.savedAs(port) === undefined ? [] : saved.portStep(port.id, null)),
                { name: "remove-port", run: () => kernel.nvmetRemove({ kind: "port", id: port.id }) },
                { name: "disown", run: () => ownership.drop("ports", port.id) },
            ];
            await this.run("port-remove", { id: port.id, number: port.inode }, steps, shadowed ? undefined : null);
        });
    }

    /** Has a port restored at each boot, or no more. @throws ModelError Busy when a saved export needs it */
    async setPersistent(id: string, persistent: boolean, authorize: Authorize): Promise<void> {
        await this.locked("port-persist", id, "configuration", authorize, async (port) => {
            const { saved } = this.context;
            saved.refuseDamaged();
            const needed = savedOnPort(saved.current, port.id);
            if (!persistent && needed.length > 0) {
                throw busy(`Port ${id}`, needed);
            }
            const known = this.savedAs(port);
            if (persistent) {
                await saved.putPort(port.id, { ...(known ?? portEntry(port)), withExports: false });
            } else if (known !== undefined || saved.port(port.id) === undefined) {
                await saved.putPort(port.id, null);
            } else {
                throw otherIsThere(`Port ${id}`);
            }
        });
    }

    /** Makes a saved port that is not there. Also used by the restore at boot; the target is locked by the caller. */
    async rebuild(entry: PortEntry): Promise<void> {
        const request: PortRequest = {
            id: entry.id,
            transport: entry.transport,
            address: entry.interface === "" ? entry.address : entry.interface,
            ...(entry.transport === "loop" ? {} : { service: entry.service, family: entry.family }),
            tls: entry.tls,
        };
        const want = await this.plan(request);
        await this.run("port-create", want, portSteps(this.context, want), entry);
    }

    /** Finds what is saved of a port; not what is saved of another one that had its number. */
    private savedAs(port: NvmetPort): PortEntry | undefined {
        const entry = this.context.saved.port(port.id);
        return entry !== undefined && isSavedPort(port, entry) ? entry : undefined;
    }

    private async plan(request: PortRequest): Promise<PortEntry> {
        const transport = checkPortRequest(request);
        const { kernel } = this.context;
        const [tree, network, available] = await Promise.all([
            kernel.readNvmet(),
            kernel.readNetwork(),
            kernel.availableModules(),
        ]);
        needTransport(transport, tree, available, network);
        if (request.tls === true) {
            needTls(await kernel.nvmetFeatures());
        }
        const saved = new Set(this.context.saved.target.ports.map(({ id }) => id));
        return resolvePort(request, transport, tree, network, saved);
    }

    private async run(
        operation: Operation,
        want: PortEntry | { id: number; number: number },
        steps: Step[],
        after: PortEntry | null | undefined,
    ): Promise<void> {
        const { intents, ownership, saved } = this.context;
        const object = { kind: "port" as const, id: want.id, want: "transport" in want ? want : null };
        const noted = after === undefined ? {} : saved.noted(saved.port(want.id) ?? null, after);
        const number = "number" in want ? { number: want.number } : {};
        await ownership.during(() => runPlan(steps, intents, { operation, object, ...number, ...noted }));
    }

    /**
     * Makes a change to one port in the order of all of them: asks for permission, and acts on the very port that was asked
     * about.
     */
    private async locked(
        operation: Operation,
        id: string,
        action: Permission["action"],
        authorize: Authorize,
        work: (port: NvmetPort) => Promise<void>,
    ): Promise<void> {
        const { kernel, locks, refresher } = this.context;
        const shown = this.get(id);
        const asked = refresher.target?.ports.find((one) => String(one.id) === id);
        await authorize([permission(action, shown)]);
        await locks.run(`${operation} of port ${id}`, [lockId.target], async () => {
            try {
                const port = (await kernel.readNvmet()).ports.find((one) => String(one.id) === id);
                if (port === undefined) {
                    throw new ModelError("NotFound", `There is no port ${id}; it was removed meanwhile (ENOENT).`);
                }
                if (asked === undefined || portMark(port) !== portMark(asked)) {
                    throw changedMeanwhile(`Port ${id}`);
                }
                await work(port);
            } catch (error) {
                throw toModelError(error, `Port ${id}`);
            } finally {
                await refresher.readBack(() => refresher.refreshTarget());
            }
        });
    }
}

/** Makes what would be saved of a port as it is. @throws ModelError NotSupported for a transport that is not ours */
export function portEntry(port: NvmetPort): PortEntry {
    const { id, transport, family, address, service, tls } = port;
    if (transport !== "tcp" && transport !== "rdma" && transport !== "loop") {
        throw new ModelError("NotSupported", `Port ${id} of the transport "${transport}" cannot be saved.`);
    }
    return { id, transport, family, address, service, tls, interface: "" };
}

function permission(action: Permission["action"], port: Port): Permission {
    return {
        action,
        details: { "port.id": String(port.id), "port.transport": port.transport, "port.address": port.address },
    };
}
