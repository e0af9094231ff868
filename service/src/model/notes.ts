// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import type { Problem } from "./problems.js";
import type { SavedEntry, Intent, IntentLog, IntentObject, PendingIntent } from "./storage.js";
import { defined } from "../system/defined.js";

/** A note of work that is under way. */
export interface Note {
    /** Notes the step that is begun. */
    step(name: string): Promise<void>;
    /** The work is done: ends the note, and older ones of the same object, over which the work has gone. */
    done(): Promise<void>;
    /** The work was taken back: ends the note. */
    takenBack(): Promise<void>;
    /** The work failed and could not be taken back: the note stays, to be settled later. @param why a sentence */
    failed(why: string): Promise<void>;
}

/**
 * Notes of unfinished work, in the order in which it began: what a predecessor left, and what failed here and could not be
 * undone. Who settles them is recover.ts.
 */
export class Notes {
    private list: PendingIntent[] = [];
    private unreadable: Problem[] = [];
    private readonly busy = new Set<string>();

    /**
     * @param log where they outlive the process
     * @param numberOf the kernel's number of the object of that name now, by which it is told from a later one;
     *   undefined: it is not there
     */
    constructor(
        private readonly log: IntentLog,
        private readonly numberOf: (object: IntentObject) => Promise<number | undefined>,
    ) {}

    /** Reads the notes that a predecessor left. */
    async load(): Promise<void> {
        const { notes, unreadable } = await this.log.pending();
        this.list = notes;
        this.unreadable = unreadable;
    }

    /** Notes that nobody works on, oldest first. */
    get left(): readonly PendingIntent[] {
        return this.list;
    }

    /** Says what is left undone by each note, and notes that cannot be read. */
    get problems(): Problem[] {
        return [...this.unreadable, ...this.list.map(problemOf)];
    }

    /** Tells whether a change with a note is under way on the object that is saved under this name. */
    isChanging(kind: IntentObject["kind"], id: string | number): boolean {
        return this.busy.has(`${kind} ${id}`);
    }

    /** Writes down what is about to be done. */
    async begin(intent: Intent): Promise<Note> {
        const { object } = intent;
        const making = intent.operation.endsWith("-create");
        const number = intent.number ?? (making ? undefined : await this.numberOf(object));
        const noted: Intent = { ...intent, ...defined({ number }) };
        const record = await this.log.begin(noted);
        const key = keyOf(object);
        // What is saved under the name of an object that is made may be of another one, if it is not saved as well.
        if (intent.before !== undefined && (!making || intent.after !== null)) {
            this.busy.add(key);
        }
        let last = "";
        const end = async (): Promise<void> => {
            this.busy.delete(key);
            await record.end();
        };
        return {
            step: (name) => {
                last = name;
                return record.step(name);
            },
            done: async () => {
                await end();
                await this.supersede(object);
            },
            takenBack: end,
            failed: async (why) => {
                this.busy.delete(key);
                const now = await this.numberOf(object).then(
                    (found) => ({ number: found ?? null }),
                    // What could not be read says nothing of which one it is.
                    () => defined({ number }),
                );
                const left: Intent = { ...intent, ...now, failed: why };
                this.list.push({ ...left, id: record.id, step: last });
                await record.replace(left, last);
            },
        };
    }

    /** Drops the notes of an object over which later work has gone. */
    async supersede(object: IntentObject): Promise<void> {
        const key = keyOf(object);
        for (const note of this.list.filter((one) => keyOf(one.object) === key)) {
            await this.drop(note);
        }
    }

    /** Drops a note that was settled. */
    async drop(note: PendingIntent): Promise<void> {
        this.list = this.list.filter((one) => one !== note);
        await this.log.forget(note.id);
    }

    /** Keeps a note that could not be settled. @param why a sentence */
    keep(note: PendingIntent, why: string): void {
        note.trouble = why;
    }
}

/** Says what is to be saved of an object that is not there after all; undefined: what is saved stays as it is. */
export function savedWithout({ operation, before }: Intent): SavedEntry | null | undefined {
    if (operation.endsWith("-create")) {
        // What was saved already was being restored, or made again: it still is to be there.
        return before;
    }
    return operation.endsWith("-remove") && before !== undefined ? null : undefined;
}

/** Names an object in a sentence. */
export function objectWords(object: IntentObject): string {
    switch (object.kind) {
        case "volume":
            return `rd${object.number}`;
        case "cache":
            return object.name;
        case "port":
            return `port ${object.id}`;
        case "export":
            return object.nqn;
    }
}

function keyOf(object: IntentObject): string {
    switch (object.kind) {
        case "volume":
            return `volume ${object.number}`;
        case "cache":
            return `cache ${object.name}`;
        case "port":
            return `port ${object.id}`;
        case "export":
            return `export ${object.nqn}`;
    }
}

function problemOf({ operation, object, failed, trouble }: PendingIntent): Problem {
    return {
        kind: failed === undefined ? "work-interrupted" : "work-failed",
        operation,
        object: object.kind === "port" ? String(object.id) : objectWords(object),
        type: object.kind,
        reason: trouble ?? failed ?? "",
    };
}
