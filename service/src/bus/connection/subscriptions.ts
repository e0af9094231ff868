// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { BUS } from "../../facts/dbus.js";
import type { BusClient } from "../api.js";
import type { Header } from "../wire/header.js";
import { DecodeError, Reader } from "../wire/reader.js";

/** Which signals somebody wants; as {@link BusClient.subscribe} takes it, and `arg2` in addition. */
export type Match = Parameters<BusClient["subscribe"]>[0] & { arg2?: string };
/** Gets the signals. */
export type SignalListener = Parameters<BusClient["subscribe"]>[1];

interface Subscription {
    match: Match;
    rule: string;
    listener: SignalListener;
}

/** Calls a method of the bus daemon that takes one string. */
export type DaemonCall = (member: string, argument: string) => Promise<unknown[]>;

/** Signals may come from anybody: they are decoded no further than calls are. */
const LIMITS = { values: 50_000, depth: 64, bytes: 65_536 };

/**
 * Signals that this connection listens to. Every rule is added to the bus once however many listeners share it. A
 * signal from elsewhere than the sender asked for is ignored, even when it was sent to us directly.
 */
export class Subscriptions {
    private readonly all = new Set<Subscription>();
    private readonly rules = new Map<string, number>();
    /** Unique names behind the well-known names that listeners named as senders. */
    private readonly owners = new Map<string, string>();
    private readonly tracked = new Map<string, Promise<unknown>>();

    constructor(
        private readonly daemon: DaemonCall,
        private readonly log: (line: string) => void,
    ) {}

    /** Adds a listener; resolves when the bus knows of it. */
    async add(match: Match, listener: SignalListener): Promise<{ close(): Promise<void> }> {
        if (match.sender !== undefined && isWellKnown(match.sender)) await this.track(match.sender);
        const subscription = { match, rule: matchRule(match), listener };
        await this.addRule(subscription.rule);
        this.all.add(subscription);
        return {
            close: async () => {
                if (this.all.delete(subscription)) await this.removeRule(subscription.rule);
            },
        };
    }

    /** Hands a signal to those who asked for it. */
    dispatch(header: Header, body: Buffer): void {
        let args: unknown[] | undefined;
        for (const { match, listener } of this.all) {
            if (!this.fits(match, header)) continue;
            try {
                args ??= new Reader(body, header.littleEndian, LIMITS).readBody(header.signature);
                if (match.arg0 !== undefined && args[0] !== match.arg0) continue;
                if (match.arg2 !== undefined && args[2] !== match.arg2) continue;
                listener({ path: header.path, interface: header.interface, member: header.member, args });
            } catch (error) {
                if (error instanceof DecodeError) return;
                this.log(
                    `A listener for ${header.interface}.${header.member} failed: ${String((error as Error).stack)}`,
                );
            }
        }
    }

    private fits(match: Match, header: Header): boolean {
        return (
            (match.sender === undefined || (this.owners.get(match.sender) ?? match.sender) === header.sender) &&
            (match.path === undefined || match.path === header.path) &&
            (match.interface === undefined || match.interface === header.interface) &&
            (match.member === undefined || match.member === header.member) &&
            (match.pathNamespace === undefined || isWithin(header.path, match.pathNamespace))
        );
    }

    private track(name: string): Promise<unknown> {
        let tracking = this.tracked.get(name);
        if (tracking === undefined) {
            const changed = { sender: BUS, interface: BUS, member: "NameOwnerChanged", arg0: name };
            tracking = this.add(changed, ({ args }) => this.owners.set(name, String(args[2])))
                .then(() => this.daemon("GetNameOwner", name))
                .then(
                    ([owner]) => this.owners.set(name, String(owner)),
                    () => this.owners.set(name, ""),
                );
            this.tracked.set(name, tracking);
        }
        return tracking;
    }

    private async addRule(rule: string): Promise<void> {
        const users = this.rules.get(rule) ?? 0;
        this.rules.set(rule, users + 1);
        if (users === 0) await this.daemon("AddMatch", rule);
    }

    private async removeRule(rule: string): Promise<void> {
        const users = (this.rules.get(rule) ?? 1) - 1;
        if (users > 0) {
            this.rules.set(rule, users);
            return;
        }
        this.rules.delete(rule);
        await this.daemon("RemoveMatch", rule);
    }
}

/** Writes a match rule (D-Bus specification, "Match Rules"). */
export function matchRule(match: Match): string {
    const keys: [string, string | undefined][] = [
        ["type", "signal"],
        ["sender", match.sender],
        ["path", match.path],
        ["path_namespace", match.pathNamespace],
        ["interface", match.interface],
        ["member", match.member],
        ["arg0", match.arg0],
        ["arg2", match.arg2],
    ];
    return keys
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${key}='${String(value).replaceAll("'", "'\\''")}'`)
        .join(",");
}

function isWellKnown(name: string): boolean {
    return !name.startsWith(":") && name !== BUS;
}

function isWithin(path: string, namespace: string): boolean {
    return namespace === "/" || path === namespace || path.startsWith(`${namespace}/`);
}
