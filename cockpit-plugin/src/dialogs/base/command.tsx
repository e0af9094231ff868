// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Copy } from "../../components/copy.js";
import { _ } from "../../lib/gettext.js";
import { commandLine } from "../../../../service/src/facts/shell.js";

/** The commands that do the same as the dialog, to be copied. @param commands program and arguments of each, unquoted */
export function Command({ commands }: { commands: readonly (readonly string[])[] }) {
    if (commands.length === 0) return null;
    const text = commands.map(commandLine).join("\n");
    return (
        <section className="rd-command">
            <h2>{_("The same as a command")}</h2>
            <div className="rd-copyable">
                <code data-test="dialog-command" dir="ltr">
                    {text}
                </code>
                <Copy text={text} label={_("Copy the command")} test="dialog-copy" />
            </div>
        </section>
    );
}
