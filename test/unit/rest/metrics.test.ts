// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { BusError } from "../../../service/src/client/index.js";
import { THROUGH_STATISTICS, WRITEBACK_STATISTICS } from "../../../service/src/statisticnames.js";
import { Misses } from "../../../service/src/rest/metrics/misses.js";
import { CONTENT_TYPE, formatFor, MetricsText } from "../../../service/src/rest/metrics/text.js";
import { Traffic } from "../../../service/src/rest/metrics/traffic.js";
import { metrics } from "../../../service/src/rest/metrics/values.js";

type Bridge = Parameters<typeof metrics>[0];

const read = (path: string): string =>
    readFileSync(fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url)), "utf8");

const VOLUME_STATISTICS =
    "used errors read_ios read_bytes read_ms write_ios write_bytes write_ms discard_ios discard_bytes in_flight io_ms";
const path = (kind: string, label: string): string => `/org/rapiddisk/Manager/${kind}/${label}`;
const NQN = "nqn.2014-08.org.example:one";
const cache = (name: string, mode: string): object => ({
    Name: name,
    Volume: path("volumes", "rd0"),
    Source: "/dev/sdb",
    Mode: mode,
    BlockSize: 4096,
});
const numbers = (names: readonly string[]): Map<string, number> => new Map(names.map((name, at) => [name, 100 - at]));

/** A host on which there is one of everything. */
function everything(connections: readonly object[] = [], present = true): Bridge {
    const objects: Record<string, Map<string, object>> = {
        volumes: new Map([
            [
                path("volumes", "rd0"),
                { Name: "rd0", Device: "/dev/rd0", Size: 1048576n, ReadOnly: false, Persistent: true },
            ],
        ]),
        caches: new Map([
            [path("caches", "t"), cache("rc-wt_sdb", "write-through")],
            [path("caches", "b"), cache("rc-wb_sdb", "writeback")],
        ]),
        ports: new Map([
            [
                path("ports", "1"),
                {
                    Id: 1,
                    Transport: "tcp",
                    Address: "127.0.0.1",
                    Interface: "lo",
                    Exports: [path("exports", "one")],
                },
            ],
        ]),
        exports: new Map([
            [
                path("exports", "one"),
                {
                    Nqn: NQN,
                    Uuid: "6f1f",
                    Device: "/dev/rd0",
                    Backing: path("volumes", "rd0"),
                    Enabled: true,
                    AllowAnyHost: false,
                    AllowedHosts: ["nqn.2014-08.org.example:host"],
                    Ports: [path("ports", "1")],
                    Managed: true,
                },
            ],
        ]),
    };
    const root = {
        Version: "1",
        MemoryTotal: 4n,
        MemoryAvailable: 3n,
        MemoryUsed: 2n,
        MemoryCommitted: 1n,
        MemoryFree: 6n,
        Problems: [],
    };
    const polled = {
        root: { get: () => root },
        statistics: {
            get: () =>
                new Map([
                    [path("volumes", "rd0"), numbers(VOLUME_STATISTICS.split(" "))],
                    [path("caches", "t"), numbers([...THROUGH_STATISTICS, "origin_errors"])],
                    [path("caches", "b"), numbers(WRITEBACK_STATISTICS)],
                ]),
        },
        connections: { get: () => new Map([[path("exports", "one"), connections]]) },
    };
    const whenPresent = (): Promise<void> => (present ? Promise.resolve() : Promise.reject(new Error("not there")));
    const all = (kind: string): unknown => objects[kind] ?? new Map();
    return { objects: { present, whenPresent, all }, polled, version: "1" } as unknown as Bridge;
}

const connected = { port: 1, transport: "tcp", known: true, exclusive: true, hosts: ["192.0.2.1", "192.0.2.2"] };

function busy(): Traffic {
    const traffic = new Traffic();
    traffic.ended(200, traffic.began());
    traffic.called({ interface: "org.rapiddisk.Manager", member: "ListVolumes" } as never, undefined);
    return traffic;
}

const emitted = async (): Promise<string[]> => (await metrics(everything([connected]), busy())).names;

/** Names of time series in an expression, without what a histogram adds. */
function namesIn(expression: string): string[] {
    const plain = expression.replace(/\{[^}]*\}|\[[^\]]*\]|\b(by|on|without)\s*\([^)]*\)/g, " ");
    return [...plain.matchAll(/\b(rapiddisk|process|nodejs)_[a-z_]+\b/g)].map(([name]) =>
        name.replace(/(_duration_seconds)_(bucket|sum|count)$/, "$1"),
    );
}

describe("metrics for Prometheus", () => {
    it("the alerts use only names that the bridge writes", async () => {
        const names = await emitted();
        const { groups } = parse(read("metrics/alerts.yml")) as {
            groups: { rules: { alert: string; expr: string }[] }[];
        };
        const rules = groups.flatMap((group) => group.rules);
        assert.ok(rules.length >= 8);
        for (const { alert, expr } of rules) {
            const used = namesIn(expr);
            assert.ok(used.length > 0, `${alert}: ${expr}`);
            for (const name of used) assert.ok(names.includes(name), `${alert} uses ${name}, which nobody writes`);
        }
    });

    it("the dashboard uses only names that the bridge writes", async () => {
        const names = await emitted();
        const { panels, templating } = JSON.parse(read("metrics/grafana.json")) as {
            panels: { title: string; targets: { expr: string }[] }[];
            templating: { list: { query: string }[] };
        };
        const expressions = [
            ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
            ...templating.list.map(({ query }) => ["templating", query] as const),
        ];
        assert.ok(panels.length >= 6);
        for (const [title, expr] of expressions) {
            const used = namesIn(expr);
            assert.ok(used.length > 0 || title === "templating", `${title}: ${expr}`);
            for (const name of used) assert.ok(names.includes(name), `${title} uses ${name}, which nobody writes`);
        }
    });

    it("every name is in the documentation, and there is none that nobody writes", async () => {
        const rows =
            read("rest.md")
                .split("## Metrics for Prometheus")[1]!
                .match(/^\| `.*$/gm) ?? [];
        const told = rows.flatMap((row) =>
            [...row.split(" | ")[0]!.matchAll(/`([^`]+)`/g)].flatMap(([, name]) =>
                spelt(name!.replace(/\{op\}|\{[a-z]+\}$/g, "")),
            ),
        );
        const named = new Set((await emitted()).map((name) => name.replace(/^rapiddisk_/, "")));
        named.add("nodejs_eventloop_lag_seconds"); // Known once the first timer has run.
        assert.deepEqual([...told].sort(), [...named].sort());
    });

    it("the budget is what volumes take and what they may take in addition", async () => {
        const text = (await metrics(everything(), new Traffic())).text("prometheus");
        assert.match(text, /^rapiddisk_memory_committed_bytes 1$/m);
        assert.match(text, /^rapiddisk_memory_budget_bytes 7$/m);
    });

    it("texts of objects are kept until the statistics, the connections or an object change", async () => {
        const bridge = everything([connected]) as unknown as {
            objects: { revision: number; all: (kind: string) => unknown };
            polled: Record<"statistics" | "connections", { get: () => unknown }>;
        };
        const { objects, polled } = bridge;
        const { all } = objects;
        let looks = 0;
        objects.revision = 1;
        objects.all = (kind) => {
            looks += Number(kind === "volumes");
            return all(kind);
        };
        const reads = { statistics: polled.statistics.get, connections: polled.connections.get };
        const hold = (name: "statistics" | "connections"): void => {
            const reading = reads[name]();
            polled[name] = { get: () => reading };
        };
        hold("statistics");
        hold("connections");
        const scrape = async (): Promise<string> =>
            (await metrics(bridge as unknown as Bridge, new Traffic())).text("openmetrics");
        const first = await scrape();
        assert.match(first, /^rapiddisk_volume_allocated_bytes\{volume="rd0"\} 100$/m);
        assert.match(await scrape(), /^rapiddisk_volume_allocated_bytes\{volume="rd0"\} 100$/m);
        assert.equal(looks, 1);
        objects.revision = 2;
        await scrape();
        assert.equal(looks, 2);
        for (const name of ["statistics", "connections"] as const) {
            hold(name);
            await scrape();
        }
        assert.equal(looks, 4);
    });

    it("what is not known is left out", async () => {
        const { names } = await metrics(everything([{ ...connected, known: false }]), new Traffic());
        for (const name of ["rapiddisk_export_connections", "rapiddisk_export_hosts_connected"]) {
            assert.ok(!names.includes(name), name);
        }
        const shared = (await metrics(everything([{ ...connected, exclusive: false }]), new Traffic())).text(
            "prometheus",
        );
        assert.match(shared, /^rapiddisk_export_connections\{port="1",transport="tcp"\} 2$/m);
        assert.doesNotMatch(shared, /rapiddisk_export_hosts_connected/);
        const gone = await metrics(everything([connected], false), new Traffic());
        assert.deepEqual(
            gone.names.filter((name) => name.startsWith("rapiddisk_")),
            ["rapiddisk_request_duration_seconds", "rapiddisk_service_up"],
        );
    });

    it("a service that leaves while it is asked is told, and what the bridge knows of itself is still there", async () => {
        const leaving = everything();
        const gone = new BusError("org.freedesktop.DBus.Error.NoReply", "It left.");
        (leaving.polled as unknown as { root: unknown }).root = { get: () => Promise.reject(gone) };
        const text = (await metrics(leaving, new Traffic())).text("prometheus");
        assert.match(text, /^rapiddisk_service_up 0$/m);
        assert.match(text, /^process_open_fds \d+$/m);
        assert.doesNotMatch(text, /rapiddisk_(volume|memory|cache|export|port)_/);
    });

    it("a service that was not there is looked for again by a scrape alone", async () => {
        const absent = everything([], false);
        const { objects } = absent as unknown as { objects: { present: boolean; whenPresent: () => Promise<void> } };
        objects.whenPresent = () => ((objects.present = true), Promise.resolve());
        await metrics(absent, new Traffic());
        const text = (await metrics(absent, new Traffic())).text("prometheus");
        assert.match(text, /^rapiddisk_service_up 1$/m);
    });

    it("misses only go down when the kernel begins to count again", () => {
        const misses = new Misses();
        const told = (
            [
                [1000, 900],
                [2000, 1901],
                [2000, 1950],
                [2100, 1950],
                [10, 12],
                [20, 12],
            ] as const
        ).map(([reads, hits]) => misses.of("rc-wt_sdb", reads, hits));
        assert.deepEqual(told, [100, 100, 100, 150, 0, 8]);
        assert.equal(misses.of("rc-wt_sdb", undefined, 3), undefined);
        assert.equal(misses.of("other", 5, 1), 4);
    });

    it("count answers by how long they took", () => {
        const traffic = new Traffic();
        traffic.ended(200, traffic.began() - 3);
        traffic.ended(200, traffic.began() - 60_000);
        traffic.ended(200, undefined);
        assert.equal(
            traffic.byTime.reduce((sum, count) => sum + count),
            2,
        );
        assert.deepEqual([traffic.byTime[0], traffic.byTime.at(-1), traffic.byCode.get(200)], [0, 1, 3]);
        assert.ok(traffic.seconds > 60);
    });

    it("are written in the format that is asked for", () => {
        const text = new MetricsText();
        text.counter("x_total", "Help", 1, { a: 'quote " backslash \\ line \n' });
        text.histogram("y_seconds", "Help", [0.5, 1], [1, 0, 2], 7);
        text.counter("x_total", "Help", 2n);
        text.gauge("z", "Help", undefined);
        text.gauge("z", "Help", NaN);
        const label = '{a="quote \\" backslash \\\\ line \\n"}';
        const y =
            '# HELP y_seconds Help\n# TYPE y_seconds histogram\ny_seconds_bucket{le="0.5"} 1\ny_seconds_bucket{le="1.0"} 1\n' +
            'y_seconds_bucket{le="+Inf"} 3\ny_seconds_sum 7\ny_seconds_count 3\n';
        assert.equal(
            text.text("prometheus"),
            `# HELP x_total Help\n# TYPE x_total counter\nx_total${label} 1\nx_total 2\n${y}`,
        );
        assert.equal(
            text.text("openmetrics"),
            `# HELP x Help\n# TYPE x counter\nx_total${label} 1\nx_total 2\n${y}# EOF\n`,
        );
    });

    const open = "application/openmetrics-text";
    for (const [accept, format] of [
        [undefined, "prometheus"],
        ["*/*", "prometheus"],
        ["text/html", "prometheus"],
        [`${open};version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, "openmetrics"],
        [`${open}; version=1.0.0`, "openmetrics"],
        [`text/plain, ${open};q=0.5`, "prometheus"],
        [`${open};q=0`, "prometheus"],
    ] as const) {
        it(`Accept: ${accept} gets ${CONTENT_TYPE[format]}`, () => assert.equal(formatFor(accept), format));
    }
});

/** Spells out a{b,c}d as abd and acd, more than once. */
function spelt(name: string): string[] {
    const match = /^([^{]*)\{([^}]*)\}(.*)$/.exec(name);
    return match === null ? [name] : match[2]!.split(",").flatMap((word) => spelt(`${match[1]}${word}${match[3]}`));
}
