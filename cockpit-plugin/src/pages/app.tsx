// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { NoService, WaitingMessage } from "../components/states.js";
import { UNIT } from "../bus/names.js";
import { DialogHost } from "../dialogs/host.js";
import { useLocation } from "../lib/address.js";
import { _ } from "../lib/gettext.js";
import { href } from "../lib/hash.js";
import { store } from "../state/store.js";
import { useStore } from "../state/use.js";
import { Details } from "./details.js";
import { Heading } from "./heading.js";
import { Jobs } from "./jobs.js";
import { usePlace } from "./place.js";
import { Overview } from "./overview.js";
import { Problems } from "./problems.js";
import { Nowhere } from "./nowhere.js";
import { Topology } from "./topology.js";

/** The whole page. Dialogs stand outside of what comes and goes with the service: what was typed into one stays. */
export function App() {
    return (
        <DialogHost>
            <Body />
        </DialogHost>
    );
}

function Body() {
    const phase = useStore((state) => state.phase);
    const problem = useStore((state) => state.problem);
    const access = useStore((state) => state.access);
    const ready = phase === "ready";
    return (
        <div className="rd-page" data-ready={ready} data-phase={phase} data-access={access}>
            {ready ? (
                <>
                    <Places />
                    <main className="rd-main" id="main">
                        <Heading />
                        <Problems />
                        <Jobs />
                        <Place />
                    </main>
                </>
            ) : (
                <main className="rd-main" id="main">
                    {phase === "connecting" ? (
                        <WaitingMessage text={_("Waiting for the RapidDisk service")} />
                    ) : (
                        <NoService
                            phase={phase}
                            problem={problem}
                            retry={() => store.connect()}
                            look={() => cockpit.jump(`/system/services#/${UNIT}`)}
                        />
                    )}
                </main>
            )}
        </div>
    );
}

/** The ways to the two views of everything. */
function Places() {
    const [first] = useLocation().path;
    const places = [
        { path: [], text: _("Overview"), test: "to-overview" },
        { path: ["topology"], text: _("Topology"), test: "to-topology" },
    ];
    return (
        <nav className="rd-places" aria-label={_("Views")}>
            {places.map(({ path, text, test }) => (
                <a key={test} href={href(path)} aria-current={path[0] === first ? "page" : undefined} data-test={test}>
                    {text}
                </a>
            ))}
        </nav>
    );
}

/** What the address leads to. */
function Place() {
    const { view, kind, name } = usePlace();
    switch (view) {
        case "topology":
            return <Topology />;
        case "details":
            return <Details key={`${kind} ${name}`} kind={kind} name={name} />;
        case "overview":
            return <Overview />;
        case "nowhere":
            return <Nowhere />;
    }
}
