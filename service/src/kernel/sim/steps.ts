// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Numbered steps of the simulated kernel, and the faults that a test plants on them. */
import { KernelError } from "../port.js";

/** Verbs that change the kernel: each call is one step. */
export const CHANGING_VERBS = [
    "attachRamDisk",
    "detachRamDisk",
    "resizeRamDisk",
    "eraseRamDisk",
    "setReadOnly",
    "createMapping",
    "reloadMapping",
    "removeMapping",
    "messageMapping",
    "loadModule",
    "revealOrigin",
    "nvmetCreate",
    "nvmetWrite",
    "nvmetRemove",
] as const;
export type ChangingVerb = (typeof CHANGING_VERBS)[number];

/** One changing call as it went. */
export interface SimStep {
    /** Counted from 1 since the start or the last resetSteps(). */
    number: number;
    verb: ChangingVerb;
    /** The first argument, which names the object. */
    target: string;
    /** Symbolic errno, "" when it succeeded, "…" while it runs or forever when the process died in it. */
    result: string;
}

/** Before the step changes anything, or after it changed the kernel and before the caller hears of it. */
export type FaultMoment = "before" | "after";

type StepFault =
    | { kind: "fail"; when: FaultMoment; errno: string }
    | { kind: "hang"; when: FaultMoment; released: Promise<void>; release: () => void }
    | { kind: "crash"; when: FaultMoment };

const forever = new Promise<never>(() => undefined);

function hang(): { released: Promise<void>; release: () => void } {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    return { released, release };
}

/** Faults and the log of steps. */
export class SimSteps {
    readonly log: SimStep[] = [];
    private readonly byNumber = new Map<number, StepFault>();
    private readonly byVerb = new Map<string, { errno: string; times: number }>();
    private readonly hungVerbs = new Map<string, { released: Promise<void>; release: () => void }>();
    private turn: ((verb: string) => Promise<void>) | undefined;
    private count = 0;
    private latency = 0;
    private dead = false;

    constructor(private readonly crash: () => void) {}

    /** Starts counting at 1 again and empties the log; planted faults stay. */
    resetSteps(): void {
        this.count = 0;
        this.log.length = 0;
    }

    /** Makes step `number` fail with `errno`; "after": the change happened, but the caller is told that it failed. */
    failStep(number: number, errno: string, when: FaultMoment = "before"): void {
        this.byNumber.set(number, { kind: "fail", when, errno });
    }

    /** Makes the next `times` calls of a verb (reading verbs too) fail with `errno`. */
    failVerb(verb: string, errno: string, times = 1): void {
        this.byVerb.set(verb, { errno, times });
    }

    /** Makes step `number` wait until {@link releaseHung}. */
    hangStep(number: number, when: FaultMoment = "before"): void {
        this.byNumber.set(number, { kind: "hang", when, ...hang() });
    }

    /** Makes every later call of a verb (reading verbs too) wait until {@link releaseHung}. */
    hangVerb(verb: string): void {
        this.hungVerbs.set(verb, hang());
    }

    /** Awaits `turn` before each verb, reading ones too, so that a test decides the order of calls that run at once. */
    setTurns(turn: ((verb: string) => Promise<void>) | undefined): void {
        this.turn = turn;
    }

    /** Lets every hanging step go on, and forgets hangs not yet met. */
    releaseHung(): void {
        for (const [number, fault] of this.byNumber) {
            if (fault.kind !== "hang") continue;
            this.byNumber.delete(number);
            fault.release();
        }
        for (const hung of this.hungVerbs.values()) hung.release();
        this.hungVerbs.clear();
    }

    /** Ends the process (the `crash` option) at step `number`; the verb then never returns, as after kill -9. */
    crashStep(number: number, when: FaultMoment): void {
        this.byNumber.set(number, { kind: "crash", when });
    }

    /** After a crash inside one process: the next caller is the restarted program, so verbs work again. */
    restartProcess(): void {
        this.dead = false;
        this.clearFaults();
    }

    /** Milliseconds that every later step takes. */
    setLatency(milliseconds: number): void {
        this.latency = milliseconds;
    }

    clearFaults(): void {
        this.releaseHung();
        this.byNumber.clear();
        this.byVerb.clear();
        this.latency = 0;
    }

    /** Runs a reading verb. */
    async read<T>(verb: string, action: () => T): Promise<T> {
        if (this.dead) return forever;
        const waiting = this.wait(verb);
        if (waiting) await waiting;
        this.failByVerb(verb, "");
        return action();
    }

    /** Runs a changing verb as one step. */
    async step<T>(verb: ChangingVerb, target: string, action: () => T): Promise<T> {
        if (this.dead) return forever;
        const entry: SimStep = { number: ++this.count, verb, target, result: "…" };
        this.log.push(entry);
        if (this.log.length > 10_000) this.log.shift();
        const fault = this.byNumber.get(entry.number);
        try {
            if (this.latency > 0) await new Promise((resolve) => setTimeout(resolve, this.latency));
            const waiting = this.wait(verb);
            if (waiting) await waiting;
            await this.meet(fault, "before", entry);
            this.failByVerb(verb, target);
            const result = action();
            await this.meet(fault, "after", entry);
            entry.result = "";
            return result;
        } catch (error) {
            entry.result = error instanceof KernelError ? error.errno : String(error);
            throw error;
        }
    }

    /** What a verb waits for before it does anything; undefined unless a test asked for it. */
    private wait(verb: string): Promise<void> | undefined {
        const hung = this.hungVerbs.get(verb);
        return hung ? hung.released : this.turn?.(verb);
    }

    private failByVerb(verb: string, target: string): void {
        const fault = this.byVerb.get(verb);
        if (!fault) return;
        if (--fault.times <= 0) this.byVerb.delete(verb);
        throw new KernelError(fault.errno, `${verb} ${target} failed as the test asked (${fault.errno}).`);
    }

    private async meet(fault: StepFault | undefined, when: FaultMoment, entry: SimStep): Promise<void> {
        if (!fault || fault.when !== when) return;
        switch (fault.kind) {
            case "fail":
                this.byNumber.delete(entry.number);
                throw new KernelError(
                    fault.errno,
                    `${entry.verb} ${entry.target} failed as the test asked (${fault.errno}).`,
                );
            case "hang":
                await fault.released;
                return;
            case "crash":
                this.dead = true;
                this.crash();
                await forever;
        }
    }
}
