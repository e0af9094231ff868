// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Breadcrumb, BreadcrumbItem } from "@patternfly/react-core";
import { useEffect, useRef } from "react";
import { _, format } from "../lib/gettext.js";
import { href } from "../lib/hash.js";
import type { PagePlace } from "../state/place.js";
import { usePlace } from "./place.js";
import { kindName, objectTitle } from "./words.js";

/** What the page is called that is shown, and the way back from it. */
export function Heading() {
    const place = usePlace();
    const title = titleOf(place);
    const heading = useRef<HTMLHeadingElement>(null);
    const shown = useRef(title);
    useEffect(() => {
        document.title = title;
        // What was clicked is gone with the page that it was on: the keyboard goes on from the top of the new one.
        if (shown.current !== title && !document.activeElement?.closest("[role=dialog]")) heading.current?.focus();
        shown.current = title;
    }, [title]);
    return (
        <div>
            {place.view === "details" && (
                <Breadcrumb aria-label={_("Where this is")}>
                    <BreadcrumbItem to={href([])} data-test="home">
                        {_("RAM disks")}
                    </BreadcrumbItem>
                    <BreadcrumbItem to={href([], { show: place.kind })}>{kindName(place.kind)}</BreadcrumbItem>
                    <BreadcrumbItem isActive>{place.name}</BreadcrumbItem>
                </Breadcrumb>
            )}
            <h1 ref={heading} tabIndex={-1} className="rd-title">
                {title}
            </h1>
        </div>
    );
}

function titleOf(place: PagePlace): string {
    switch (place.view) {
        case "overview":
            return _("RAM disks");
        case "topology":
            return _("Topology");
        case "nowhere":
            return _("There is no such page");
        case "details":
            return format(objectTitle(place.kind), place.name);
    }
}
