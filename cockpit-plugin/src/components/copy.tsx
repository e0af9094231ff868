// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import CheckIcon from "@patternfly/react-icons/dist/esm/icons/check-icon";
import CopyIcon from "@patternfly/react-icons/dist/esm/icons/copy-icon";
import { useEffect, useState } from "react";
import { _, format } from "../lib/gettext.js";

/** Copies a text; without a secure connection, where browsers have no clipboard for scripts, through a selection. */
async function copy(text: string, near: Element): Promise<void> {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    const field = document.createElement("textarea");
    field.value = text;
    field.className = "rd-offscreen";
    near.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    if (!done) throw new Error("The browser refused to copy.");
}

/** A button that copies a text and says so. */
export function Copy({ text, label, test }: { text: string; label: string; test: string }) {
    const [state, setState] = useState<"" | "done" | "failed">("");
    useEffect(() => setState(""), [text]);
    const said = state === "done" ? _("Copied") : state === "failed" ? _("Select the text and copy it yourself") : "";
    return (
        <span className="rd-copy">
            <Button
                variant="plain"
                aria-label={label}
                icon={state === "done" ? <CheckIcon /> : <CopyIcon />}
                data-test={test}
                onClick={(event) => {
                    const button = event.currentTarget as HTMLElement;
                    copy(text, button.parentElement ?? button)
                        .then(() => setState("done"))
                        .catch(() => setState("failed"))
                        .finally(() => button.focus());
                }}
            />
            <span role="status" className={state === "failed" ? "" : "pf-v6-screen-reader"}>
                {said}
            </span>
        </span>
    );
}

/** A line to copy, with a button that does so. @param label what the line is, for those who do not see it */
export function Copyable({ text, label, test }: { text: string; label: string; test: string }) {
    return (
        <div className="rd-copyable rd-line" data-test={test}>
            <code dir="ltr">{text}</code>
            <Copy text={text} label={format(_("Copy: $0"), label)} test="copy" />
        </div>
    );
}
