// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { ActionButtons } from "../components/buttons.js";
import { Section } from "../components/section.js";
import { Message } from "../components/states.js";
import { Terms } from "../components/terms.js";
import { go } from "../lib/address.js";
import { _, format } from "../lib/gettext.js";
import { usePolledState } from "../state/polledstate.js";
import { named, nameOf, type ListedKind } from "../state/list.js";
import type { Cache, Export, ObjectOf, Volume } from "../state/objects.js";
import { useStore } from "../state/use.js";
import { actionsOf } from "./actions.js";
import { CacheCharts, ExportCharts, VolumeCharts } from "./charts.js";
import { Journal } from "./journal.js";
import { HowToConnect, WhoIsConnected } from "./connect.js";
import { facts } from "./facts.js";

/** The page of one object: what it is, what can be done to it, and what it does now. */
export function Details<K extends ListedKind>({ kind, name }: { kind: K; name: string }) {
    const it = useStore((state) => named(kind, state[kind] as ReadonlyMap<string, ObjectOf[K]>, name));
    usePolledState();
    return it ? <Known kind={kind} it={it} /> : <NotThere kind={kind} name={name} />;
}

function Known<K extends ListedKind>({ kind, it }: { kind: K; it: ObjectOf[K] }) {
    const state = useStore((all) => all);
    return (
        <div className="rd-stack" data-test={`details-${kind}`} data-path={it.path}>
            <ActionButtons
                actions={actionsOf[kind](it, state)}
                label={format(_("Actions on $0"), nameOf(kind, it))}
                primary
            />
            <Section title={_("Details")} test="facts">
                <Terms terms={facts[kind](it)} />
            </Section>
            <More kind={kind} it={it} />
            <Journal />
        </div>
    );
}

/** What only this kind of object has. */
function More({ kind, it }: { kind: ListedKind; it: ObjectOf[ListedKind] }) {
    switch (kind) {
        case "volumes":
            return <VolumeCharts it={it as Volume} />;
        case "caches":
            return <CacheCharts it={it as Cache} />;
        case "exports":
            return (
                <>
                    <WhoIsConnected it={it as Export} />
                    <HowToConnect it={it as Export} />
                    <ExportCharts it={it as Export} />
                </>
            );
        case "ports":
            return null;
    }
}

function NotThere({ kind, name }: { kind: ListedKind; name: string }) {
    return (
        <Message
            title={format(_("$0 is not there"), name)}
            icon="nothing"
            test="not-found"
            level="h2"
            actions={
                <Button onClick={() => go([], { show: kind })} data-test="back">
                    {_("Back to the list")}
                </Button>
            }
        >
            <p>{_("It may have been removed or renamed, or never have been.")}</p>
        </Message>
    );
}
