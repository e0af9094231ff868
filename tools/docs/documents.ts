// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import prettier from "prettier";
import { COMMANDS } from "../../service/src/cli/commands/index.js";
import { interfaces } from "../../service/src/generated/specs.js";
import { bashCompletion } from "./completion/bash.js";
import { fishCompletion } from "./completion/fish.js";
import { zshCompletion } from "./completion/zsh.js";
import { dbusReference } from "./dbus.js";
import { manualPage } from "./man.js";

/** Every generated document: its path in the repository, and its text. */
export async function documents(): Promise<[string, string][]> {
    const { version } = JSON.parse(readText("../../package.json")) as { version: string };
    const commands = COMMANDS.filter((command) => !command.hidden);
    const reference = readText("dbus.head.md") + dbusReference(Object.values(interfaces));
    return [
        ["docs/dbus.md", await prettier.format(reference, { parser: "markdown", printWidth: 120 })],
        ["docs/man/rapiddisk.1", manualPage(commands, version)],
        ["packaging/completions/rapiddisk.bash", bashCompletion(commands)],
        ["packaging/completions/_rapiddisk", zshCompletion(commands)],
        ["packaging/completions/rapiddisk.fish", fishCompletion(commands)],
    ];
}

function readText(name: string): string {
    return readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
}
