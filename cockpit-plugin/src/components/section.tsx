// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Card, CardBody, CardHeader, CardTitle } from "@patternfly/react-core";
import type { ComponentChildren } from "preact";
import { useId } from "react";

/** A titled part of a page. */
export function Section(props: {
    title: string;
    test: string;
    actions?: ComponentChildren;
    children: ComponentChildren;
}) {
    const { title, test, actions, children } = props;
    const id = useId();
    return (
        <Card component="section" aria-labelledby={id} data-test={test} isPlain={false}>
            <CardHeader className="rd-section-head">
                <CardTitle>
                    <h2 id={id}>{title}</h2>
                </CardTitle>
                {actions}
            </CardHeader>
            <CardBody>{children}</CardBody>
        </Card>
    );
}
