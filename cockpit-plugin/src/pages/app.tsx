// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Page, PageSection } from "@patternfly/react-core";
import { useStore } from "../state/use.js";

/** The whole page. */
export function App() {
    const phase = useStore((state) => state.phase);
    const volumes = useStore((state) => state.volumes);
    return (
        <Page className="pf-m-no-sidebar" isContentFilled>
            <PageSection hasBodyWrapper={false} data-ready={phase === "ready"}>
                <h1>{phase}</h1>
                <ul>
                    {[...volumes.values()].map((volume) => (
                        <li key={volume.path}>{volume.Name}</li>
                    ))}
                </ul>
            </PageSection>
        </Page>
    );
}
