// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Manager, Request } from "../client/index.js";
import { BusError } from "../client/index.js";
import { log } from "../system/journal.js";
import type { Figures } from "./state/figures.js";
import type { Mirror } from "./state/mirror.js";
import { Reads } from "./state/reads.js";

/** Who asks for a change and by which route. */
export interface Caller {
    identity: string;
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
        private readonly manager: Pick<Manager, "send">,
        private readonly mirror: Mirror,
        private readonly figures: Figures,
    ) {
        this.reads = new Reads(manager);
    }

    /** @throws BusError as the service answers, or that it is not there: a change never starts it anew */
    async send<T>(call: Request<T>, { identity, from, route }: Caller): Promise<T> {
        await this.mirror.whenPresent();
        if (!call.authorized) {
            return await this.reads.send(call);
        }
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
            this.figures.invalidate();
            this.reads.invalidate();
        }
    }
}
