// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../facts/busnames.js";
import type { ManagerClient, BusRequest, SendOptions } from "../client/index.js";
import { BusError, connect, nameOfPath } from "../client/index.js";
import type { Agent } from "./agent.js";
import { Existing, GONE, type Plan } from "./commands/command.js";
import { ASK_NEEDED, isGone, isTaken, NO_OBJECT, NO_REPLY } from "./failure.js";

/** Requests under way at the same time. */
const AT_ONCE = 16;
/** How often it is asked whether a service that works on a change still answers, and how long it may take to, in ms. */
const ASK_EVERY = 2000;
const SILENCE = 25_000;

/** Which user runs the program, and whether a password may be asked for. */
export interface Person {
    /** Effective uid. */
    uid: number;
    /** Whether standard input is a terminal, so that the program itself can ask. */
    terminal: boolean;
    /** Whether anybody may be asked at all. */
    ask: boolean;
}

/** One run's conversation with the service; the connection is made when the first request is sent. */
export class Session {
    private manager: Promise<ManagerClient> | undefined;
    private agent: Promise<Agent | undefined> | undefined;

    constructor(
        private readonly person: Person,
        private readonly open: () => Promise<ManagerClient> = connect,
    ) {}

    /** Sends a request that changes nothing. */
    async read<T>(request: BusRequest<T>): Promise<T> {
        const manager = await this.connected();
        return await manager.send(request).catch((error: unknown) => sayWhatIsMissing(error, request));
    }

    /**
     * Sends a request. When the service answers that a person would have to be asked, and one may be, it is sent again
     * with that allowed: on a terminal after polkit's agent was started there.
     */
    async send<T>(request: BusRequest<T>): Promise<T> {
        const manager = await this.connected();
        try {
            return await change(manager, request);
        } catch (error) {
            if (!this.mayAsk(error)) {
                sayWhatIsMissing(error, request);
            }
        }
        if (this.person.terminal) {
            this.agent ??= import("./agent.js").then(({ startAgent }) => startAgent());
            await this.agent;
        }
        return await change(manager, request, { interactive: true });
    }

    /**
     * Sends requests: all at once when they only read, one after the other when they change something.
     * @param allowed which refusals are answers: of an object that is not there, of one that is there already
     */
    async sendAll(
        requests: readonly BusRequest[],
        allowed: Pick<Plan, "mayVanish" | "mayExist"> = {},
    ): Promise<unknown[]> {
        const { mayVanish = false, mayExist = false } = allowed;
        if (!requests.some((request) => request.authorized)) {
            return await this.readAll(requests, mayVanish);
        }
        const answers: unknown[] = [];
        const refused = (error: unknown): unknown => {
            if (mayVanish && isGone(error)) {
                return GONE;
            }
            if (mayExist && isTaken(error)) {
                return new Existing((error as Error).message);
            }
            const done = answers.filter((answer) => answer !== GONE).length;
            return sayWhatWasDone(error, done);
        };
        for (const request of requests) {
            answers.push(await this.send(request).catch(refused));
        }
        return answers;
    }

    /** Ends the conversation. */
    async close(): Promise<void> {
        (await this.agent)?.stop();
        await (await this.manager?.catch(() => undefined))?.close();
    }

    private connected(): Promise<ManagerClient> {
        return (this.manager ??= this.open());
    }

    private mayAsk(error: unknown): boolean {
        return this.person.ask && this.person.uid !== 0 && error instanceof BusError && error.errorName === ASK_NEEDED;
    }

    /** Keeps a bounded number of requests under way, so that a host with many volumes is no flood to the service. */
    private async readAll(requests: readonly BusRequest[], mayVanish: boolean): Promise<unknown[]> {
        const answers: unknown[] = [];
        let next = 0;
        const worker = async () => {
            while (next < requests.length) {
                const index = next++;
                answers[index] = await this.readOr(requests[index]!, mayVanish);
            }
        };
        await Promise.all(Array.from({ length: Math.min(AT_ONCE, requests.length) }, worker));
        return answers;
    }

    private async readOr(request: BusRequest, mayVanish: boolean): Promise<unknown> {
        try {
            return await this.read(request);
        } catch (error) {
            if (mayVanish && isGone(error)) {
                return undefined;
            }
            throw error;
        }
    }
}

/** Sends a change. It may take as long as it has to, provided that the service answers other questions meanwhile. */
async function change<T>(manager: ManagerClient, request: BusRequest<T>, how: SendOptions = {}): Promise<T> {
    const ended = new AbortController();
    try {
        return await Promise.race([manager.send(request, how), untilSilent(manager, ended.signal)]);
    } finally {
        ended.abort();
    }
}

/** Waits until the service does not answer any more. @param signal ends the waiting @throws BusError NoReply */
async function untilSilent(manager: ManagerClient, signal: AbortSignal): Promise<never> {
    for (;;) {
        await sleep(ASK_EVERY, undefined, { signal });
        await manager.ping(SILENCE).catch((error: unknown) => {
            if (error instanceof BusError && error.errorName === NO_REPLY) {
                throw error;
            }
        });
    }
}

const WHAT: Readonly<Record<string, string>> = {
    volumes: "volume",
    caches: "cache mapping",
    ports: "port",
    exports: "export",
    jobs: "job",
};

/** The bus knows object paths; a person knows names. */
function sayWhatIsMissing(error: unknown, request: BusRequest): never {
    const kind = request.path.slice(ROOT.length + 1).split("/", 1)[0]!;
    if (error instanceof BusError && error.errorName === NO_OBJECT && Object.hasOwn(WHAT, kind)) {
        throw new BusError(error.errorName, `There is no ${WHAT[kind]} ${nameOfPath(request.path)}.`);
    }
    throw error;
}

/** The error that ends a row of changes tells how many of them were made. */
function sayWhatWasDone(error: unknown, done: number): never {
    if (done > 0 && error instanceof BusError) {
        throw new BusError(error.errorName, `${error.message} (Done before that: ${done}.)`);
    }
    throw error;
}
