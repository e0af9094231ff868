// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { useState } from "react";

/** A value that a person may change, and that is the object's own until then. */
export interface Followed<T> {
    readonly value: T;
    readonly set: (value: T) => void;
    /** Whether the object changed after the person had decided: what was entered then has to be looked at again. */
    readonly moved: boolean;
    /** Goes on with what was entered, now that the change is known. */
    readonly keep: () => void;
    /** Goes back to what the object has now. */
    readonly drop: () => void;
}

interface Decision<T> {
    readonly value: T;
    /** What the object was like when the person decided. */
    readonly basis: string;
}

/**
 * Keeps a field of a dialog in step with its object, so that a dialog that was open meanwhile never undoes somebody else's
 * change: an untouched field shows what the object has now; a touched one stays, and `moved` says when its ground has changed.
 * @param now what the object has
 * @param basis says in a text on what a decision for a value rests
 * @param decided whether opening the dialog is a decision already, because it has a value of its own to begin with
 */
export function useFollowed<T>(now: T, basis: (value: T) => string, decided = false): Followed<T> {
    const [decision, setDecision] = useState<Decision<T> | null>(() =>
        decided ? { value: now, basis: basis(now) } : null,
    );
    const value = decision === null ? now : decision.value;
    return {
        value,
        // A choice that rests on something else was made just now; one on the same was made on what was seen first.
        set: (next) =>
            setDecision({
                value: next,
                basis: decision !== null && basis(decision.value) === basis(next) ? decision.basis : basis(next),
            }),
        moved: decision !== null && decision.basis !== basis(decision.value),
        keep: () => setDecision(decision === null ? null : { value: decision.value, basis: basis(decision.value) }),
        drop: () => setDecision(null),
    };
}

/** What somebody else changed under an open dialog, and the two ways to go on. */
export interface Moved {
    /** What is there now, in one sentence. */
    readonly text: string;
    readonly keep: () => void;
    /** Absent where nothing was entered that could be taken back. */
    readonly drop?: () => void;
}
