// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Labels of one value. */
export type Labels = Readonly<Record<string, string | number>>;

/** Prometheus text format 0.0.4, or OpenMetrics 1.0.0. */
export type Format = "prometheus" | "openmetrics";

/** Content-Type of each format. */
export const CONTENT_TYPE: Readonly<Record<Format, string>> = {
    prometheus: "text/plain; version=0.0.4; charset=utf-8",
    openmetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8",
};

type KnownValue = number | bigint;
interface Family {
    type: "gauge" | "counter" | "histogram";
    help: string;
    lines: string[];
}

/** Chooses the format that an Accept header prefers (RFC 9110 section 12.5.1); the old one when it does not say. */
export function formatFor(accept: string | undefined): Format {
    const quality = (type: string): number => {
        const entry = (accept ?? "").split(",").find((one) => one.split(";", 1)[0]!.trim().toLowerCase() === type);
        return entry === undefined ? 0 : Number(/;\s*q=([0-9.]+)/i.exec(entry)?.[1] ?? 1);
    };
    return quality("application/openmetrics-text") > quality("text/plain") ? "openmetrics" : "prometheus";
}

/** Collects metrics and writes them as text. */
export class MetricsText {
    private readonly families = new Map<string, Family>();
    private readonly parts: MetricsText[] = [];
    private readonly kept = new Map<Format, string>();

    /** Adds the families of another, which has none of this one's and changes no more: its text is made once. */
    include(part: MetricsText): void {
        this.parts.push(part);
    }

    /** Adds a value of a gauge; one that is not known is left out. */
    gauge(name: string, help: string, value: KnownValue | undefined, labels: Labels = {}): void {
        this.add("gauge", name, help, value, labels);
    }

    /** Adds a value of a counter, whose name ends in _total; one that is not known is left out. */
    counter(name: string, help: string, value: KnownValue | undefined, labels: Labels = {}): void {
        this.add("counter", name, help, value, labels);
    }

    /**
     * Adds a histogram.
     * @param bounds upper bounds of the buckets, in order
     * @param counts how many fell into each bucket and into none before it; one more than there are bounds
     * @param sum of everything that was counted
     */
    histogram(name: string, help: string, bounds: readonly number[], counts: readonly number[], sum: number): void {
        const { lines } = this.family("histogram", name, help);
        let below = 0;
        counts.forEach((count, index) => {
            below += count;
            lines.push(
                line(`${name}_bucket`, { le: bounds[index] === undefined ? "+Inf" : bound(bounds[index]) }, below),
            );
        });
        lines.push(line(`${name}_sum`, {}, sum), line(`${name}_count`, {}, below));
    }

    /** Names of the families that have a value. */
    get names(): string[] {
        return [...this.families.keys(), ...this.parts.flatMap(({ names }) => names)];
    }

    /** Writes the text of everything that was added, each family once. */
    text(format: Format): string {
        const parts = this.parts.map((part) => part.keptText(format)).join("");
        return `${this.familiesText(format)}${parts}${format === "openmetrics" ? "# EOF\n" : ""}`;
    }

    private keptText(format: Format): string {
        let text = this.kept.get(format);
        if (text === undefined) {
            text = this.familiesText(format);
            this.kept.set(format, text);
        }
        return text;
    }

    private familiesText(format: Format): string {
        const open = format === "openmetrics";
        const families = [...this.families].map(([name, { type, help, lines }]) => {
            // There a counter is known without its ending.
            const family = open && type === "counter" ? name.replace(/_total$/, "") : name;
            return `# HELP ${family} ${help}\n# TYPE ${family} ${type}\n${lines.join("")}`;
        });
        return families.join("");
    }

    private add(type: Family["type"], name: string, help: string, value: KnownValue | undefined, labels: Labels): void {
        if (value !== undefined && !Number.isNaN(value)) {
            this.family(type, name, help).lines.push(line(name, labels, value));
        }
    }

    private family(type: Family["type"], name: string, help: string): Family {
        let family = this.families.get(name);
        if (family === undefined) {
            family = { type, help, lines: [] };
            this.families.set(name, family);
        }
        return family;
    }
}

/** OpenMetrics wants a bound to look like a float. */
function bound(value: number): string {
    return Number.isInteger(value) ? `${value}.0` : String(value);
}

function line(name: string, labels: Labels, value: KnownValue): string {
    return `${name}${labelsText(labels)} ${value}\n`;
}

/** Labels as they are written. Those of an object are the same for all of its values: they are written once. */
const written = new WeakMap<Labels, string>();

function labelsText(labels: Labels): string {
    let text = written.get(labels);
    if (text === undefined) {
        for (const label in labels) {
            text = `${text === undefined ? "{" : `${text},`}${label}="${escapeLabel(String(labels[label]))}"`;
        }
        text = text === undefined ? "" : `${text}}`;
        written.set(labels, text);
    }
    return text;
}

function escapeLabel(text: string): string {
    if (!/[\\"\n]/.test(text)) {
        return text;
    }
    return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
