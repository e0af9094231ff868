// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { ManagerClient, BusRequest } from "../client/index.js";
import { BusError } from "../client/index.js";
import { log } from "../system/journal.js";
import type { Peers } from "./access/peers.js";
import type { PolledState } from "./state/polledstate.js";
import type { ObjectCache } from "./state/objectcache.js";
import { type Asker, Reads } from "./state/reads.js";

/** The client of a request, and the route. */
export interface HttpCaller extends Asker {
    from: string;
    route: string;
}

/**
 * Sends changes to the service, and leaves two lines in the journal for each, with the identity that HTTP gave: before it is
 * sent, for the bridge may not live to tell more, and when it has ended.
 */
export class Performer {
    private readonly reads: Reads;

    constructor(
        private readonly manager: Pick<ManagerClient, "send">,
        private readonly objects: ObjectCache,
        private readonly polled: PolledState,
        peers: Peers,
    ) {
        this.reads = new Reads(manager, peers);
    }

    /** @throws BusError as the service answers, or that it is not there: a change never starts it again */
    async send<T>(call: BusRequest<T>, caller: HttpCaller): Promise<T> {
        await this.objects.whenPresent();
        if (!call.authorized) {
            return await this.reads.send(call, caller);
        }
        const { identity, from, route } = caller;
        const tell = (result: string): void =>
            log(
                "notice",
                `audit: identity=${identity} from=${from} http="${route}" operation=${call.member} object=${call.path} result=${result}`,
            );
        tell("asked");
        try {
            const answer = await this.manager.send(call);
            tell(typeof answer === "string" && answer.startsWith("/") ? `done ${answer}` : "done");
            return answer;
        } catch (error) {
            tell(error instanceof BusError ? `${error.errorName}: ${error.message}` : "internal error");
            throw error;
        } finally {
            this.polled.invalidate();
            this.reads.invalidate();
        }
    }
}
