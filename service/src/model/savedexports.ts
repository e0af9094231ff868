// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import { defined } from "../system/defined.js";
import { lockId, type ModelContext } from "./context.js";
import { ModelError } from "./errors.js";
import { readTarget } from "./exportbacking.js";
import type { ExportChanges } from "./exportchange.js";
import { describeExport } from "./exportplan.js";
import { identify } from "./identity.js";
import { usersNow } from "./inuse.js";
import type { HostKeys } from "./nqn.js";
import { isSavedPort, portDifference } from "./portplan.js";
import { obstacleWords, portDifferenceWords } from "./problems.js";
import { deviceObstacle } from "./savedas.js";
import { refuseSameSerial } from "./serials.js";
import { busy } from "./retrybusy.js";
import type { ExportEntry } from "./storage.js";
import { buildSteps, linkStep } from "./targetsteps.js";

/** Makes saved exports again, and forgets them. Nobody is asked for permission here: the callers have. */
export class SavedExports {
    constructor(
        private readonly context: ModelContext,
        private readonly changes: ExportChanges,
    ) {}

    /** Drops the saved entry of an export that is not there, and the keys that no other needs. */
    async forget(nqn: string): Promise<void> {
        await this.context.saved.putExport(nqn, null);
        await this.changes.saveKeys();
    }

    /** Builds a saved export that is not there. Also used by the restore at boot; the target is locked by the caller. */
    async rebuild(entry: ExportEntry): Promise<void> {
        const { kernel, keys: store } = this.context;
        this.refuseOtherDevice(entry.device);
        const tree = await readTarget(this.context);
        refuseSameSerial(entry, tree);
        const keys = new Map<string, HostKeys>();
        for (const host of entry.authenticated) {
            const found = await store.load(host);
            if (found === undefined) {
                throw new ModelError(
                    "Failed",
                    `the key of ${host} is not among the saved ones; forget the export and create it with another key.`,
                );
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
     * caller. @returns whether it was not there yet @throws ModelError when that cannot be done now
     */
    async putOnSavedPort(nqn: string, id: number): Promise<boolean> {
        const { kernel, ownership, saved } = this.context;
        const tree = await readTarget(this.context);
        if (tree.ports.some((port) => port.id === id && port.subsystems.includes(nqn))) {
            return false;
        }
        const obstacle = this.portObstacle(tree, id);
        if (obstacle !== undefined) {
            throw obstacle;
        }
        const is = describeExport(tree, nqn);
        const number = tree.subsystems.find((one) => one.nqn === nqn)?.inode;
        await this.changes.run(
            "export-add-port",
            { nqn, was: is, ...defined({ number }) },
            {
                steps: [linkStep(kernel, nqn, id), { name: "noted", run: () => ownership.dropUnlinked(nqn, id) }],
                want: { ...is, ports: [...is.ports, id] },
            },
            saved.export(nqn),
        );
        return true;
    }

    /** Keeps hosts from being given what others put under the name of the saved device. @throws ModelError AlreadyExists */
    private refuseOtherDevice(device: string): void {
        const obstacle = deviceObstacle(this.context.saved.current, this.context.tree, device);
        if (obstacle !== undefined) {
            throw new ModelError("AlreadyExists", `${obstacleWords(obstacle)}.`);
        }
    }

    /** Says why an export cannot be on a port where it is saved; undefined when it can. */
    private portObstacle(tree: NvmetTree, id: number): ModelError | undefined {
        const port = tree.ports.find((one) => one.id === id);
        const meant = this.context.saved.port(id);
        if (port === undefined) {
            return new ModelError("NotFound", `There is no port ${id}.`);
        }
        return meant === undefined || isSavedPort(port, meant)
            ? undefined
            : new ModelError("Failed", `${portDifferenceWords(portDifference(port, meant))}.`);
    }

    /** Keys of the devices that a saved export puts to a use, for a caller who is going to {@link rebuild} it. */
    async locksOf(entry: ExportEntry): Promise<string[]> {
        const { kernel } = this.context;
        const device = await kernel
            .resolveDevice(entry.device)
            .then((name) => identify(this.context, name, entry.device))
            .catch(() => undefined);
        return [...(device === undefined ? [] : [device.key]), lockId.target];
    }
}
