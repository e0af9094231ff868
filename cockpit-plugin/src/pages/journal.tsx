// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import cockpit from "cockpit";
import { Button } from "@patternfly/react-core";
import { useEffect, useState } from "react";
import { Section } from "../components/section.js";
import { moment } from "../lib/bytes.js";
import { _ } from "../lib/gettext.js";
import { parseJournal, type JournalEntry } from "../lib/journal.js";
import { useStore } from "../state/use.js";

const UNITS = ["rapiddiskd.service", "rapiddisk-rest.service"];
/** Lines that are shown. */
const LINES = 10;

/** The newest lines that the service wrote to the journal, as they come. */
function useJournal(): { entries: readonly JournalEntry[]; problem: boolean } {
    const [entries, setEntries] = useState<readonly JournalEntry[]>([]);
    const [problem, setProblem] = useState(false);
    const access = useStore((state) => state.access);
    useEffect(() => {
        let ended = false;
        let rest = "";
        setEntries([]);
        setProblem(false);
        const process = cockpit.spawn(
            [
                "journalctl",
                "--follow",
                "--quiet",
                "--output=json",
                "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT",
                `--lines=${LINES}`,
                ...UNITS.map((unit) => `--unit=${unit}`),
            ],
            { superuser: "try", err: "ignore" },
        );
        process
            .stream((data) => {
                if (ended) return;
                const parsed = parseJournal(rest + data);
                rest = parsed.rest;
                setEntries((before) => [...before, ...parsed.entries].slice(-LINES));
            })
            .catch(() => {
                if (!ended) setProblem(true);
            });
        return () => {
            ended = true;
            process.close("cancelled");
        };
    }, [access]);
    return { entries, problem };
}

/** What the service wrote last, with the way to the rest of it. */
export function Journal() {
    const { entries, problem } = useJournal();
    const all = `/system/logs#/?priority=info&service=${UNITS.join(",")}`;
    return (
        <Section
            title={_("Journal")}
            test="journal"
            actions={
                <Button variant="link" isInline onClick={() => cockpit.jump(all)} data-test="all-logs">
                    {_("View all logs")}
                </Button>
            }
        >
            {problem && <p className="rd-quiet">{_("The journal cannot be read.")}</p>}
            {!problem && entries.length === 0 && <p className="rd-quiet">{_("Nothing was written yet.")}</p>}
            <ol className="rd-journal" reversed>
                {[...entries].reverse().map((entry) => (
                    <li key={entry.cursor} className={entry.priority <= 3 ? "rd-journal-bad" : undefined}>
                        <time dateTime={new Date(entry.at).toISOString()}>{moment(entry.at)}</time>
                        <span dir="ltr">{entry.message}</span>
                    </li>
                ))}
            </ol>
        </Section>
    );
}
