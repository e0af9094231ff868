// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import type { PropertySource } from "../api.js";
import { SerialQueue } from "../../system/serialqueue.js";
import type { BodyWriter } from "../wire/header.js";
import { Writer } from "../wire/writer.js";
import type { ExportedObject } from "./exported.js";
import type { ObjectTree } from "./objects.js";

/** A larger body is not kept. */
const MOST_KEPT = 2 * 1024 * 1024;

/** Values of the dynamic properties of all objects, and those objects of which some must be waited for. */
interface AllReadings {
    readings: Map<ExportedObject, readonly unknown[]>;
    slow: ExportedObject[];
}

/** An object in the kept body whose values are read: where its entry begins, and where in that they stand, if others can be written over them. */
interface Place {
    object: ExportedObject;
    start: number;
    values: readonly number[] | undefined;
}

/** What the kept body was made of. */
interface Kept {
    /** Of the tree. */
    revision: number;
    sources: ReadonlyMap<PropertySource, number>;
    places: readonly Place[];
}

/**
 * GetManagedObjects. The body is kept until something in it changes; values of sources are then written over in it. Where
 * a property is read that has no source, every value is read for each call: those that must wait do so one after another,
 * since what the first one waits for is mostly there for the next ones, and they do not all go on at once.
 */
export class ManagedObjects {
    private readonly queue = new SerialQueue();
    /** Its memory serves again for the next body: V8 lets some 32 MiB of buffers gather before it looks which are needed. */
    private readonly body = new Writer(Buffer.alloc(0));
    private kept: Kept | undefined;
    /** The sources of all objects, as of a revision of the tree; undefined when a property is read that has none. */
    private sources: { of: ReadonlySet<PropertySource> | undefined; revision: number } | undefined;

    constructor(private readonly tree: ObjectTree) {}

    /** Gives the body, or a promise of it when values must be read first. */
    answer(): BodyWriter | Promise<BodyWriter> {
        const sources = this.findSources();
        if (sources === undefined) return this.readEach();
        const waiting = refresh(sources);
        if (waiting === undefined) return this.write;
        waiting.catch(() => undefined);
        return this.queue.run(async () => {
            const present = this.findSources();
            if (present === undefined) return this.settle();
            try {
                await refresh(present);
            } catch {
                return this.settle(); // Each property that cannot be read is left out, and the log says so.
            }
            return this.write;
        });
    }

    /** Writes the body as it is now: what changed since the call came is in it. */
    private readonly write: BodyWriter = (writer) => {
        const sources = this.findSources();
        if (sources === undefined) return this.writer(new Map())(writer);
        if (this.kept?.revision !== this.tree.revision || !this.update(this.kept)) this.make(sources);
        writer.raw(this.body.bytes());
        if (this.body.length > MOST_KEPT) {
            this.kept = undefined;
            this.body.buffer = Buffer.alloc(0);
        }
    };

    /** Writes values that changed over those in the body. @returns whether that could be done */
    private update(kept: Kept): boolean {
        if ([...kept.sources].every(([source, revision]) => source.revision === revision)) return true;
        const { body } = this;
        const overwrite = ({ object, start, values }: Place): boolean =>
            values !== undefined && object.overwriteEntry(body, start, values);
        if (!kept.places.every(overwrite)) return false;
        this.kept = { ...kept, sources: revisions(kept.sources.keys()) };
        return true;
    }

    private make(sources: ReadonlySet<PropertySource>): void {
        const { body } = this;
        const places: Place[] = [];
        this.kept = undefined;
        body.length = 0;
        const objects = body.beginArray(8);
        for (const object of this.tree.managed()) {
            body.align(8);
            const start = body.length;
            const values = object.writeEntry(body, object.current());
            if (values?.length !== 0) places.push({ object, start, values });
        }
        body.endArray(objects);
        this.kept = { revision: this.tree.revision, sources: revisions(sources), places };
    }

    private findSources(): ReadonlySet<PropertySource> | undefined {
        const { revision } = this.tree;
        if (this.sources?.revision !== revision) this.sources = { of: sourcesOf(this.tree), revision };
        return this.sources.of;
    }

    private readEach(): BodyWriter | Promise<BodyWriter> {
        const { readings, slow } = this.read((values) => values.some(isPromise));
        if (slow.length === 0) return this.writer(readings);
        for (const value of [...readings.values()].flat()) if (value instanceof Promise) value.catch(() => undefined);
        return this.queue.run(() => this.settle());
    }

    private async settle(): Promise<BodyWriter> {
        const { readings, slow } = this.read();
        const settle = async (object: ExportedObject) =>
            readings.set(object, await object.settle(readings.get(object) ?? []));
        await Promise.all(slow.map(settle));
        return this.writer(readings);
    }

    /** @param enough says of the values of an object whether those of the rest need not be read */
    private read(enough: (values: readonly unknown[]) => boolean = () => false): AllReadings {
        const found: AllReadings = { readings: new Map(), slow: [] };
        for (const object of this.tree.managed()) {
            const values = object.read();
            if (values.length === 0) continue;
            found.readings.set(object, values);
            if (values.some(isPromise)) found.slow.push(object);
            if (enough(values)) break;
        }
        return found;
    }

    private writer(readings: AllReadings["readings"]): BodyWriter {
        return (writer) => {
            const objects = writer.beginArray(8);
            for (const object of this.tree.managed()) object.writeEntry(writer, readings.get(object) ?? object.read());
            writer.endArray(objects);
        };
    }
}

/** Finds the sources of the managed objects; undefined when a property is read that has none. */
function sourcesOf(tree: ObjectTree): ReadonlySet<PropertySource> | undefined {
    const found = new Set<PropertySource>();
    for (const object of tree.managed()) {
        for (const source of object.sources()) {
            if (source === undefined) return undefined;
            found.add(source);
        }
    }
    return found;
}

function revisions(sources: Iterable<PropertySource>): Map<PropertySource, number> {
    return new Map(Array.from(sources, (source) => [source, source.revision]));
}

/** Resolves when the values of all sources are fresh; undefined when they are. */
function refresh(sources: Iterable<PropertySource>): Promise<unknown> | undefined {
    const waiting: Promise<void>[] = [];
    for (const source of sources) {
        try {
            const one = source.refresh();
            if (one !== undefined) waiting.push(one);
        } catch (error) {
            waiting.push(Promise.reject(new Error("The source cannot be read", { cause: error })));
        }
    }
    return waiting.length === 0 ? undefined : Promise.all(waiting);
}

function isPromise(value: unknown): boolean {
    return value instanceof Promise;
}
