// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Origins of saved caches that udev hides since the boot. */
import { renameSync, writeFileSync } from "node:fs";
import type { Tools } from "./exec.js";
import { errnoOf } from "./errno.js";
import { exists, readNames, readText } from "./files.js";
import { formatOriginRules, parseOriginRules } from "./originrules.js";
import type { Paths } from "./paths.js";
import { type HiddenOrigin, KernelError } from "./port.js";

/** The rules that rapiddisk-origins-generator copied at boot. Only this takes lines out of them. */
export class HiddenOrigins {
    constructor(
        private readonly paths: Paths,
        private readonly tools: Tools,
        /** @returns the kernel name of the device that a path means @throws KernelError */
        private readonly resolve: (path: string) => Promise<string>,
    ) {}

    list(): HiddenOrigin[] {
        return parseOriginRules(readText(this.paths.originRules) ?? "");
    }

    /**
     * Has udev announce what is on an origin: takes its rule away, and has the device and its partitions looked at again.
     * Does nothing for one that is not hidden. @throws KernelError EACCES, EROFS …
     */
    async reveal(name: string): Promise<void> {
        const all = this.list();
        const origin = all.find((one) => one.name === name);
        if (origin === undefined) return;
        this.write(formatOriginRules(all.filter((one) => one !== origin)));
        // Without it udev looks at its rules again only some seconds later.
        await this.tools.run("udevadm", ["control", "--reload"]);
        const device = await this.resolve(origin.source).catch(() => undefined);
        if (device !== undefined) this.lookAgain(device);
    }

    /** The file stays when no rule is left in it: the generator takes it for a sign that it ran in this boot. */
    private write(text: string): void {
        const path = this.paths.originRules;
        try {
            writeFileSync(`${path}.new`, text, { mode: 0o644 });
            renameSync(`${path}.new`, path);
        } catch (error) {
            const errno = errnoOf(error) ?? "EIO";
            throw new KernelError(errno, `${path} could not be written (${errno}).`);
        }
    }

    /** Has udev look as at boot: md takes a member on "add" alone. @throws KernelError EACCES … */
    private lookAgain(device: string): void {
        const directory = this.paths.block(device);
        const partitions = readNames(directory).filter((one) => exists(`${directory}/${one}/partition`));
        for (const one of [device, ...partitions]) {
            try {
                writeFileSync(`${this.paths.block(one)}/uevent`, "add");
            } catch (error) {
                const errno = errnoOf(error) ?? "EIO";
                if (errno !== "ENOENT") {
                    throw new KernelError(errno, `udev could not be told to look at ${one} again (${errno}).`);
                }
            }
        }
    }
}
