// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { useEffect, useRef, useState } from "react";
import { _ } from "../lib/gettext.js";

/** A line to copy, with a button that does so. @param label what the line is, for those who do not see it */
export function Copyable({ text, label, test }: { text: string; label: string; test: string }) {
    const [copied, setCopied] = useState(false);
    const code = useRef<HTMLElement>(null);
    useEffect(() => {
        if (!copied) return;
        const timer = setTimeout(() => setCopied(false), 3000);
        return () => clearTimeout(timer);
    }, [copied]);
    const copy = async (): Promise<void> => {
        try {
            await navigator.clipboard.writeText(text);
            setCopied(true);
        } catch {
            // A page that came without encryption may not write to the clipboard: the line is marked, to be copied by hand.
            if (code.current) getSelection()?.selectAllChildren(code.current);
        }
    };
    return (
        <div className="rd-copy" data-test={test}>
            <code ref={code} dir="ltr" tabIndex={0} aria-label={label}>
                {text}
            </code>
            <Button
                variant="secondary"
                size="sm"
                onClick={() => void copy()}
                data-test="copy"
                aria-label={`${_("Copy")}: ${label}`}
            >
                <span aria-live="polite">{copied ? _("Copied") : _("Copy")}</span>
            </Button>
        </div>
    );
}
