// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { KeyedQueue } from "../system/keyedqueue.js";
import { type Authority, BusError, type Call, Variant } from "./api.js";
import { clipped, standardError } from "./errors.js";
import type { ConnectedService } from "./service/service.js";

/** How to ask. */
export interface AuthorityOptions {
    /** Prefix of the error NotAuthorized. */
    errorPrefix: string;
    /** Gets a line when polkit fails. Default: stderr. */
    log?: (line: string) => void;
}

/** polkit's Authority (polkit reference manual, "org.freedesktop.PolicyKit1.Authority"). */
const POLKIT = {
    destination: "org.freedesktop.PolicyKit1",
    path: "/org/freedesktop/PolicyKit1/Authority",
    interface: "org.freedesktop.PolicyKit1.Authority",
};
const ALLOW_USER_INTERACTION = 1;
/** Checks that may put up a prompt, at once over all callers, */
const MAX_PROMPTS = 64;
/** and those of one user: who lets prompts stand keeps nobody else from being asked. */
const MAX_PROMPTS_OF_USER = 8;
/** A check without a prompt is answered at once or something is wrong. */
const PROMPTLESS_TIMEOUT = 10_000;

/**
 * Makes the authority that asks polkit who may. uid 0 may everything, without polkit being asked; any error means no.
 * @param service the connection that callers call on
 */
export function createAuthority(service: ConnectedService, options: AuthorityOptions): Authority {
    return new PolkitAuthority(service, options);
}

class PolkitAuthority implements Authority {
    /** Checks under way that may put up a prompt, by user. */
    private readonly prompts = new Map<number, number>();
    private nextCancellation = 0;
    /** One caller's checks come one after the other. */
    private readonly checks = new KeyedQueue<string>();

    constructor(
        private readonly service: ConnectedService,
        private readonly options: AuthorityOptions,
    ) {}

    async check(
        call: Call,
        action: string,
        details: Record<string, string>,
        interactive = call.interactive,
    ): Promise<void> {
        const uid = await this.uid(call);
        if (uid === 0) return;
        await this.checks.run(call.sender, () => this.ask(call, uid, action, details, interactive && call.interactive));
    }

    private async uid(call: Call): Promise<number> {
        try {
            return await call.uid();
        } catch {
            throw this.denied("You are not authorized: the bus does not say who you are.");
        }
    }

    private async ask(
        call: Call,
        uid: number,
        action: string,
        details: Record<string, string>,
        interactive: boolean,
    ): Promise<void> {
        if (call.signal.aborted) throw this.denied("You are not authorized: you have left the bus.");
        const giveBack = interactive ? this.takePrompt(uid) : undefined;
        try {
            this.decide(await this.checkAuthorization(call, action, details, interactive), action, interactive);
        } finally {
            giveBack?.();
        }
    }

    /** Counts a prompt more. @returns what counts it as gone @throws BusError LimitsExceeded */
    private takePrompt(uid: number): () => void {
        const own = this.prompts.get(uid) ?? 0;
        const all = [...this.prompts.values()].reduce((sum, count) => sum + count, 0);
        if (own >= MAX_PROMPTS_OF_USER || all >= MAX_PROMPTS) {
            const who = own >= MAX_PROMPTS_OF_USER ? "You are being asked" : "Others are being asked";
            const reason = `${who} for a password too many times at the moment; try again once some have been answered.`;
            throw new BusError(`${this.options.errorPrefix}.LimitsExceeded`, reason);
        }
        this.prompts.set(uid, own + 1);
        return () => {
            const left = (this.prompts.get(uid) ?? 1) - 1;
            if (left > 0) this.prompts.set(uid, left);
            else this.prompts.delete(uid);
        };
    }

    private async checkAuthorization(
        call: Call,
        action: string,
        details: Record<string, string>,
        interactive: boolean,
    ): Promise<unknown> {
        const cancellation = `check-${++this.nextCancellation}`;
        const subject = ["system-bus-name", { name: new Variant("s", call.sender) }];
        const flags = interactive ? ALLOW_USER_INTERACTION : 0;
        try {
            const [result] = await this.service.client.call(
                { ...POLKIT, member: "CheckAuthorization" },
                "(sa{sv})sa{ss}us",
                [subject, action, printable(details), flags, cancellation],
                { timeoutMs: interactive ? 0 : PROMPTLESS_TIMEOUT, signal: call.signal },
            );
            return result;
        } catch (error) {
            this.cancel(cancellation);
            if (call.signal.aborted) throw this.denied("You are not authorized: the call was given up.");
            this.log(`polkit could not be asked about ${action}: ${String(error)}`);
            throw this.denied(`You are not authorized (${action}): polkit cannot be asked, so only root may.`);
        }
    }

    /** Takes a prompt off the screen; when there is none any more that is no error. */
    private cancel(cancellation: string): void {
        const target = { ...POLKIT, member: "CancelCheckAuthorization" };
        this.service.client.call(target, "s", [cancellation]).catch(() => undefined);
    }

    /** @throws BusError unless the result is exactly a yes */
    private decide(result: unknown, action: string, interactive: boolean): void {
        const [authorized, challenge, details] = Array.isArray(result) ? (result as unknown[]) : [];
        if (authorized === true) return;
        const dismissed = details instanceof Map && details.has("polkit.dismissed");
        if (dismissed) throw this.denied(`You are not authorized (${action}): the question was dismissed.`);
        if (challenge === true && !interactive) {
            const reason = `Somebody must be asked for this (${action}), and the call did not allow that.`;
            throw standardError("InteractiveAuthorizationRequired", reason);
        }
        const asked = challenge === true ? "nobody could be asked for a password" : "the system's policy says no";
        throw this.denied(`You are not authorized (${action}): ${asked}.`);
    }

    private denied(message: string): BusError {
        return new BusError(`${this.options.errorPrefix}.NotAuthorized`, message);
    }

    private log(line: string): void {
        (this.options.log ?? console.error)(line);
    }
}

/** Details are shown to people: nothing in them may break a line. */
function printable(details: Record<string, string>): Record<string, string> {
    return Object.fromEntries(Object.entries(details).map(([key, value]) => [key, clipped(value, 1000)]));
}
