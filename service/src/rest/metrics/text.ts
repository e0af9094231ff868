// SPDX-License-Identifier: LGPL-2.1-or-later
// Copyright (C) 2026 The RapidDisk Manager authors

/** Labels of one value. */
export type Labels = Readonly<Record<string, string | number>>;

interface Family {
    type: "gauge" | "counter";
    help: string;
    lines: string[];
}

/** Collects figures and writes them in the Prometheus text format, version 0.0.4. */
export class MetricsText {
    private readonly families = new Map<string, Family>();

    /** Adds a value of a gauge; one that is not known is left out. */
    gauge(name: string, help: string, value: number | bigint | undefined, labels: Labels = {}): void {
        this.add("gauge", name, help, value, labels);
    }

    /** Adds a value of a counter; one that is not known is left out. */
    counter(name: string, help: string, value: number | bigint | undefined, labels: Labels = {}): void {
        this.add("counter", name, help, value, labels);
    }

    /** The text of everything that was added, each family once. */
    toString(): string {
        return [...this.families]
            .map(([name, { type, help, lines }]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`)
            .join("");
    }

    private add(
        type: Family["type"],
        name: string,
        help: string,
        value: number | bigint | undefined,
        labels: Labels,
    ): void {
        if (value === undefined || Number.isNaN(value)) {
            return;
        }
        let family = this.families.get(name);
        if (family === undefined) {
            family = { type, help, lines: [] };
            this.families.set(name, family);
        }
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(String(text))}"`);
        family.lines.push(`${name}${pairs.length > 0 ? `{${pairs.join(",")}}` : ""} ${value}\n`);
    }
}

function escapeLabel(text: string): string {
    return text.replace(/\\/g, "\\\\").replace(/"/g, '\\"').replace(/\n/g, "\\n");
}
