// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError, toModelError } from "./errors.js";
import { refuseOtherBacking } from "./exportbacking.js";
import { ExportChanges, needHost, needNamespace, permission, type ExportChange, type Now } from "./exportchange.js";
import {
    checkExportRequest,
    needPort,
    parseKeys,
    planExport,
    refuseOpenPorts,
    type ExportRequest,
    type KeyRequest,
} from "./exportplan.js";
import { otherIsThere } from "./forget.js";
import { hasSameKeys, keyPermissions, refuseUnasked, savedKeys } from "./hostkeys.js";
import { hostsToKey, MadeKeys, newKeys } from "./madekeys.js";
import { changedMeanwhile, identify, portMarks, refuseOther, type DeviceIdentity } from "./identity.js";
import { usersNow } from "./inuse.js";
import { checkNqn, NO_HOST_KEYS, type HostKeys } from "./nqn.js";
import type { Operation } from "./operations.js";
import type { Step } from "./plan.js";
import { disconnectedSteps, Relinking, unlinkForNow } from "./relink.js";
import { isSavedExport } from "./savedas.js";
import { SavedExports } from "./savedexports.js";
import { refuseSameSerial } from "./serials.js";
import { busy } from "./retrybusy.js";
import type { ExportEntry } from "./storage.js";
import {
    allowStep,
    buildSteps,
    disallowStep,
    hostSteps,
    keySteps,
    linkStep,
    teardownSteps,
    writeStep,
} from "./targetsteps.js";
import type { Export, Authorize, Permission } from "./types.js";

/** What may be done with NVMe exports. Each method: check, ask permission, check again under lock, act, read back. */
export class Exports {
    /** What is saved of exports. */
    readonly saved: SavedExports;
    private readonly changes: ExportChanges;
    private readonly made = new MadeKeys();

    constructor(private readonly context: ModelContext) {
        this.changes = new ExportChanges(context);
        this.saved = new SavedExports(context, this.changes);
        new Relinking(context);
    }

    /** Finds an export by its NQN. @throws ModelError NotFound */
    get(nqn: string): Export {
        const found = this.context.tree.exports.get(nqn);
        if (found === undefined) {
            throw new ModelError("NotFound", `There is no export ${nqn}.`);
        }
        return found;
    }

    /**
     * Exports a volume or a cache. Hosts that are named get keys where a name would be all that they need. @returns its NQN
     * @throws ModelError InvalidArgument, NotFound, AlreadyExists, Busy, NotSupported
     */
    async create(request: ExportRequest & { persist?: boolean }, authorize: Authorize): Promise<string> {
        const { context } = this;
        checkExportRequest(request);
        const { want, tree } = await this.plan(request, false);
        await hostsToKey(context, tree, { ...want, noKey: request.noKey });
        const device = await this.identityOf(want.device, request.device.id);
        const details = {
            "export.nqn": want.nqn,
            "export.device": want.device,
            "export.hosts": want.allowAnyHost ? "*" : want.hosts.join(" "),
            "export.ports": want.ports.join(" "),
        };
        await authorize([
            { action: "export-create", details },
            ...(want.allowAnyHost ? [{ action: "export-allow-any-host", details } satisfies Permission] : []),
        ]);
        const { kind, id } = request.device;
        const locks = [device.key, ...(kind === "cache" ? [lockId.cache(id)] : []), lockId.target];
        await context.locks.run(`export-create of ${want.nqn}`, locks, async () => {
            try {
                const plan = await this.plan({ ...request, nqn: want.nqn, ports: want.ports }, true);
                await refuseOther(context, device, id);
                if (
                    plan.want.device !== want.device ||
                    plan.want.allowAnyHost !== want.allowAnyHost ||
                    portMarks(plan.tree, want.ports) !== portMarks(tree, want.ports)
                ) {
                    throw changedMeanwhile(`What ${want.nqn} is made of`);
                }
                const { uuid, serial } = await context.saved.identity(id);
                const made = newKeys(await hostsToKey(context, plan.tree, { ...plan.want, noKey: request.noKey }));
                const keys = new Map([...(await savedKeys(context, plan.tree, plan.want.hosts)), ...made]);
                const authenticated = plan.want.hosts.filter(
                    (host) => keys.has(host) || plan.want.authenticated.includes(host),
                );
                const whole = { ...plan.want, authenticated, uuid, serial: request.serial ?? serial };
                refuseSameSerial(whole, plan.tree, context.saved.target.exports);
                const saving = request.persist === true ? this.changes.savingSteps(whole.nqn, whole, plan.tree) : [];
                await this.changes.run(
                    "export-create",
                    { nqn: want.nqn, was: null },
                    {
                        steps: [...buildSteps(context, whole, plan.tree, keys), ...saving],
                        want: whole,
                    },
                    request.persist === true ? whole : null,
                );
                this.made.add(want.nqn, made, authorize.asker);
            } catch (error) {
                throw toModelError(error, want.nqn);
            } finally {
                await context.refresher.readBack(() => context.refresher.refreshTarget(want.nqn));
            }
        });
        return want.nqn;
    }

    /**
     * Lets a host in. An export that any host may use is narrowed to this one, and the others are disconnected. The host gets
     * a key where its name would be all that it needs.
     * @throws ModelError InvalidArgument, AlreadyExists (it is allowed, or has other keys), NotSupported (keys)
     */
    async allowHost(nqn: string, host: string, request: KeyRequest, authorize: Authorize): Promise<void> {
        checkNqn(host, "Host");
        const one = this.get(nqn);
        const keys = parseKeys(request, await this.context.kernel.nvmetFeatures());
        const asked = [
            permission("export-allow-host", one, { "export.host": host }),
            ...(keys === undefined ? [] : keyPermissions(this.context, nqn, host)),
        ];
        let made = newKeys([]);
        await this.change("export-allow-host", nqn, asked, authorize, async ({ tree, subsystem, is, rehearsal }) => {
            if (subsystem.hosts.includes(host)) {
                throw new ModelError("AlreadyExists", `${host} may connect to ${nqn} already.`);
            }
            const same = keys === undefined || (!rehearsal && (await hasSameKeys(this.context, tree, host, keys)));
            const ports = [...is.ports, ...(this.context.saved.export(nqn)?.ports ?? [])];
            const noKey = request.noKey === true || keys !== undefined;
            made = newKeys(await hostsToKey(this.context, tree, { nqn, hosts: [host], ports, noKey }));
            const given = same ? made.get(host) : keys;
            if (given !== undefined) {
                refuseUnasked(this.context, tree, nqn, host, asked);
            }
            const kept = rehearsal ? undefined : (await savedKeys(this.context, tree, [host])).get(host);
            const { kernel } = this.context;
            const allowing = allowStep(kernel, nqn, host);
            const known = tree.hosts.some((other) => other.nqn === host && other.hasKey);
            return {
                steps: [
                    ...hostSteps(this.context, host, tree, given ?? kept),
                    ...(is.allowAnyHost
                        ? disconnectedSteps(this.context, tree, nqn, is.ports, [this.anyHostStep(nqn, false), allowing])
                        : [allowing]),
                    ...(given === undefined ? [] : [this.changes.keysStep()]),
                ],
                want: {
                    ...is,
                    allowAnyHost: false,
                    hosts: [...is.hosts, host],
                    authenticated: [...is.authenticated, ...((given ?? kept) !== undefined || known ? [host] : [])],
                },
                ...(given === undefined ? {} : { keysOf: host }),
            };
        });
        this.made.add(nqn, made, authorize.asker);
    }

    /**
     * Gives out the keys that were made for hosts of an export, each once: to who asked for what they were made for; anybody
     * else is asked for the permission to set them. @param hosts none: every host
     * @returns keys by host; those that have none to be given out are left out
     */
    async takeHostKeys(nqn: string, hosts: readonly string[], authorize: Authorize): Promise<Map<string, string>> {
        const one = this.get(nqn);
        hosts.forEach((host) => checkNqn(host, "Host"));
        const waiting = this.made.of(nqn, hosts);
        const others = waiting.filter(({ asker }) => asker === undefined || asker !== authorize.asker);
        if (others.length > 0) {
            await authorize(others.map(({ host }) => permission("export-allow-host", one, { "export.host": host })));
        }
        return await this.made.take(waiting, (host) =>
            this.context.kernel.nvmetRead({ kind: "host", host }, "dhchap_key"),
        );
    }

    /** Lets a host in no more, and disconnects it. @throws ModelError NotFound */
    async denyHost(nqn: string, host: string, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const asked = permission("export-allow-host", one, { "export.host": host });
        await this.change("export-deny-host", nqn, [asked], authorize, ({ tree, subsystem, is }) => {
            needHost(subsystem, host);
            const { kernel } = this.context;
            return {
                steps: disconnectedSteps(this.context, tree, nqn, is.ports, [disallowStep(kernel, nqn, host)]),
                want: {
                    ...is,
                    hosts: is.hosts.filter((other) => other !== host),
                    authenticated: is.authenticated.filter((other) => other !== host),
                },
            };
        });
        this.made.forget(host);
    }

    /**
     * Opens an export to any host, which drops its list of hosts, or closes it, which disconnects everybody.
     * @throws ModelError Busy when one of the hosts must prove a key: that would silently be void
     */
    async setAllowAnyHost(nqn: string, any: boolean, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const action = any ? "export-allow-any-host" : "export-allow-host";
        const asked = permission(action, one, { "export.hosts": any ? "*" : "" });
        await this.change("export-any-host", nqn, [asked], authorize, ({ tree, is }) => {
            if (is.allowAnyHost === any) {
                return { steps: [], want: { ...is, ...(any ? { anyHostMeant: true } : {}) } };
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
                : disconnectedSteps(this.context, tree, nqn, is.ports, [this.anyHostStep(nqn, false)]);
            return {
                steps,
                want: {
                    ...is,
                    allowAnyHost: any,
                    ...(any ? { anyHostMeant: true } : {}),
                    hosts: [],
                    authenticated: [],
                },
            };
        });
    }

    /**
     * Gives an allowed host other keys, or none (`clear`). Keys belong to the host, on every export, so that permission is
     * asked for each that allows it; who is connected stays so until it connects again. @throws ModelError InvalidArgument, NotFound, NotSupported
     */
    async setHostKeys(
        nqn: string,
        host: string,
        request: KeyRequest & { clear?: boolean },
        authorize: Authorize,
    ): Promise<void> {
        const one = this.get(nqn);
        const { clear = false, ...rest } = request;
        const given = parseKeys(rest, await this.context.kernel.nvmetFeatures());
        if ((given === undefined) === !clear) {
            throw new ModelError("InvalidArgument", "Either a key is given or the keys are cleared.");
        }
        const keys: HostKeys = given ?? NO_HOST_KEYS;
        const asked = [
            permission("export-allow-host", one, { "export.host": host }),
            ...keyPermissions(this.context, nqn, host),
        ];
        await this.change("export-host-keys", nqn, asked, authorize, ({ tree, subsystem, is }) => {
            needHost(subsystem, host);
            refuseUnasked(this.context, tree, nqn, host, asked);
            const others = is.authenticated.filter((other) => other !== host);
            return {
                steps: [...keySteps(this.context.kernel, host, keys), this.changes.keysStep()],
                want: { ...is, authenticated: clear ? others : [...others, host] },
                keysOf: host,
            };
        });
        this.made.forget(host);
    }

    /** Makes an export reachable through one more port. @throws ModelError NotFound, AlreadyExists, InvalidArgument, Busy */
    async addPort(nqn: string, id: number, options: { allowAnyHost?: boolean }, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const known = this.context.refresher.target;
        const marks = known === undefined ? "" : portMarks(known, [id]);
        const asked = { "export.ports": String(id) };
        const permissions = [
            permission("export-create", one, asked),
            ...(one.allowAnyHost ? [permission("export-allow-any-host", one, asked)] : []),
        ];
        await this.change("export-add-port", nqn, permissions, authorize, ({ tree, is }) => {
            const port = needPort(tree, id);
            if (portMarks(tree, [id]) !== marks) {
                throw changedMeanwhile(`Port ${id}`);
            }
            if (port.subsystems.includes(nqn)) {
                throw new ModelError("AlreadyExists", `${nqn} is on port ${id} already.`);
            }
            if (is.allowAnyHost && options.allowAnyHost !== true) {
                refuseOpenPorts(tree, [id], nqn);
            }
            if (is.allowAnyHost && !one.allowAnyHost) {
                throw changedMeanwhile(nqn);
            }
            const { kernel, ownership } = this.context;
            return {
                steps: [linkStep(kernel, nqn, id), { name: "noted", run: () => ownership.dropUnlinked(nqn, id) }],
                want: { ...is, ports: [...is.ports.filter((other) => other !== id), id] },
            };
        });
    }

    /** Takes an export off a port, which disconnects its hosts there. @throws ModelError NotFound */
    async removePort(nqn: string, id: number, authorize: Authorize): Promise<void> {
        const asked = permission("export-remove", this.get(nqn), { "export.ports": String(id) });
        await this.change("export-remove-port", nqn, [asked], authorize, ({ tree, is }) => {
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
                steps: [
                    unlinkForNow(this.context, tree, nqn, id),
                    { name: "noted", run: () => this.context.ownership.dropUnlinked(nqn, id) },
                ],
                want: { ...is, ports: is.ports.filter((other) => other !== id) },
            };
        });
    }

    /** Switches the namespace on or off. Hosts lose a device that is switched off at once. @throws ModelError Busy, Failed */
    async setEnabled(nqn: string, enabled: boolean, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const asked = permission(enabled ? "export-create" : "export-remove", one);
        const known = this.context.refresher.target;
        const devices = await this.devicesOf(known, nqn);
        const work = async ({ tree, subsystem, is, rehearsal }: Now): Promise<ExportChange> => {
            const namespace = needNamespace(subsystem);
            if (is.enabled === enabled) {
                return { steps: [], want: is };
            }
            const { kernel } = this.context;
            if (enabled) {
                await (rehearsal ? undefined : this.refuseOtherDevices(tree, nqn, devices));
                await refuseOtherBacking(this.context, subsystem, namespace.devicePath);
                const users = await usersNow(this.context, await kernel.resolveDevice(namespace.devicePath), tree);
                const others = users.filter(
                    ({ kind, name, partition, through }) =>
                        kind !== "export-off" || name !== nqn || partition !== "" || through.length > 0,
                );
                if (others.length > 0) {
                    throw busy(namespace.devicePath, others);
                }
            }
            const node = { kind: "namespace" as const, nqn, id: namespace.id };
            const [value, before] = enabled ? ["1", "0"] : ["0", "1"];
            return { steps: [writeStep(kernel, "enable", node, "enable", value, before)], want: { ...is, enabled } };
        };
        await this.change("export-enable", nqn, [asked], authorize, work, keysOf(devices));
    }

    /** Tells connected hosts when the size of the device has changed. @throws ModelError Failed when switched off */
    async revalidate(nqn: string, authorize: Authorize): Promise<void> {
        await this.change(
            "export-revalidate",
            nqn,
            [permission("export-create", this.get(nqn))],
            authorize,
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
    async remove(nqn: string, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const asked = await this.changes.rehearse(one);
        const devices = await this.devicesOf(this.context.refresher.target, nqn);
        await authorize([permission("export-remove", one)]);
        const work = ({ subsystem, tree }: Now): ExportChange => ({
            steps: teardownSteps(this.context, subsystem, tree, (of, port) =>
                unlinkForNow(this.context, tree, of, port),
            ),
            want: null,
        });
        await this.changes.change("export-remove", nqn, asked, work, keysOf(devices));
    }

    /** Has an export restored at each boot with the ports that it is on, or no more. @throws ModelError NotSupported */
    async setPersistent(nqn: string, persistent: boolean, authorize: Authorize): Promise<void> {
        const one = this.get(nqn);
        const asked = await this.changes.rehearse(one);
        await authorize([permission("configuration", one)]);
        if (persistent && one.backing === undefined) {
            throw new ModelError(
                "NotSupported",
                `${nqn} exports no volume and no cache of this service, so it cannot be saved.`,
            );
        }
        await this.changes.change("export-persist", nqn, asked, async ({ tree, is }) => {
            this.context.saved.refuseDamaged();
            const entry = this.context.saved.export(nqn);
            if (!persistent && entry !== undefined && !isSavedExport(is, entry)) {
                throw otherIsThere(nqn);
            }
            if (!persistent) {
                await this.saved.forget(nqn);
            }
            return { steps: persistent ? this.changes.savingSteps(nqn, is, tree) : [], want: is };
        });
    }

    /**
     * Makes a change in the order of all of them: check, ask permission, check again under lock, act, read back.
     * @param work only makes the plan
     */
    private async change(
        operation: Operation,
        nqn: string,
        permissions: Permission[],
        authorize: Authorize,
        work: (now: Now) => ExportChange | Promise<ExportChange>,
        devices: readonly string[] = [],
    ): Promise<void> {
        const asked = await this.changes.rehearse(this.get(nqn), work);
        await authorize(permissions);
        await this.changes.change(operation, nqn, asked, work, devices);
    }

    private async identityOf(path: string, shown = path): Promise<DeviceIdentity> {
        try {
            return await identify(this.context, await this.context.kernel.resolveDevice(path), shown);
        } catch (error) {
            throw toModelError(error, shown);
        }
    }

    /** Finds the devices of an export's namespaces by their paths; those that are not there are left out. */
    private async devicesOf(tree: NvmetTree | undefined, nqn: string): Promise<Map<string, DeviceIdentity>> {
        const found = new Map<string, DeviceIdentity>();
        for (const { devicePath } of tree?.subsystems.find((one) => one.nqn === nqn)?.namespaces ?? []) {
            const device = await this.identityOf(devicePath).catch(() => undefined);
            if (device !== undefined) {
                found.set(devicePath, device);
            }
        }
        return found;
    }

    private async refuseOtherDevices(
        tree: NvmetTree,
        nqn: string,
        before: ReadonlyMap<string, DeviceIdentity>,
    ): Promise<void> {
        const now = await this.devicesOf(tree, nqn);
        const marks = (devices: ReadonlyMap<string, DeviceIdentity>): string =>
            [...devices].map(([path, { name, mark }]) => `${path} ${name} ${mark}`).join("\n");
        if (marks(now) !== marks(before)) {
            throw changedMeanwhile(`The device of ${nqn}`);
        }
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

function keysOf(devices: ReadonlyMap<string, DeviceIdentity>): string[] {
    return [...devices.values()].map(({ key }) => key);
}
