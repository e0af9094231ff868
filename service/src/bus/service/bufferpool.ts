// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Copies smaller than this are left to the garbage collector, which is quick with them. */
const SMALL = 4096;
const MOST_KEPT = 4;

/**
 * Memory for bodies that wait, used again and again: V8 lets some 32 MiB of buffers gather before it looks which of them
 * are still needed.
 */
export class BufferPool {
    private readonly buffers: Buffer[] = [];
    private readonly lent = new WeakMap<Buffer, Buffer>();

    /** Copies bytes into memory that stays valid until it is given back. */
    copy(bytes: Buffer): Buffer {
        if (bytes.length < SMALL) return Buffer.from(bytes);
        const found = this.buffers.findIndex((buffer) => buffer.length >= bytes.length);
        const whole =
            found === -1 ? Buffer.allocUnsafeSlow(bytes.length) : (this.buffers.splice(found, 1)[0] as Buffer);
        bytes.copy(whole);
        const copy = whole.subarray(0, bytes.length);
        this.lent.set(copy, whole);
        return copy;
    }

    /** Takes back what {@link copy} gave; other buffers are ignored. */
    release(copy: Buffer): void {
        const whole = this.lent.get(copy);
        if (whole === undefined) return;
        this.lent.delete(copy);
        if (this.buffers.length < MOST_KEPT) this.buffers.push(whole);
    }
}
