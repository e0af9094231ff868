// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { overviewActions } from "../actions/index.js";
import { ActionButtons } from "../components/buttons.js";
import { Memory } from "../components/memory.js";
import { Section } from "../components/section.js";
import { _ } from "../lib/gettext.js";
import { useCacheStatistics, usePolledState } from "../state/polledstate.js";
import { useStore } from "../state/use.js";
import { Journal } from "./journal.js";
import { Lists } from "./lists.js";
import { Service } from "./service.js";

/** The first page: memory, all objects, and what the service wrote last. */
export function Overview() {
    const manager = useStore((state) => state.manager);
    usePolledState();
    useCacheStatistics();
    return (
        <>
            <Create />
            {manager && (
                <Section title={_("Memory")} test="memory-section">
                    <Memory manager={manager} />
                </Section>
            )}
            <Lists />
            <Service />
            <Journal />
        </>
    );
}

function Create() {
    const state = useStore((all) => all);
    return <ActionButtons actions={overviewActions(state)} label={_("Create")} primary />;
}
