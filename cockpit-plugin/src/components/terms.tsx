// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import {
    DescriptionList,
    DescriptionListDescription,
    DescriptionListGroup,
    DescriptionListTerm,
} from "@patternfly/react-core";
import type { ComponentChildren } from "preact";

/** A name of something and what it is; `test` is its hook. */
export interface Term {
    readonly term: string;
    readonly test: string;
    readonly value: ComponentChildren;
}

/** Facts of an object. */
export function Terms({ terms }: { terms: readonly Term[] }) {
    return (
        <DescriptionList isCompact isHorizontal className="rd-terms">
            {terms.map(({ term, test, value }) => (
                <DescriptionListGroup key={test}>
                    <DescriptionListTerm>{term}</DescriptionListTerm>
                    <DescriptionListDescription data-test={test}>{value}</DescriptionListDescription>
                </DescriptionListGroup>
            ))}
        </DescriptionList>
    );
}
