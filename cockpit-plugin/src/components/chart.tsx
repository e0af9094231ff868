// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Button } from "@patternfly/react-core";
import { useId, useState } from "react";
import { clock } from "../lib/bytes.js";
import { _, format } from "../lib/gettext.js";
import { areaPath, linePath, niceEnd, type ChartBox } from "../lib/scale.js";
import { summary, type Point } from "../lib/series.js";
import { SPAN } from "../state/polledstate.js";
import "./chart.css";

/** One line of a chart. */
export interface Line {
    readonly label: string;
    readonly points: readonly Point[];
}

interface Props {
    title: string;
    test: string;
    lines: readonly Line[];
    /** Writes a value for people. */
    unit: (value: number) => string;
    /** Whether values count in 1024s. */
    binary?: boolean;
    /** The end of the axis where it is known; else it fits the highest value. */
    end?: number;
}

/** The look of each line. */
const colours = ["rd-line-0", "rd-line-1"];
const size = { width: 600, height: 120 };

/**
 * Lines over the last two minutes. Who cannot see them gets the same in words, or as a table. Time runs to the right in
 * every language, as in other pages of Cockpit.
 */
export function Chart({ title, test, lines, unit, binary = false, end }: Props) {
    const [table, setTable] = useState(false);
    const id = useId();
    const to = Math.max(0, ...lines.map(({ points }) => points.at(-1)?.at ?? 0));
    const facts = lines.map(({ label, points }) => ({ label, points, facts: summary(points) }));
    const highest = Math.max(0, ...facts.map((one) => one.facts?.highest ?? 0));
    const box: ChartBox = { ...size, from: to - SPAN, to, end: end ?? niceEnd(highest, binary) };
    const said = facts
        .map(({ label, facts }) =>
            facts
                ? format(
                      _("$0: now $1, highest $2, mean $3."),
                      label,
                      unit(facts.now),
                      unit(facts.highest),
                      unit(facts.mean),
                  )
                : format(_("$0: no values yet."), label),
        )
        .join(" ");
    return (
        <figure className="rd-chart" aria-labelledby={id} data-test={test}>
            <figcaption className="rd-chart-head">
                <h3 id={id}>{title}</h3>
                <Button
                    variant="link"
                    isInline
                    onClick={() => setTable(!table)}
                    aria-pressed={table}
                    data-test="as-table"
                >
                    {table ? _("Show as chart") : _("Show as table")}
                </Button>
            </figcaption>
            <ul className="rd-legend">
                {facts.map(({ label, facts }, index) => (
                    <li key={label}>
                        <span className={`rd-swatch ${colours[index]}`} aria-hidden="true" />
                        {label} <strong data-test={`now-${index}`}>{facts ? unit(facts.now) : "–"}</strong>
                    </li>
                ))}
            </ul>
            {table ? (
                <LatestValues lines={lines} unit={unit} title={title} />
            ) : (
                <div className="rd-plot" dir="ltr">
                    <svg
                        role="img"
                        aria-label={`${title}. ${said}`}
                        viewBox={`0 0 ${size.width} ${size.height}`}
                        preserveAspectRatio="none"
                    >
                        {[0, size.height / 2, size.height].map((y) => (
                            <line key={y} className="rd-grid" x1={0} x2={size.width} y1={y} y2={y} />
                        ))}
                        {lines.map(({ label, points }, index) => (
                            <g key={label} className={colours[index]}>
                                <path className="rd-area" d={areaPath(points, box)} />
                                <path className="rd-stroke" d={linePath(points, box)} />
                            </g>
                        ))}
                    </svg>
                    <div className="rd-axis" aria-hidden="true">
                        <span>{unit(box.end)}</span>
                        <span>{unit(box.end / 2)}</span>
                        <span>{unit(0)}</span>
                    </div>
                    <div className="rd-times" aria-hidden="true">
                        <span>{_("2 minutes ago")}</span>
                        <span>{_("now")}</span>
                    </div>
                </div>
            )}
        </figure>
    );
}

/** Shows the newest value of each line as a table. */
function LatestValues({ lines, unit, title }: Pick<Props, "lines" | "unit" | "title">) {
    const times = [...new Set(lines.flatMap(({ points }) => points.map(({ at }) => at)))]
        .sort((a, b) => b - a)
        .slice(0, 30);
    const said = (value: number | null | undefined): string =>
        value === null || value === undefined ? "–" : unit(value);
    return (
        <div className="rd-latest" tabIndex={0} role="region" aria-label={title}>
            <table className="pf-v6-c-table pf-m-compact">
                <thead className="pf-v6-c-table__thead">
                    <tr className="pf-v6-c-table__tr">
                        <th className="pf-v6-c-table__th" scope="col">
                            {_("Time")}
                        </th>
                        {lines.map(({ label }) => (
                            <th key={label} className="pf-v6-c-table__th" scope="col">
                                {label}
                            </th>
                        ))}
                    </tr>
                </thead>
                <tbody className="pf-v6-c-table__tbody">
                    {times.map((at) => (
                        <tr key={at} className="pf-v6-c-table__tr">
                            <td className="pf-v6-c-table__td">{clock(at)}</td>
                            {lines.map(({ label, points }) => (
                                <td key={label} className="pf-v6-c-table__td">
                                    {said(points.find((point) => point.at === at)?.value)}
                                </td>
                            ))}
                        </tr>
                    ))}
                </tbody>
            </table>
        </div>
    );
}
