// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** One step on one node of the target: create, write, read, remove. */
import { chmod, mkdir, open, readdir, readFile, readlink, rmdir, symlink, unlink } from "node:fs/promises";
import { constants } from "node:fs";
import { basename, dirname } from "node:path";
import { inTime } from "../../system/intime.js";
import { SerialQueue } from "../../system/serialqueue.js";
import { errnoOf } from "../errno.js";
import { KernelError } from "../port.js";
import { exists, readLine } from "../files.js";
import type { Paths } from "../paths.js";
import { checkComponent, checkWrite, linkTarget, nodePath, nodeWords, refusalReason, SECRETS } from "./node.js";
import type { NvmetNode } from "./types.js";

/** The kernel waits for every transfer under way when a namespace is switched off; a dead disk could take forever. */
const PATIENCE_MS = 30_000;

/** Changes go one after another: the target has one lock anyway, and a slow one must not take all I/O threads. */
export class NvmetVerbs {
    private readonly queue = new SerialQueue();
    /** What an earlier step is still stuck in. */
    private stuck: string | undefined;

    /** @param patience how long a step may take, in ms */
    constructor(
        private readonly paths: Paths,
        private readonly patience = PATIENCE_MS,
    ) {}

    /** Makes a node or a link. @throws KernelError EEXIST, ENOENT, EINVAL, EADDRINUSE, EADDRNOTAVAIL, ENODEV … */
    create(node: NvmetNode): Promise<void> {
        const path = this.path(node);
        const target = linkTarget(node);
        return this.change(node, `create ${nodeWords(node)}`, async () => {
            if (target === undefined) await mkdir(path);
            else await symlink(`${this.paths.nvmet}/${target}`, path);
        });
    }

    /**
     * Writes one attribute, whole, in one write(2). A secret's file is made private first; "" clears a secret. What was
     * written to `enable` is read back. @throws KernelError ENOTSUP (this kernel has no such attribute), EBUSY, EACCES, EINVAL …
     */
    write(node: NvmetNode, attribute: string, value: string): Promise<void> {
        checkWrite(attribute, value);
        const file = `${this.path(node)}/${attribute}`;
        const secret = SECRETS.includes(attribute);
        const what = `set ${attribute} of ${nodeWords(node)}${secret || attribute === "enable" ? "" : ` to ${value}`}`;
        return this.change(node, what, async () => {
            if (!exists(file)) throw this.lacks(node, attribute);
            if (secret) await chmod(file, 0o600);
            const handle = await open(file, constants.O_WRONLY);
            try {
                // One NUL byte clears a key; no newline, since some attributes take a text only up to it.
                await handle.write(value === "" ? "\0" : value);
            } finally {
                await handle.close();
            }
            if (attribute === "enable" && readLine(file) !== value) {
                throw new KernelError(
                    "EIO",
                    `The kernel took ${value} for ${nodeWords(node)}, but enable reads ${readLine(file)}.`,
                );
            }
        });
    }

    /** Reads one attribute, without white space at its ends. @throws KernelError ENOENT, ENOTSUP */
    async read(node: NvmetNode, attribute: string): Promise<string> {
        checkWrite(attribute, "-");
        const path = this.path(node);
        try {
            return (await readFile(`${path}/${attribute}`, "utf8")).replace(/\0/g, "").trim();
        } catch (error) {
            const errno = errnoOf(error);
            if (errno === "ENOENT" && exists(path)) throw this.lacks(node, attribute);
            throw new KernelError(errno, `${attribute} of ${nodeWords(node)} could not be read (${errno}).`);
        }
    }

    /**
     * Takes a node or a link away. A namespace that is enabled is refused here (EBUSY): kernels up to 6.12 may leak one
     * that is removed in use, and it then lives until the next boot. @throws KernelError EBUSY, ENOTEMPTY, ENOENT
     */
    remove(node: NvmetNode): Promise<void> {
        const path = this.path(node);
        const target = linkTarget(node);
        return this.change(node, `remove ${nodeWords(node)}`, async () => {
            if (target !== undefined) return unlink(await this.findLink(path, target));
            if (node.kind === "namespace" && exists(path) && readLine(`${path}/enable`) !== "0") {
                throw new KernelError("EBUSY", `Will not remove ${nodeWords(node)}: it is enabled (EBUSY).`);
            }
            await rmdir(path);
        });
    }

    /** Ours has the name of its target; a link that others made may have any. */
    private async findLink(path: string, target: string): Promise<string> {
        const directory = dirname(path);
        for (const name of await readdir(directory)) {
            const found = await readlink(`${directory}/${name}`).catch(() => "");
            if (basename(found) === basename(target)) return `${directory}/${name}`;
        }
        return path;
    }

    private path(node: NvmetNode): string {
        if ("host" in node) checkComponent(node.host);
        return `${this.paths.nvmet}/${nodePath(node)}`;
    }

    private lacks(node: NvmetNode, attribute: string): KernelError {
        const there = exists(this.path(node));
        return there
            ? new KernelError("ENOTSUP", `The NVMe target of this kernel has no ${attribute} (ENOTSUP).`)
            : new KernelError("ENOENT", `There is no ${nodeWords(node)} (ENOENT).`);
    }

    private change(node: NvmetNode, what: string, work: () => Promise<void>): Promise<void> {
        if (!exists(this.paths.nvmetSubsystems)) {
            throw new KernelError(
                "ENOSYS",
                `Cannot ${what}: the module nvmet is not loaded, or configfs is not mounted.`,
            );
        }
        const turn = this.queue.run(() => {
            // Also of those that waited for it: each would take one more I/O thread.
            if (this.stuck !== undefined) {
                throw new KernelError(
                    "EBUSY",
                    `Cannot ${what}: the kernel still waits in the step before, to ${this.stuck}.`,
                );
            }
            return this.limited(what, work);
        });
        return turn.catch((error: unknown) => {
            if (error instanceof KernelError) throw error;
            const errno = errnoOf(error);
            const why = refusalReason(node, errno);
            throw new KernelError(errno, `The kernel refused to ${what} (${errno})${why ? `: ${why}` : ""}.`);
        });
    }

    private async limited(what: string, work: () => Promise<void>): Promise<void> {
        let isOver = false;
        const done = work().finally(() => {
            isOver = true;
            this.stuck = undefined;
        });
        if ((await inTime(done, this.patience)) === undefined) {
            this.stuck = isOver ? undefined : what;
            throw new KernelError("ETIMEDOUT", `The kernel did not ${what} in ${this.patience / 1000} s (ETIMEDOUT).`);
        }
    }
}
