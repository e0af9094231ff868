// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** A cheap digest of the target, for where the system refuses to tell of changes in it. */
import { readLine, readNames } from "../files.js";
import type { Paths } from "../paths.js";

const NUMBER = /^(0|[1-9][0-9]*)$/;

/** Subsystems looked at in one reading of the digest: up to so many each reading sees all, beyond it goes round. */
const AT_ONCE = 100;

/** Remembers what it saw of the target, at the same cost for a thousand exports as for a hundred. */
export class NvmetDigest {
    private readonly seen = new Map<string, string>();
    private next = 0;
    private changes = 0;

    constructor(private readonly paths: Paths) {}

    /** Makes text that differs from the one before when a change was seen. */
    read(): string {
        const names = readNames(this.paths.nvmetSubsystems);
        for (let count = Math.min(AT_ONCE, names.length); count > 0; count--) {
            this.next = (this.next + 1) % names.length;
            this.look(names[this.next] ?? "");
        }
        if (this.seen.size > 2 * names.length + AT_ONCE) this.seen.clear();
        const ports = readNames(this.paths.nvmetPorts)
            .filter((name) => NUMBER.test(name))
            .map((id) => {
                const directory = `${this.paths.nvmetPorts}/${id}`;
                const address = ["trtype", "adrfam", "traddr", "trsvcid", "tsas"]
                    .map((key) => readLine(`${directory}/addr_${key}`))
                    .join(" ");
                return `${id} ${address} ${readNames(`${directory}/subsystems`).join(" ")}`;
            });
        const hosts = readNames(this.paths.nvmetHosts).length;
        return [names.join(" "), ports.join("\n"), hosts, this.changes].join("\n");
    }

    private look(nqn: string): void {
        const directory = `${this.paths.nvmetSubsystems}/${nqn}`;
        const namespaces = readNames(`${directory}/namespaces`).map((id) => {
            const own = `${directory}/namespaces/${id}`;
            return `${id} ${readLine(`${own}/enable`)} ${readLine(`${own}/device_path`)}`;
        });
        const now = [
            readLine(`${directory}/attr_allow_any_host`),
            readNames(`${directory}/allowed_hosts`).join(" "),
            ...namespaces,
        ].join("\n");
        const before = this.seen.get(nqn);
        this.seen.set(nqn, now);
        if (before !== undefined && before !== now) this.changes++;
    }
}
