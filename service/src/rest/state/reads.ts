// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { ERROR_PREFIX } from "../../facts/busnames.js";
import { BusError, type ManagerClient, type BusRequest } from "../../client/index.js";
import type { End, Peers } from "../access/peers.js";
import { Places } from "../access/places.js";

/** The error for "too much is asked for", as the service would give it. */
const BUSY = `${ERROR_PREFIX}.LimitsExceeded`;

/** Calls under way at once: the bus lets one connection wait for 128 answers, and changes need theirs. */
const AT_ONCE = 16;
/** Calls that wait for their turn. */
const MOST_WAITING = 512;

/** The client of a request. */
export interface Asker {
    identity: string;
    /** Whether that one has shown who it is. */
    known: boolean;
    /** The connection that the question came by. */
    connection: End;
}

/** A call that waits for its turn. */
interface WaitingRead {
    asker: Asker;
    begin(): void;
    refuse(): void;
}

/**
 * Asks the service what anybody may ask. All who use HTTP are one caller of the service, so that one of them who asks without
 * end would use up what the service and the bus grant a caller: clients that ask the same get the same answer, and few calls are
 * under way at once, and when too many wait, those are refused who have most waiting. Changes do not come by here.
 */
export class Reads {
    private readonly shared = new Map<string, Promise<unknown>>();
    private readonly waiting = new Places<WaitingRead>(MOST_WAITING, 0, (all) => {
        const keys = this.peers.keysOf(all.map(({ asker }) => asker.connection));
        return all.map(({ asker: { identity, known } }, index) => ({
            key: known ? identity : keys[index]!,
            isKnown: known,
            isBusy: false,
        }));
    });
    private running = 0;

    constructor(
        private readonly manager: Pick<ManagerClient, "send">,
        private readonly peers: Pick<Peers, "keysOf">,
    ) {}

    /** Sends a call; one that is under way since the last change is shared. @throws BusError {@link BUSY} when too many wait */
    send<T>(call: BusRequest<T>, asker: Asker): Promise<T> {
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
        const answer = this.inTurn(call, asker);
        this.shared.set(key, answer);
        answer.then(forget, forget);
        return answer;
    }

    /** Notes that something has changed: later requests get no answer from before. */
    invalidate(): void {
        this.shared.clear();
    }

    private async inTurn<T>(call: BusRequest<T>, asker: Asker): Promise<T> {
        if (this.running < AT_ONCE) {
            this.running += 1;
        } else {
            await this.turn(asker);
        }
        try {
            return await this.manager.send(call);
        } finally {
            const next = this.waiting.first;
            if (next === undefined) {
                this.running -= 1;
            } else {
                this.waiting.delete(next);
                next.begin();
            }
        }
    }

    private turn(asker: Asker): Promise<void> {
        return new Promise((begin, reject) => {
            const refuse = (): void =>
                reject(new BusError(BUSY, "Too many requests wait for the service; try again later."));
            this.waiting.add({ asker, begin, refuse });
            this.waiting.overflow().forEach((one) => one.refuse());
        });
    }
}

/** Replaces what JSON has no text for: maps and bigints. */
function plain(_key: string, value: unknown): unknown {
    return value instanceof Map
        ? [...(value as Map<unknown, unknown>)]
        : typeof value === "bigint"
          ? `${value}n`
          : value;
}
