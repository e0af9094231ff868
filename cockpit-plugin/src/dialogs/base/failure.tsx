// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Alert } from "@patternfly/react-core";
import { useEffect, useRef } from "react";
import type { Explanation } from "../../bus/errors.js";
import { _ } from "../../lib/gettext.js";

/** Why the change was not made: what happened, what to do next, and what the service said. */
export function Failure({ failure }: { failure: Explanation | null }) {
    const place = useRef<HTMLDivElement>(null);
    useEffect(() => {
        if (failure) place.current?.scrollIntoView({ block: "nearest" });
    }, [failure]);
    if (failure === null) return null;
    const { kind, title, next, detail } = failure;
    return (
        <div ref={place} data-test="dialog-error" data-kind={kind}>
            <Alert
                isInline
                isLiveRegion
                variant={kind === "Cancelled" ? "info" : "danger"}
                title={title}
                component="h2"
            >
                <p>{next}</p>
                {detail && (
                    <p className="rd-detail">
                        <span className="pf-v6-screen-reader">{_("The service says:")} </span>
                        <samp data-test="dialog-error-detail" dir="ltr" lang="en">
                            {detail}
                        </samp>
                    </p>
                )}
            </Alert>
        </div>
    );
}

/** Why nothing can be changed at the moment; it goes by itself. */
export function Obstacle({ text }: { text: string }) {
    return (
        <div role="status">
            {text && (
                <div data-test="dialog-obstacle">
                    <Alert isInline variant="warning" title={text} component="h2" />
                </div>
            )}
        </div>
    );
}
