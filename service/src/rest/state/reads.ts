// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { BusError, type Manager, type Request } from "../../client/index.js";

/** The error for "too much is asked for", as the service would give it. */
const BUSY = "org.rapiddisk.Manager.Error.LimitsExceeded";

/** Calls under way at once: the bus lets one connection wait for 128 answers, and changes need theirs. */
const AT_ONCE = 16;
/** Calls that wait for their turn. */
const MOST_WAITING = 512;

/**
 * Asks the service what anybody may ask. All who use HTTP are one caller of the service, so that one of them who asks without
 * end would use up what the service and the bus grant a caller: who asks the same is told the same, and few calls are
 * under way at once. Changes do not come by here.
 */
export class Reads {
    private readonly shared = new Map<string, Promise<unknown>>();
    private readonly waiting: (() => void)[] = [];
    private running = 0;

    constructor(private readonly manager: Pick<Manager, "send">) {}

    /** The answer to a call; one that is under way since the last change is shared. @throws BusError {@link BUSY} when too many wait */
    send<T>(call: Request<T>): Promise<T> {
        const key = JSON.stringify([call.path, call.interface, call.member, call.args], plain);
        const known = this.shared.get(key);
        if (known !== undefined) {
            return known as Promise<T>;
        }
        const forget = (): void => {
            if (this.shared.get(key) === answer) {
                this.shared.delete(key);
            }
        };
        const answer = this.inTurn(call);
        this.shared.set(key, answer);
        answer.then(forget, forget);
        return answer;
    }

    /** Something has changed: who asks from now on is told nothing from before. */
    invalidate(): void {
        this.shared.clear();
    }

    private async inTurn<T>(call: Request<T>): Promise<T> {
        if (this.running < AT_ONCE) {
            this.running += 1;
        } else if (this.waiting.length < MOST_WAITING) {
            await new Promise<void>((resolve) => this.waiting.push(resolve));
        } else {
            throw new BusError(BUSY, "Too many requests wait for the service; try again later.");
        }
        try {
            return await this.manager.send(call);
        } finally {
            const next = this.waiting.shift();
            if (next === undefined) {
                this.running -= 1;
            } else {
                next();
            }
        }
    }
}

/** What JSON has no text for. */
function plain(_key: string, value: unknown): unknown {
    return value instanceof Map
        ? [...(value as Map<unknown, unknown>)]
        : typeof value === "bigint"
          ? `${value}n`
          : value;
}
