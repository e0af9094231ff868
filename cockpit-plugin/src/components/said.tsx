// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Shows text of the service or the kernel, which is English, in a page of any language. */
export function Said({ text }: { text: string }) {
    return (
        <span className="rd-quiet rd-said" dir="ltr" lang="en">
            {text}
        </span>
    );
}
