// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/**
 * Reads and writes the udev rules that name the origins of saved caches (udev(7)). A second rules file, which is installed,
 * makes systemd wait for such a device and clears what blkid found on it, so that LVM, md, LUKS, swap and mounts by UUID use
 * the cache.
 */

import type { HiddenOrigin } from "./port.js";

const HEADER = `# Written by RapidDisk Manager: origins of saved caches, hidden at boot until their caches are there. Changes are lost.
`;

/**
 * Links that udev makes from what the device reports about itself. A link by contents (by-uuid, by-label) would be hidden
 * together with the contents, and a kernel name may mean another disk at the next boot.
 */
const SOURCE = /^\/dev\/(?:mapper|disk\/by-id|disk\/by-path)\/[A-Za-z0-9#+.:=@_,\\-]+$/;
const NAME = /^[A-Za-z0-9#+.:=@_-]+$/;
const RULE =
    /^SYMLINK=="(?<link>[^"]+)", ENV\{RAPIDDISK_ORIGIN\}="(?<name>[^"]+)", ENV\{RAPIDDISK_MODE\}="(?<mode>[a-z-]+)"$/;

/** Writes the rules for the origins of saved caches. An origin whose path may mean another device at the next boot gets none. */
export function formatOriginRules(caches: readonly HiddenOrigin[]): string {
    const rules = caches
        .filter(canBeHidden)
        .map(
            ({ name, source, mode }) =>
                `SYMLINK=="${source.slice("/dev/".length)}", ENV{RAPIDDISK_ORIGIN}="${name}", ENV{RAPIDDISK_MODE}="${mode}"\n`,
        );
    return HEADER + rules.join("");
}

/** Tells whether the path is sure to mean the same device at the next boot, and can be written in a rule. */
export function canBeHidden({ name, source }: HiddenOrigin): boolean {
    return SOURCE.test(source) && NAME.test(name);
}

/** Reads such rules; other lines are ignored. */
export function parseOriginRules(text: string): HiddenOrigin[] {
    return text.split("\n").flatMap((line) => {
        const found = RULE.exec(line)?.groups as { link: string; name: string; mode: string } | undefined;
        return found === undefined ? [] : [{ name: found.name, source: `/dev/${found.link}`, mode: found.mode }];
    });
}
