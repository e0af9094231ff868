// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { CACHE_COMMANDS } from "./cache.js";
import type { Command, Option } from "./command.js";
import { EXPORT_COMMANDS } from "./export.js";
import { GENERAL_COMMANDS } from "./general.js";
import { PORT_COMMANDS } from "./port.js";
import { STATS_COMMAND } from "./stats.js";
import { TOKEN_COMMANDS } from "./token.js";
import { VOLUME_COMMANDS } from "./volume.js";

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
    ...VOLUME_COMMANDS,
    ...CACHE_COMMANDS,
    ...PORT_COMMANDS,
    ...EXPORT_COMMANDS,
    STATS_COMMAND,
    ...GENERAL_COMMANDS,
    ...TOKEN_COMMANDS,
];

/** Summary of each group of commands; the name of a group alone stands for its list. */
export const GROUPS: Readonly<Record<string, string>> = {
    volume: "RAM disks",
    cache: "RAM disks in front of slower devices",
    port: "addresses where NVMe hosts connect",
    export: "volumes and caches that other machines reach over NVMe",
    modules: "kernel modules",
    jobs: "work that takes long",
    token: "tokens of the HTTP bridge",
};

/** The command that a group named alone stands for. */
export const GROUP_DEFAULT = "list";

/** Options that every command takes. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
    json: { doc: "Answer in JSON: sizes in bytes, nothing else on standard output." },
    explain: { doc: "Print a busctl command for each call that would be made, and change nothing." },
    "no-ask-password": { doc: "Never ask for a password: fail when one would be needed." },
    help: { doc: "Show help." },
};

/** Options that may come before the command. */
export const LEADING_OPTIONS: readonly string[] = [
    ...Object.keys(COMMON_OPTIONS).map((name) => `--${name}`),
    "--version",
];
