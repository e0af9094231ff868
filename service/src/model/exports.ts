// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import { lockId, type Context } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { ExportChanges, needHost, needNamespace, permission, type Change, type Now } from "./exportchange.js";
import {
    checkExportRequest,
    describeExport,
    needPort,
    parseKeys,
    planExport,
    refuseOpenPorts,
    type ExportRequest,
    type KeyRequest,
} from "./exportplan.js";
import { usersNow } from "./inuse.js";
import { checkNqn, NO_HOST_KEYS, type HostKeys } from "./nqn.js";
import type { Step } from "./plan.js";
import { isSavedPort, portDifference } from "./portplan.js";
import { isSavedExport } from "./savedas.js";
import { busy } from "./settle.js";
import type { ExportEntry } from "./storage.js";
import {
    allowStep,
    buildSteps,
    disallowStep,
    disconnectedSteps,
    hostSteps,
    keySteps,
    linkStep,
    teardownSteps,
    unlinkStep,
    writeStep,
} from "./targetsteps.js";
import type { Export, Gate, Permission } from "./types.js";

/** What may be done with NVMe exports. Each method: check, ask permission, check again under lock, act, read back. */
export class Exports {
    private readonly changes: ExportChanges;

    constructor(private readonly context: Context) {
        this.changes = new ExportChanges(context);
    }

    /** @throws ModelError NotFound */
    get(nqn: string): Export {
        const found = this.context.tree.exports.get(nqn);
        if (found === undefined) {
            throw new ModelError("NotFound", `There is no export ${nqn}.`);
        }
        return found;
    }

    /**
     * Exports a volume or a cache. @returns its NQN
     * @throws ModelError InvalidArgument, NotFound, AlreadyExists, Busy, NotSupported
     */
    async create(request: ExportRequest & { persist?: boolean }, gate: Gate): Promise<string> {
        const { context } = this;
        checkExportRequest(request);
        const { want } = await this.plan(request, false);
        const details = {
            "export.nqn": want.nqn,
            "export.device": want.device,
            "export.hosts": want.allowAnyHost ? "*" : want.hosts.join(" "),
            "export.ports": want.ports.join(" "),
        };
        await gate([
            { action: "export-create", details },
            ...(want.allowAnyHost ? [{ action: "export-allow-any-host", details } satisfies Permission] : []),
        ]);
        const { kind, id } = request.device;
        await context.locks.run([kind === "volume" ? lockId.volume(id) : lockId.cache(id), lockId.target], async () => {
            try {
                const plan = await this.plan({ ...request, nqn: want.nqn, ports: request.ports ?? want.ports }, true);
                if (plan.want.allowAnyHost && !want.allowAnyHost) {
                    throw new ModelError(
                        "Failed",
                        `${want.nqn} changed while the permission was asked for; try again.`,
                    );
                }
                const { uuid, serial } = await context.saved.identity(id);
                const whole = { ...plan.want, uuid, serial: request.serial ?? serial };
                const saving = request.persist === true ? this.changes.savingSteps(whole.nqn, whole, plan.tree) : [];
                await this.changes.run(
                    "export-create",
                    { nqn: want.nqn, was: null },
                    {
                        steps: [...buildSteps(context, whole, plan.tree), ...saving],
                        want: whole,
                    },
                    request.persist === true ? whole : null,
                );
            } catch (error) {
                throw toModelError(error, want.nqn);
            } finally {
                await context.refresher.refreshTarget(want.nqn);
            }
        });
        return want.nqn;
    }

    /**
     * Lets a host in. An export that any host may use is narrowed to this one, and the others are disconnected.
     * @throws ModelError InvalidArgument, AlreadyExists, NotSupported (keys)
     */
    async allowHost(nqn: string, host: string, request: KeyRequest, gate: Gate): Promise<void> {
        checkNqn(host, "Host");
        const one = this.get(nqn);
        const keys = parseKeys(request, await this.context.kernel.nvmetFeatures());
        const asked = permission("export-allow-host", one, { "export.host": host });
        await this.change("export-allow-host", nqn, [asked], gate, ({ tree, subsystem, is }) => {
            if (subsystem.hosts.includes(host)) {
                throw new ModelError("AlreadyExists", `${host} may connect to ${nqn} already.`);
            }
            const { kernel } = this.context;
            const allowing = allowStep(kernel, nqn, host);
            const known = tree.hosts.some((other) => other.nqn === host && other.hasKey);
            return {
                steps: [
                    ...hostSteps(this.context, host, tree, keys),
                    ...(is.allowAnyHost
                        ? disconnectedSteps(kernel, nqn, is.ports, [this.anyHostStep(nqn, false), allowing])
                        : [allowing]),
                    ...(keys === undefined ? [] : [this.changes.keysStep()]),
                ],
                want: {
                    ...is,
                    allowAnyHost: false,
                    hosts: [...is.hosts, host],
                    authenticated: [...is.authenticated, ...(keys !== undefined || known ? [host] : [])],
                },
                ...(keys === undefined ? {} : { keysOf: host }),
            };
        });
    }

    /** Lets a host in no more, and disconnects it. @throws ModelError NotFound */
    async denyHost(nqn: string, host: string, gate: Gate): Promise<void> {
        const one = this.get(nqn);
        const asked = permission("export-allow-host", one, { "export.host": host });
        await this.change("export-deny-host", nqn, [asked], gate, ({ subsystem, is }) => {
            needHost(subsystem, host);
            const { kernel } = this.context;
            return {
                steps: disconnectedSteps(kernel, nqn, is.ports, [disallowStep(kernel, nqn, host)]),
                want: {
                    ...is,
                    hosts: is.hosts.filter((other) => other !== host),
                    authenticated: is.authenticated.filter((other) => other !== host),
                },
            };
        });
    }

    /**
     * Opens an export to any host, which drops its list of hosts, or closes it, which disconnects everybody.
     * @throws ModelError Busy when one of the hosts must prove a key: that would silently be void
     */
    async setAllowAnyHost(nqn: string, any: boolean, gate: Gate): Promise<void> {
        const one = this.get(nqn);
        const action = any ? "export-allow-any-host" : "export-allow-host";
        const asked = permission(action, one, { "export.hosts": any ? "*" : "" });
        await this.change("export-any-host", nqn, [asked], gate, ({ is }) => {
            if (is.allowAnyHost === any) {
                return { steps: [], want: is };
            }
            if (any && is.authenticated.length > 0) {
                throw new ModelError(
                    "Busy",
                    `${is.authenticated.join(", ")} must prove a key, which any host at all would make void; deny it first.`,
                );
            }
            const { kernel } = this.context;
            const steps = any
                ? [...is.hosts.map((host) => disallowStep(kernel, nqn, host)), this.anyHostStep(nqn, true)]
                : disconnectedSteps(kernel, nqn, is.ports, [this.anyHostStep(nqn, false)]);
            return { steps, want: { ...is, allowAnyHost: any, hosts: [], authenticated: [] } };
        });
    }

    /**
     * Gives an allowed host other keys, or none (`clear`). Keys belong to the host, on every export; who is connected
     * stays so until it connects anew. @throws ModelError InvalidArgument, NotFound, NotSupported
     */
    async setHostKeys(nqn: string, host: string, request: KeyRequest & { clear?: boolean }, gate: Gate): Promise<void> {
        const one = this.get(nqn);
        const { clear = false, ...rest } = request;
        const given = parseKeys(rest, await this.context.kernel.nvmetFeatures());
        if ((given === undefined) === !clear) {
            throw new ModelError("InvalidArgument", "Either a key is given or the keys are cleared.");
        }
        const keys: HostKeys = given ?? NO_HOST_KEYS;
        const asked = permission("export-allow-host", one, { "export.host": host });
        await this.change("export-host-keys", nqn, [asked], gate, ({ subsystem, is }) => {
            needHost(subsystem, host);
            const others = is.authenticated.filter((other) => other !== host);
            return {
                steps: [...keySteps(this.context.kernel, host, keys), this.changes.keysStep()],
                want: { ...is, authenticated: clear ? others : [...others, host] },
                keysOf: host,
            };
        });
    }

    /** Makes an export reachable through one more port. @throws ModelError NotFound, AlreadyExists, InvalidArgument, Busy */
    async addPort(nqn: string, id: number, options: { allowAnyHost?: boolean }, gate: Gate): Promise<void> {
        const one = this.get(nqn);
        const asked = { "export.ports": String(id) };
        const permissions = [
            permission("export-create", one, asked),
            ...(one.allowAnyHost ? [permission("export-allow-any-host", one, asked)] : []),
        ];
        await this.change("export-add-port", nqn, permissions, gate, ({ tree, is }) => {
            needPort(tree, id);
            if (is.ports.includes(id)) {
                throw new ModelError("AlreadyExists", `${nqn} is on port ${id} already.`);
            }
            if (is.allowAnyHost && options.allowAnyHost !== true) {
                refuseOpenPorts(tree, [id], nqn);
            }
            if (is.allowAnyHost && !one.allowAnyHost) {
                throw new ModelError("Failed", `${nqn} changed while the permission was asked for; try again.`);
            }
            return {
                steps: [linkStep(this.context.kernel, nqn, id)],
                want: { ...is, ports: [...is.ports, id] },
            };
        });
    }

    /** Takes an export off a port, which disconnects its hosts there. @throws ModelError NotFound */
    async removePort(nqn: string, id: number, gate: Gate): Promise<void> {
        const asked = permission("export-remove", this.get(nqn), { "export.ports": String(id) });
        await this.change("export-remove-port", nqn, [asked], gate, ({ is }) => {
            const entry = this.context.saved.export(nqn);
            if (!is.ports.includes(id) && entry?.ports.includes(id) === true && isSavedExport(is, entry)) {
                return { steps: [], want: is, forgetPort: id };
            }
            if (!is.ports.includes(id)) {
                throw new ModelError(
                    "NotFound",
                    `${nqn} is not on port ${id}; it is on ${is.ports.join(", ") || "none"}.`,
                );
            }
            return {
                steps: [unlinkStep(this.context.kernel, nqn, id)],
                want: { ...is, ports: is.ports.filter((other) => other !== id) },
            };
        });
    }

    /** Switches the namespace on or off. Hosts lose a device that is switched off at once. @throws ModelError Busy, Failed */
    async setEnabled(nqn: string, enabled: boolean, gate: Gate): Promise<void> {
        const asked = permission(enabled ? "export-create" : "export-remove", this.get(nqn));
        await this.change("export-enable", nqn, [asked], gate, async ({ tree, subsystem, is }) => {
            const namespace = needNamespace(subsystem);
            if (is.enabled === enabled) {
                return { steps: [], want: is };
            }
            const { kernel } = this.context;
            if (enabled) {
                const users = await usersNow(this.context, await kernel.resolveDevice(namespace.devicePath), tree);
                const others = users.filter((line) => line !== `exported as ${nqn} (switched off)`);
                if (others.length > 0) {
                    throw busy(namespace.devicePath, others);
                }
            }
            const node = { kind: "namespace" as const, nqn, id: namespace.id };
            const [value, before] = enabled ? ["1", "0"] : ["0", "1"];
            return { steps: [writeStep(kernel, "enable", node, "enable", value, before)], want: { ...is, enabled } };
        });
    }

    /** Tells connected hosts when the size of the device has changed. @throws ModelError Failed when switched off */
    async revalidate(nqn: string, gate: Gate): Promise<void> {
        await this.change(
            "export-revalidate",
            nqn,
            [permission("export-create", this.get(nqn))],
            gate,
            ({ subsystem, is }) => {
                const { id, enabled } = needNamespace(subsystem);
                if (!enabled) {
                    throw new ModelError(
                        "Failed",
                        `${nqn} is switched off; its hosts see its size when it is switched on.`,
                    );
                }
                const node = { kind: "namespace" as const, nqn, id };
                return {
                    steps: [writeStep(this.context.kernel, "revalidate", node, "revalidate_size", "1")],
                    want: is,
                };
            },
        );
    }

    /** Takes an export apart: it disappears from its hosts at once. The device stays. @throws ModelError NotFound, Busy */
    async remove(nqn: string, gate: Gate): Promise<void> {
        await gate([permission("export-remove", this.get(nqn))]);
        await this.changes.change("export-remove", nqn, ({ subsystem, tree }) => ({
            steps: teardownSteps(this.context, subsystem, tree),
            want: null,
        }));
    }

    /** Makes an export come again at each boot with the ports that it is on, or no more. @throws ModelError NotSupported */
    async setPersistent(nqn: string, persistent: boolean, gate: Gate): Promise<void> {
        const one = this.get(nqn);
        await gate([permission("configuration", one)]);
        if (persistent && one.backing === undefined) {
            throw new ModelError(
                "NotSupported",
                `${nqn} exports no volume and no cache of this service, so it cannot be saved.`,
            );
        }
        await this.changes.change("export-persist", nqn, async ({ tree, is }) => {
            const entry = this.context.saved.export(nqn);
            if (!persistent && (entry === undefined || isSavedExport(is, entry))) {
                await this.forget(nqn);
            }
            return { steps: persistent ? this.changes.savingSteps(nqn, is, tree) : [], want: is };
        });
    }

    /** Drops the saved entry of an export that is not there, and the keys that no other needs. */
    async forget(nqn: string): Promise<void> {
        await this.context.saved.putExport(nqn, null);
        await this.changes.saveKeys();
    }

    /** Builds a saved export that is not there. Also used by the restore at boot; the target is locked by the caller. */
    async rebuild(entry: ExportEntry): Promise<void> {
        const { kernel, keys: store } = this.context;
        const tree = await kernel.readNvmet();
        const keys = new Map<string, HostKeys>();
        for (const host of entry.authenticated) {
            const found = await store.load(host);
            if (found === undefined) {
                throw new ModelError("Failed", `the key of ${host} is not among the saved ones.`);
            }
            keys.set(host, found);
        }
        const users = await usersNow(this.context, await kernel.resolveDevice(entry.device), tree);
        if (users.length > 0) {
            throw busy(entry.device, users);
        }
        const found = entry.ports.map((id) => ({ id, obstacle: this.portObstacle(tree, id) }));
        const waiting = found.flatMap(({ obstacle }) => obstacle ?? []);
        if (waiting.length > 0 && waiting.length === found.length) {
            throw waiting[0]!;
        }
        const want = { ...entry, ports: found.filter((one) => one.obstacle === undefined).map(({ id }) => id) };
        const change = { steps: buildSteps(this.context, want, tree, keys), want };
        await this.changes.run("export-create", { nqn: entry.nqn, was: null }, change, entry);
    }

    /**
     * Puts a saved export that is there on a port where it is saved. Also used by the restore; the target is locked by the
     * caller. @throws ModelError when that cannot be done now
     */
    async putOnSavedPort(nqn: string, id: number): Promise<void> {
        const { kernel, saved } = this.context;
        const tree = await kernel.readNvmet();
        const obstacle = this.portObstacle(tree, id);
        if (obstacle !== undefined) {
            throw obstacle;
        }
        const is = describeExport(tree, nqn);
        const number = tree.subsystems.find((one) => one.nqn === nqn)?.inode;
        await this.changes.run(
            "export-add-port",
            { nqn, was: is, ...(number === undefined ? {} : { number }) },
            { steps: [linkStep(kernel, nqn, id)], want: { ...is, ports: [...is.ports, id] } },
            saved.export(nqn),
        );
    }

    /** Why an export cannot be on a port where it is saved; undefined when it can. */
    private portObstacle(tree: NvmetTree, id: number): ModelError | undefined {
        const port = tree.ports.find((one) => one.id === id);
        const meant = this.context.saved.port(id);
        if (port === undefined) {
            return new ModelError("NotFound", `There is no port ${id}.`);
        }
        return meant === undefined || isSavedPort(port, meant)
            ? undefined
            : new ModelError("Failed", `${portDifference(port, meant)}.`);
    }

    /** The common course: check, ask permission, check again under lock, act, read back. @param work only makes the plan */
    private async change(
        operation: string,
        nqn: string,
        permissions: Permission[],
        gate: Gate,
        work: (now: Now) => Change | Promise<Change>,
    ): Promise<void> {
        await this.changes.rehearse(nqn, work);
        await gate(permissions);
        await this.changes.change(operation, nqn, work);
    }

    private async plan(request: ExportRequest, locked: boolean): Promise<{ want: ExportEntry; tree: NvmetTree }> {
        try {
            return await planExport(this.context, request, locked);
        } catch (error) {
            throw toModelError(error, request.device.id);
        }
    }

    private anyHostStep(nqn: string, any: boolean): Step {
        const [value, before] = any ? ["1", "0"] : ["0", "1"];
        const node = { kind: "subsystem" as const, nqn };
        return writeStep(this.context.kernel, "any-host", node, "attr_allow_any_host", value, before);
    }
}
