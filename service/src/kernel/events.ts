// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Notices of change. Uevents tell of devices and modules (a `udevadm monitor` child, on the kernel's own group, so that
 * no udev rule stands in between). Mounts, swap, exports, failed writes and some read-only flags raise none, and those of
 * mappings may get lost: for these digests of a few files, or of what inotify told, are compared every second, or less often
 * where one costs more than its share of the time.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { TOOL_ENVIRONMENT, type Tools } from "./exec.js";
import type { KernelEvent } from "./port.js";

const PERIOD_MS = 1000;
/** A digest that takes longer than this, in ms of a processor, may take at most this part of the time for what is above. */
const SMALL_MS = 5;
const SHARE = 1 / 200;
/** Notices of one subsystem are passed on at most this often; the last of a burst is never dropped. */
const SPACING_MS = 50;
/** Devices that one notice names; one about more of them names none. */
const MOST_DEVICES = 64;
const RESTART_MS = [1000, 2000, 5000, 30_000];

type Subsystem = KernelEvent["subsystem"];

/** One part of the digest: what it says now, and which subsystem changed when it says something else. */
export interface Digest {
    subsystem: Subsystem;
    read: () => string;
    /** Names the block devices by which alone two readings differ; undefined when something else differs, too. */
    devices?: (before: string, now: string) => readonly string[] | undefined;
    /** Ends what it keeps open between readings. */
    close?: () => void;
}

/** Block devices that a notice is about; "any" when it may be about every one. */
type Devices = Set<string> | "any";

/** The adapter of events. It costs nothing while nobody listens. */
export class KernelEvents {
    private readonly listeners = new Set<(event: KernelEvent) => void>();
    private readonly due = new Map<Subsystem, { timer: NodeJS.Timeout; devices: Devices }>();
    private readonly sent = new Map<Subsystem, number>();
    /** What each digest said last, what that cost beyond what is small, in ms, and when it is read again. */
    private readonly before = new Map<Digest, { text: string; cost: number; due: number }>();
    private timer: NodeJS.Timeout | undefined;
    private child: ChildProcess | undefined;
    private restart: NodeJS.Timeout | undefined;
    private failures = 0;
    /** What we changed ourselves since digests were read last. */
    private readonly own = new Map<Subsystem, Devices>();
    /** Counts starts and stops, so that a poll of before a stop knows that it is over. */
    private run = 0;

    constructor(
        private readonly tools: Tools,
        private readonly digests: readonly Digest[],
    ) {}

    /** Calls `listener` after every change, until it is closed. */
    watch(listener: (event: KernelEvent) => void): { close(): void } {
        const own = (event: KernelEvent): void => listener(event);
        this.listeners.add(own);
        if (this.listeners.size === 1) this.start();
        return {
            close: () => {
                if (this.listeners.delete(own) && this.listeners.size === 0) this.stop();
            },
        };
    }

    /**
     * We changed something there, and what was read of it since is nothing that a digest has seen: when others undo the change
     * before the next digest, that is the same as the last, and yet there is a change to tell of.
     * @param device kernel name of the one block device that was changed
     */
    changed(subsystem: Subsystem, device?: string): void {
        this.own.set(subsystem, joined(this.own.get(subsystem), device === undefined ? undefined : [device]));
    }

    /** Forgets every listener and ends the child. */
    close(): void {
        this.listeners.clear();
        this.stop();
    }

    private start(): void {
        this.monitor();
        const run = ++this.run;
        const poll = (): void => {
            this.compare();
            if (this.run === run) this.timer = setTimeout(poll, PERIOD_MS).unref();
        };
        poll();
    }

    private stop(): void {
        this.run++;
        clearTimeout(this.timer);
        clearTimeout(this.restart);
        this.due.forEach(({ timer }) => clearTimeout(timer));
        this.due.clear();
        this.before.clear();
        this.digests.forEach((digest) => digest.close?.());
        this.own.clear();
        const child = this.child;
        this.child = undefined;
        child?.kill("SIGKILL");
    }

    private compare(): void {
        const own = new Map(this.own);
        this.own.clear(); // What is changed from now on may be missed by this reading, and is left to the next.
        const isFirst = this.before.size === 0;
        for (const digest of this.digests) {
            const before = this.before.get(digest);
            const at = performance.now();
            if (before !== undefined && at < before.due) continue;
            // Processor time: on a busy host a reading takes long and costs no more.
            const used = process.cpuUsage();
            const text = digest.read();
            const { user, system } = process.cpuUsage(used);
            const cost = Math.max(0, (user + system) / 1000 - SMALL_MS);
            // One that costs much once, as when watches are set up, is not made to pause for it.
            const due = at + Math.min(cost, before?.cost ?? 0) / SHARE;
            this.before.set(digest, { text, cost, due });
            if (before !== undefined && before.text !== text) {
                this.notice(digest.subsystem, digest.devices?.(before.text, text));
            }
        }
        // What was changed while nobody listened is nothing to tell of.
        if (!isFirst) own.forEach((devices, subsystem) => this.notice(subsystem, devices));
    }

    private monitor(): void {
        let path: string;
        try {
            path = this.tools.find("udevadm");
        } catch {
            return; // The digests still find what changed.
        }
        const args = ["monitor", "--kernel", "--subsystem-match=block", "--subsystem-match=module"];
        const child = spawn(path, args, { env: TOOL_ENVIRONMENT, stdio: ["ignore", "pipe", "ignore"], cwd: "/" });
        this.child = child;
        createInterface({ input: child.stdout }).on("line", (line) => {
            const [, device, subsystem] = /^KERNEL\[.*?([^/ ]*) \((block|module)\)$/.exec(line) ?? [];
            if (subsystem === undefined) return;
            this.failures = 0;
            this.notice(subsystem as Subsystem, subsystem === "block" && device ? [device] : undefined);
        });
        const ended = (): void => {
            if (this.child !== child) return;
            this.child = undefined;
            const delay = RESTART_MS[Math.min(this.failures++, RESTART_MS.length - 1)] ?? PERIOD_MS;
            this.restart = setTimeout(() => {
                this.monitor();
                this.notice("unknown"); // Events were lost while no child ran.
            }, delay).unref();
        };
        child.on("error", ended);
        child.on("exit", ended);
        child.unref();
        (child.stdout as { unref?: () => void }).unref?.();
    }

    /**
     * Passes a notice on now when the last is long enough ago, else once the spacing has passed, with those that came since.
     * @param devices of which it tells; undefined: of any
     */
    private notice(subsystem: Subsystem, devices?: Iterable<string>): void {
        const pending = this.due.get(subsystem);
        if (pending !== undefined) {
            pending.devices = joined(pending.devices, devices);
            return;
        }
        const wait = (this.sent.get(subsystem) ?? -SPACING_MS) + SPACING_MS - performance.now();
        if (wait <= 0) {
            this.send(subsystem, joined(undefined, devices));
            return;
        }
        const timer = setTimeout(() => {
            const { devices: all = "any" } = this.due.get(subsystem) ?? {};
            this.due.delete(subsystem);
            this.send(subsystem, all);
        }, wait);
        this.due.set(subsystem, { timer, devices: joined(undefined, devices) });
    }

    private send(subsystem: Subsystem, devices: Devices): void {
        this.sent.set(subsystem, performance.now());
        const event: KernelEvent = devices === "any" ? { subsystem } : { subsystem, devices: [...devices] };
        for (const listener of this.listeners) listener(event);
    }
}

/** Puts the devices of two notices together. @param known undefined: there is only the other one */
function joined(known: Devices | undefined, devices: Iterable<string> | undefined): Devices {
    if (known === "any" || devices === undefined || devices === "any") return "any";
    const all = new Set([...(known ?? []), ...devices]);
    return all.size > MOST_DEVICES ? "any" : all;
}
