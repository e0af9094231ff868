// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { CallHandler } from "../connection/connection.js";
import type { Outbox } from "../connection/outbox.js";
import type { Header } from "../wire/header.js";
import type { CallerQueue, Callers, Queued } from "./callers.js";
import type { Limits } from "./limits.js";
import { BufferPool } from "./bufferpool.js";

/** Starts and refuses calls. Nothing of it may throw. */
export interface Runner {
    /** Starts a call; returns a promise when it goes on after this turn. The body is valid until this returns. */
    run(caller: CallerQueue, header: Header, body: Buffer): Promise<void> | undefined;
    /** Answers a call that is not taken. */
    refuse(header: Header, reason: string): void;
}

/** Calls are started for this long, then the event loop gets its turn. */
const SLICE_MS = 4;
/** What a waiting call costs beside its body, in bytes. */
const OVERHEAD = 512;
/** A call this small gets in from a caller that has nothing waiting, however full it is. */
const SMALL = 4096;

/**
 * Decides whose call is next: callers take turns, one call each, so that no flood from one delays another. Calls of one
 * caller start in the order in which they came.
 */
export class Scheduler implements CallHandler {
    private line: CallerQueue[] = [];
    private fresh: Queued[] = [];
    private readonly buffers = new BufferPool();
    private allBytes = 0;
    private allRunning = 0;
    private scheduled = false;

    constructor(
        private readonly callers: Callers,
        private readonly outbox: Outbox,
        private readonly limits: Limits,
        private readonly runner: Runner,
    ) {}

    call(header: Header, body: Buffer): void {
        if (header.sender === "") return;
        const caller = this.callers.get(header.sender);
        const refusal = this.admit(caller, body.length);
        if (refusal !== undefined) {
            this.runner.refuse(header, refusal);
            return;
        }
        const queued = { header, body };
        caller.waiting.push(queued);
        this.account(caller, body.length + OVERHEAD);
        this.fresh.push(queued);
        this.enterLine(caller);
    }

    oversized(header: Header, size: number): void {
        const { body } = this.limits;
        this.runner.refuse(header, `The call holds ${size} bytes; at most ${body} bytes are taken.`);
    }

    /** Starts calls, then copies the bodies of those that must wait longer than what was read stays valid. */
    settled(): void {
        if (this.fresh.length === 0) return;
        this.runSlice();
        for (const queued of this.fresh) {
            if (queued.body.length > 0) queued.body = this.buffers.copy(queued.body);
        }
        this.fresh = [];
    }

    /** Drops the waiting calls of a caller that has left. */
    forget(caller: CallerQueue): void {
        caller.waiting.length = 0;
        this.account(caller, -caller.waitingBytes);
    }

    /** Says why a call is refused; undefined when it is accepted. */
    private admit(caller: CallerQueue, size: number): string | undefined {
        const { queued, queuedBytes, allQueuedBytes } = this.limits;
        if (caller.waiting.length >= queued) {
            return `${queued} calls of yours wait already; let some be answered first.`;
        }
        if (caller.waitingBytes + size > queuedBytes) {
            return `Calls of yours with ${caller.waitingBytes} bytes wait already; let some be answered first.`;
        }
        const small = caller.waiting.length === 0 && size <= SMALL;
        if (this.allBytes + size > allQueuedBytes && !small) return "Too many calls wait already; try again later.";
        return undefined;
    }

    private account(caller: CallerQueue, bytes: number): void {
        caller.waitingBytes += bytes;
        this.allBytes += bytes;
    }

    private enterLine(caller: CallerQueue): void {
        if (caller.inLine || caller.waiting.length === 0) return;
        const most = this.allRunning >= this.limits.allRunning ? 1 : this.limits.running;
        if (caller.running.size >= most) return;
        caller.inLine = true;
        this.line.push(caller);
    }

    private runSlice(): void {
        const end = performance.now() + SLICE_MS;
        while (this.line.length > 0) {
            if (this.outbox.pending > this.limits.unsentBytes) {
                this.scheduleWhenSent();
                return;
            }
            // What goes on after this turn may go on at the end of it: that counts as well, before the next one is started.
            const goesOn = this.runNext(this.line.shift() as CallerQueue);
            if (this.line.length > 0 && (goesOn || performance.now() > end)) {
                this.schedule();
                return;
            }
        }
    }

    /** @returns whether the call goes on after this */
    private runNext(caller: CallerQueue): boolean {
        caller.inLine = false;
        const queued = caller.waiting.shift();
        if (queued === undefined) return false;
        const { header, body } = queued;
        this.account(caller, -(body.length + OVERHEAD));
        queued.body = EMPTY;
        const running = this.runner.run(caller, header, body);
        this.buffers.release(body);
        if (running !== undefined) {
            this.allRunning += 1;
            void running.finally(() => {
                this.allRunning -= 1;
                this.enterLine(caller);
                if (this.line.length > 0) this.schedule();
            });
        }
        this.enterLine(caller);
        return running !== undefined;
    }

    private schedule(): void {
        if (this.scheduled) return;
        this.scheduled = true;
        setImmediate(() => {
            this.scheduled = false;
            this.runSlice();
        });
    }

    private scheduleWhenSent(): void {
        if (this.scheduled) return;
        this.scheduled = true;
        this.outbox.whenBelow(this.limits.unsentBytes / 2, () => {
            this.scheduled = false;
            this.schedule();
        });
    }
}

const EMPTY = Buffer.alloc(0);
