// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** The holder of a place, and how easily it can do without. */
export interface PlaceHolder {
    /** The same for all places of one peer. */
    key: string;
    /** Has shown who it is, and keeps its place as long as there are others. */
    isKnown: boolean;
    /** Is being served, and keeps its place as long as the same peer has others. */
    isBusy: boolean;
}

/**
 * A bounded number of places that peers share: when there are too few, those who hold most of them give some up, so that no
 * number of connections of one peer leaves another without.
 */
export class Places<T> {
    /** In the order in which they came. */
    private readonly items = new Set<T>();

    /**
     * @param most places that there are
     * @param slack how many too many there may be before {@link add} says that there are too few
     * @param describe says who holds each; called only when there are too few, since that takes a look at the system
     */
    constructor(
        readonly most: number,
        private readonly slack: number,
        private readonly describe: (items: readonly T[]) => readonly PlaceHolder[],
    ) {}

    /** Places that are taken now. */
    get size(): number {
        return this.items.size;
    }

    /** The item that came first. */
    get first(): T | undefined {
        return this.items.values().next().value;
    }

    /** Takes a place. @returns whether there are too few now, for {@link overflow} */
    add(item: T): boolean {
        return this.items.add(item).size > this.most + this.slack;
    }

    /** Gives a place back. */
    delete(item: T): void {
        this.items.delete(item);
    }

    /** Takes the places of as many as are too many. @returns those who lost theirs */
    overflow(): T[] {
        const lost: T[] = [];
        if (this.items.size <= this.most) {
            return lost;
        }
        const items = [...this.items];
        const groups = grouped(items, this.describe(items));
        while (this.items.size > this.most) {
            const item = groups.reduce((one, other) => (isBefore(other, one) ? other : one)).items.pop()!;
            this.items.delete(item);
            lost.push(item);
        }
        return lost;
    }
}

/** The places of one peer; the one that it loses first is the last. */
interface Group<T> {
    items: T[];
    isKnown: boolean;
}

function grouped<T>(items: readonly T[], holders: readonly PlaceHolder[]): Group<T>[] {
    const groups = new Map<string, Group<T> & { idle: T[] }>();
    items.forEach((item, index) => {
        const { key, isKnown, isBusy } = holders[index]!;
        const id = `${isKnown ? "known" : "unknown"} ${key}`;
        const group = groups.get(id) ?? { items: [], idle: [], isKnown };
        (isBusy ? group.items : group.idle).push(item);
        groups.set(id, group);
    });
    return [...groups.values()].map(({ items: busy, idle, isKnown }) => ({ items: [...busy, ...idle], isKnown }));
}

/** Whether a group gives a place up before another; of two that are alike, the one that came first does. */
function isBefore(one: Group<unknown>, other: Group<unknown>): boolean {
    if (one.items.length === 0 || other.items.length === 0) {
        return one.items.length > 0;
    }
    return one.isKnown === other.isKnown ? one.items.length > other.items.length : !one.isKnown;
}
