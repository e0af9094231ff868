// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors
import { Chart } from "../components/chart.js";
import { Section } from "../components/section.js";
import { byteRate, bytes, number, percent } from "../lib/bytes.js";
import { _, format } from "../lib/gettext.js";
import { between, level, rate, type Point, type Sample } from "../lib/series.js";
import { cacheStatistics, readCounters } from "../state/cachestatistics.js";
import { usePolledState, useSamples } from "../state/polledstate.js";
import type { Cache, Export, Volume } from "../state/objects.js";
import { useStore } from "../state/use.js";

/** Counts for people: few ones with a digit after the point. */
const count = (value: number): string => number(value, value < 10 ? 1 : 0);

/** Operations and bytes that go through a device. */
function Traffic({ samples }: { samples: readonly Sample[] }) {
    return (
        <>
            <Chart
                title={_("Operations a second")}
                test="iops"
                unit={count}
                lines={[
                    { label: _("Reads"), points: rate(samples, "read_ios") },
                    { label: _("Writes"), points: rate(samples, "write_ios") },
                ]}
            />
            <Chart
                title={_("Throughput")}
                test="throughput"
                unit={byteRate}
                binary
                lines={[
                    { label: _("Read"), points: rate(samples, "read_bytes") },
                    { label: _("Written"), points: rate(samples, "write_bytes") },
                ]}
            />
        </>
    );
}

/** Charts of a volume: the RAM that it holds, and its traffic. */
export function VolumeCharts({ it }: { it: Volume }) {
    const samples = useSamples(it.path, "volumes");
    return (
        <Section title={_("Activity")} test="charts">
            <div className="rd-charts">
                <Chart
                    title={_("RAM held")}
                    test="used"
                    unit={bytes}
                    binary
                    end={it.Size}
                    lines={[{ label: _("Held"), points: level(samples, "used") }]}
                />
                <Traffic samples={samples} />
            </div>
        </Section>
    );
}

/** Charts of what an export serves. */
export function ExportCharts({ it }: { it: Export }) {
    const samples = useSamples(it.path, "exports");
    return (
        <Section title={_("Activity")} test="charts">
            <div className="rd-charts">
                <Traffic samples={samples} />
            </div>
        </Section>
    );
}

/** Charts of a cache: how often it had what was read, and what that spared the origin. */
export function CacheCharts({ it }: { it: Cache }) {
    const samples = useSamples(it.path, "caches");
    const { reads, hits } = readCounters(it);
    const now: Point[] = between(samples, (change) => {
        const [read, hit] = [change(reads), change(hits)];
        return read > 0 ? Math.min(1, hit / read) : null;
    });
    const misses = between(samples, (change, seconds) => Math.max(0, change(reads) - change(hits)) / seconds);
    const spared = between(samples, (change, seconds) => (change(hits) * it.BlockSize) / seconds);
    const last = samples.at(-1)?.values;
    const all = last?.["hit_ratio"];
    usePolledState();
    const held = useStore((state) => state.volumes.get(it.Volume)?.Used);
    const statistics = last && cacheStatistics(it, last, held);
    return (
        <Section title={_("Activity")} test="charts">
            <dl className="rd-parts">
                <div>
                    <dt>{_("Hit ratio since the statistics were reset")}</dt>
                    <dd data-test="ratio">
                        {all === undefined || !last?.[reads] ? _("nothing read yet") : percent(all)}
                    </dd>
                </div>
                <div>
                    <dt>{_("Filled")}</dt>
                    <dd data-test="filled">
                        {statistics === undefined || statistics.filled === null
                            ? "–"
                            : format(_("$0 of $1"), bytes(statistics.filled), bytes(statistics.room))}
                    </dd>
                </div>
                {it.Mode === "writeback" && (
                    <div>
                        <dt>{_("Not yet written to the origin, at most")}</dt>
                        <dd data-test="unwritten">{statistics ? bytes(statistics.unwritten) : "–"}</dd>
                    </div>
                )}
                <div>
                    <dt>{_("Hits")}</dt>
                    <dd data-test="hits">{last ? number(last[hits] ?? 0) : "–"}</dd>
                </div>
                <div>
                    <dt>{_("Misses")}</dt>
                    <dd data-test="misses">
                        {last ? number(Math.max(0, (last[reads] ?? 0) - (last[hits] ?? 0))) : "–"}
                    </dd>
                </div>
                <div>
                    <dt>{_("Reads that the origin was spared")}</dt>
                    <dd data-test="spared">{last ? bytes((last[hits] ?? 0) * it.BlockSize) : "–"}</dd>
                </div>
            </dl>
            <div className="rd-charts">
                <Chart
                    title={_("Hit ratio")}
                    test="hit-ratio"
                    unit={percent}
                    end={1}
                    lines={[{ label: _("Of blocks that were read"), points: now }]}
                />
                <Chart
                    title={_("Blocks read a second")}
                    test="hits-misses"
                    unit={count}
                    lines={[
                        { label: _("Hits"), points: rate(samples, hits) },
                        { label: _("Misses"), points: misses },
                    ]}
                />
                <Chart
                    title={_("Traffic that the origin was spared")}
                    test="saved-traffic"
                    unit={byteRate}
                    binary
                    lines={[{ label: _("Read from the cache instead"), points: spared }]}
                />
            </div>
        </Section>
    );
}
