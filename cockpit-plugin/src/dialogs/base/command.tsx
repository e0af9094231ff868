// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { _ } from "../../lib/gettext.js";
import { commandLine } from "../../lib/shell.js";
import { Copy } from "./copy.js";

/** The command that does the same as the dialog, to be copied. @param words program and arguments, unquoted */
export function Command({ words }: { words: readonly string[] }) {
    const line = commandLine(words);
    return (
        <section className="rd-command">
            <h2>{_("The same as a command")}</h2>
            <div className="rd-copyable">
                <code data-test="dialog-command" dir="ltr">
                    {line}
                </code>
                <Copy text={line} label={_("Copy the command")} test="dialog-copy" />
            </div>
        </section>
    );
}
