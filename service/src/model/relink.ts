// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { NvmetTree } from "../kernel/port.js";
import { lockId, type ModelContext } from "./context.js";
import { errnoOf } from "./errors.js";
import { isUnlinked } from "./ownership.js";
import type { Step } from "./plan.js";
import { lacksAddress } from "./portplan.js";
import type { UnlinkedPort } from "./storage.js";
import { link, linkStep, unlinkStep } from "./targetsteps.js";

/**
 * Ports off which an export was taken for a moment, and onto which the kernel did not let it back: an address is gone, or
 * another program listens there by now. What the export was taken off for (a host lost its right) stays done; the port is
 * noted, is a line among the host's problems, and is tried again.
 */

/** The longest pause between two tries, in ms: the kernel writes a line into its log for each that fails. */
const LONGEST = 60_000;
const FIRST = 1000;

/** Takes an export off a port. Undone by putting it back, or by noting that it could not be. */
export function unlinkForNow(context: ModelContext, tree: NvmetTree, nqn: string, port: number): Step {
    return { ...unlinkStep(context.kernel, nqn, port), undo: () => putBack(context, tree, nqn, port) };
}

/** Puts an export back on a port, or notes that it could not be. */
export function relinkStep(context: ModelContext, tree: NvmetTree, nqn: string, port: number): Step {
    return { ...linkStep(context.kernel, nqn, port), run: () => putBack(context, tree, nqn, port) };
}

/**
 * Takes rights away while no host is connected: the target looks at them only when one connects. Those who keep the right
 * come back by themselves. The port links go first and come back last, which every kernel does the same way: wherever this
 * is interrupted, either the right or a link is seen to be missing, and nobody stays connected who lost the right.
 */
export function disconnectedSteps(
    context: ModelContext,
    tree: NvmetTree,
    nqn: string,
    ports: readonly number[],
    steps: readonly Step[],
): Step[] {
    return [
        ...ports.map((port) => unlinkForNow(context, tree, nqn, port)),
        ...steps,
        ...ports.map((port) => relinkStep(context, tree, nqn, port)),
    ];
}

/** Finds ports that an export is to be on though it is not now: noted for this very export and these very ports. */
export function unlinkedPorts({ ownership }: ModelContext, tree: NvmetTree, nqn: string): number[] {
    return (ownership.current.unlinked ?? [])
        .filter((one) => one.nqn === nqn && isUnlinked(one, tree))
        .map(({ port }) => port);
}

async function putBack(context: ModelContext, tree: NvmetTree, nqn: string, port: number): Promise<void> {
    const { kernel, ownership, log } = context;
    const made = tree.subsystems.find((one) => one.nqn === nqn)?.inode ?? 0;
    const portMade = tree.ports.find((one) => one.id === port)?.inode ?? 0;
    try {
        await link(kernel, nqn, port);
        await ownership.dropUnlinked(nqn, port);
    } catch (error) {
        const why = (error as Error).message;
        log(`${nqn} could not be put back on port ${port}; it is tried again: ${why}`);
        // What cannot be noted is told by the line above, and must not undo what the export was taken off for.
        await ownership.addUnlinked({ nqn, made, port, portMade, why }).catch((reason: Error) => log(reason.message));
    }
}

/** Tries what could not be put back again, with pauses that grow, and at once when an address is there again. */
export class Relinking {
    private readonly tries = new Map<string, { pause: number; next: number }>();

    constructor(private readonly context: ModelContext) {
        context.refresher.onLook(() => this.tryAll());
    }

    private async tryAll(): Promise<void> {
        const { ownership, locks } = this.context;
        if ((ownership.current.unlinked ?? []).length === 0) {
            this.tries.clear();
            return;
        }
        // While something else works on the target it is tried on the next look.
        await locks.run("putting exports back on ports", [lockId.target], () => this.tryEach()).catch(() => undefined);
    }

    private async tryEach(): Promise<void> {
        const { kernel, ownership, refresher, log } = this.context;
        const tree = await kernel.readNvmet();
        for (const one of ownership.current.unlinked ?? []) {
            const { nqn, port } = one;
            if (!isUnlinked(one, tree)) {
                await ownership.dropUnlinked(nqn, port);
            } else if (this.isDue(one, tree)) {
                try {
                    await kernel.nvmetCreate({ kind: "port-link", port, nqn });
                } catch (error) {
                    if (errnoOf(error) !== "EEXIST") {
                        continue;
                    }
                }
                await ownership.dropUnlinked(nqn, port);
                log(`${nqn} is back on port ${port}.`);
                await refresher.refreshTarget();
            }
        }
    }

    /** Without its address a port cannot be opened: nothing is tried then. */
    private isDue({ nqn, port }: UnlinkedPort, tree: NvmetTree): boolean {
        const there = tree.ports.find((one) => one.id === port);
        if (there === undefined || lacksAddress(there)) {
            this.tries.delete(`${port} ${nqn}`);
            return false;
        }
        const now = performance.now();
        const last = this.tries.get(`${port} ${nqn}`) ?? { pause: FIRST, next: now };
        const due = now >= last.next;
        this.tries.set(`${port} ${nqn}`, {
            ...last,
            ...(due ? { pause: Math.min(LONGEST, 2 * last.pause), next: now + last.pause } : {}),
        });
        return due;
    }
}
