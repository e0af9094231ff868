// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Changes in configfs, told by inotify(7). The kernel raises no uevent there, but every change is a call of some program
 * (mkdir, rmdir, symlink, write), and of those inotify tells.
 */
import { type FSWatcher, watch } from "node:fs";
import { inodeOf, readNames } from "./files.js";

/** Which directories below one are watched as well. */
export interface Shape {
    /** By name; those that are not there yet are watched once they are. */
    readonly named?: Readonly<Record<string, Shape>>;
    /** Every other directory in it. */
    readonly each?: Shape;
}

/** Directories watched at most: each costs the kernel and us some memory, and the system has a limit (max_user_watches). */
const MOST = 8192;

/** Counts changes in a directory and in those below it, and of each object in it on its own: of what is two levels down. */
export class DirectoryWatch {
    private root: Watched | undefined;
    private readonly count: Count = { changes: 0, open: 0, refused: false, objects: new Map() };

    constructor(
        private readonly path: string,
        private readonly shape: Shape,
    ) {}

    /** Tells whether the directory was there at the last {@link read}. */
    get present(): boolean {
        return this.root !== undefined;
    }

    /** Tells whether every change is counted; not so where the system refuses a watch, nor before {@link read} was called. */
    get complete(): boolean {
        return this.root !== undefined && !this.count.refused;
    }

    /**
     * Gives a number that is another one after a change. Costs one look at whether the directory is still the same: it comes and
     * goes with its module.
     */
    read(): number {
        const inode = inodeOf(this.path);
        if (this.root?.inode !== inode) {
            this.close();
            this.count.changes++;
            if (inode !== undefined) this.root = new Watched(this.path, "", inode, this.shape, this.count);
        }
        this.root?.followNamed();
        return this.count.changes;
    }

    /**
     * Waits until every change that was made before this call is counted.
     * @returns {@link complete}
     */
    async current(): Promise<boolean> {
        this.read();
        // What inotify told is taken up by the event loop between the two, wherever in its turn the caller is.
        for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
        return this.complete;
    }

    /**
     * A number that is another one after a change of an object; undefined while the object is not watched.
     * @param object path below the directory, of two names
     */
    revision(object: string): number | undefined {
        return this.count.objects.get(object);
    }

    /** Ends all watches. The next {@link read} begins again. */
    close(): void {
        this.root?.close();
        this.root = undefined;
        this.count.refused = false;
        this.count.objects.clear();
    }
}

interface Count {
    changes: number;
    open: number;
    /** A watch could not be had. */
    refused: boolean;
    /** What `changes` was after the last change of each object. */
    objects: Map<string, number>;
}

const OBJECT_DEPTH = 2;

/** One directory. What changed before it was watched is for its parent to tell, which counts once more when it has begun. */
class Watched {
    private watcher: FSWatcher | undefined;
    private readonly children = new Map<string, Watched>();

    /** @param below path below the root, "" for that itself */
    constructor(
        private readonly path: string,
        private readonly below: string,
        readonly inode: number,
        private readonly shape: Shape,
        private readonly count: Count,
    ) {
        this.open();
        this.followNamed();
        if (shape.each !== undefined) readNames(path).forEach((name) => this.follow(name));
    }

    /** Watches directories of known names that were not there yet: configfs makes them with the one above, and tells of that alone. */
    followNamed(): void {
        for (const name of Object.keys(this.shape.named ?? {})) {
            if (!this.children.has(name)) this.follow(name);
        }
    }

    close(): void {
        if (this.watcher !== undefined) {
            this.watcher.close();
            this.watcher = undefined;
            this.count.open--;
        }
        this.children.forEach((one) => one.close());
        this.children.clear();
    }

    private open(): void {
        if (this.count.open >= MOST) {
            this.count.refused = true;
            return;
        }
        try {
            this.watcher = watch(this.path, { persistent: false });
        } catch {
            // Gone meanwhile, of which the parent is told; or there are no more watches.
            this.count.refused ||= inodeOf(this.path) !== undefined;
            return;
        }
        this.count.open++;
        this.watcher.on("change", (type, name) => {
            this.changed(this.below);
            if (type === "rename" && typeof name === "string") this.follow(name);
        });
        this.watcher.on("error", () => {
            this.count.refused = true;
        });
    }

    /** Watches a directory in this one that came, and no longer one that went. */
    private follow(name: string): void {
        const shape = this.shape.named?.[name] ?? this.shape.each;
        if (shape === undefined) return;
        const path = `${this.path}/${name}`;
        const below = this.below === "" ? name : `${this.below}/${name}`;
        const known = this.children.get(name);
        const inode = inodeOf(path);
        if (known?.inode === inode) {
            known?.followNamed();
            return;
        }
        known?.close();
        this.children.delete(name);
        if (inode === undefined) {
            this.count.objects.delete(below);
            return;
        }
        this.children.set(name, new Watched(path, below, inode, shape, this.count));
        this.changed(below);
    }

    /** Counts a change in a directory. @param below its path below the root */
    private changed(below: string): void {
        this.count.changes++;
        const names = below.split("/", OBJECT_DEPTH);
        if (names.length === OBJECT_DEPTH) this.count.objects.set(names.join("/"), this.count.changes);
    }
}
